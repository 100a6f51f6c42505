"""Query parameters and bodies of requests: their shape. What they mean is judged by PostgreSQL."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request

from app.errors import Problem

Kind = Callable[[str], Any]
"""Turns a parameter's text into its value; raises ValueError with the rule."""

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


def read_parameters(**kinds: Kind) -> dict[str, Any]:
    """The query parameters by name, None where absent. Raises Problem 400 for an unknown, repeated or wrong one."""
    for name, texts in request.args.lists():
        if name not in kinds:
            raise Problem(400, "field_unknown", "The request has a parameter that does not exist", name, name)
        if len(texts) > 1:
            raise Problem(400, "field_not_valid", "A parameter is given more than once", name, name)
    values = {}
    for name, kind in kinds.items():
        text = request.args.get(name)
        try:
            values[name] = None if text is None else kind(text)
        except ValueError as error:
            raise Problem(400, "field_not_valid", "A parameter is not of its type", str(error), name) from None
    return values


def read_header(name: str, kind: Kind) -> Any:
    """A header's value, None where absent. Raises Problem 400 where it is wrong."""
    text = request.headers.get(name)
    try:
        return None if text is None else kind(text)
    except ValueError as error:
        raise Problem(400, "field_not_valid", "A header is not of its type", f"{name}: {error}") from None


def read_body() -> str:
    """The request's JSON, unread: PostgreSQL parses it. Raises Problem 415, 400."""
    if not request.is_json:
        raise Problem(415, "unsupported_media_type", "The body has to be application/json")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError:
        raise Problem(400, "malformed", "The request is not well-formed", "It is not text in UTF-8") from None


def text(value: str) -> str:
    """A text of 1 to 255 characters."""
    if not 1 <= len(value) <= 255 or not value.isprintable():
        raise ValueError("it has to be a text of 1 to 255 printable characters")
    return value


def identifier(value: str) -> str:
    """A UUID."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise ValueError("it has to be a UUID") from None


def instant(value: str) -> datetime:
    """An ISO 8601 time with its zone."""
    try:
        # An unescaped + arrives as a space.
        time = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", value))
    except ValueError:
        raise ValueError("it has to be an ISO 8601 time") from None
    if time.tzinfo is None:
        raise ValueError("it has to be an ISO 8601 time with its zone, such as 2026-01-31T12:00:00Z")
    return time


def limit(value: str) -> int:
    """How many rows of a list."""
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= LARGEST_LIMIT:
        raise ValueError(f"it has to be an integer of 1 to {LARGEST_LIMIT}")
    return int(value)


def several_of(*names: str) -> Kind:
    """Some of some names, with commas between them."""

    def kind(value: str) -> list[str]:
        chosen = value.split(",")
        if not set(chosen) <= set(names):
            raise ValueError(f"it has to be some of {','.join(names)}, with commas between them")
        return chosen

    return kind


def event_place(value: str) -> int:
    """The id of an event."""
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise ValueError("it has to be the id of an event")
    return int(value)


def one_of(*names: str) -> Kind:
    """One of some names."""

    def kind(value: str) -> str:
        if value not in names:
            raise ValueError(f"it has to be one of {', '.join(names)}")
        return value

    return kind
