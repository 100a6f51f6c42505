"""Query parameters, headers and bodies of requests, as they came: PostgreSQL says what they may hold."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import request

from app.errors import Problem


def url_parameters(**of_path: Any) -> dict[str, str]:
    """The query parameters by name, with those of the path, and without dry_run, which is not the database's.

    Raises Problem 400 where one is given twice.
    """
    for name, texts in request.args.lists():
        if name in of_path:
            raise Problem(400, "field_unknown", "The request has a parameter that does not exist", name, name)
        if len(texts) > 1:
            raise Problem(400, "field_not_valid", "A parameter is given more than once", name, name)
        if "\0" in name + texts[0]:
            raise Problem(400, "field_not_valid", "A parameter is not of its type", "it holds a null byte", name)
    of_query = {name: text for name, text in request.args.items() if name != "dry_run"}
    return of_query | {name: str(value) for name, value in of_path.items()}


def dry_run() -> bool:
    """Whether everything is to be taken back when it is done. Raises Problem 400."""
    text = request.args.get("dry_run", "false")
    if text not in ("true", "false"):
        raise Problem(400, "field_not_valid", "A parameter is not of its type", "it has to be true or false", "dry_run")
    return text == "true"


def idempotency_key() -> str | None:
    """The request's Idempotency-Key, None where absent. Raises Problem 400 where it is no UUID."""
    text = request.headers.get("Idempotency-Key")
    if text is not None and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise Problem(400, "field_not_valid", "A header is not of its type", "Idempotency-Key: it has to be a UUID")
    return None if text is None else str(uuid.UUID(text))


def read_body() -> str:
    """The request's JSON, unread: PostgreSQL parses it. Raises Problem 415, 400, RequestEntityTooLarge."""
    if not request.is_json:
        raise Problem(415, "unsupported_media_type", "The body has to be application/json")
    try:
        body = request.get_data().decode()
        if request.content_length is None:
            request.stream.read(1)  # Werkzeug cuts a body in chunks off at the limit, and raises when more is asked for
        return body
    except UnicodeDecodeError:
        raise Problem(400, "malformed", "The request is not well-formed", "It is not text in UTF-8") from None
