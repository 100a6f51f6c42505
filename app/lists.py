"""Pages of lists: a bare JSON array, and a Link header with an opaque cursor where there may be more."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.parameters import Kind


def json_response(body: str, status: int = 200) -> Response:
    """A response with JSON that PostgreSQL has made."""
    return Response(body, status, content_type="application/json")


def page_response(page: dict[str, Any]) -> Response:
    """The page (body, last_place) that a list query answered, with the way to the next one."""
    response = json_response(page["body"])
    if page["last_place"] is not None:
        cursor = base64.urlsafe_b64encode(page["last_place"].encode()).decode()
        query = urlencode({**request.args, "cursor": cursor})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response


def cursor(time: Kind, tie: Kind) -> Kind:
    """A cursor: the place of a page's last row, as its time and what breaks ties."""

    def kind(value: str) -> tuple[Any, Any]:
        try:
            after_time, after_tie = json.loads(base64.urlsafe_b64decode(value.encode()))
            return time(after_time), tie(str(after_tie))
        except (ValueError, TypeError, RecursionError):
            raise ValueError("it has to be the cursor of a Link header") from None

    return kind
