"""What each URL takes and answers, said beside its view; app.openapi tells it to clients."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from flask import g, request

from app.errors import Problem
from app.parameters import dry_run, url_parameters

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Operation:
    """What a view takes and answers."""

    answers: str | None = None
    """The view or type of schema api that its documents are rows of; None where it answers no JSON of that kind."""
    is_list: bool = False
    """Whether it answers an array of them."""
    has_pages: bool = True
    """Whether such an array comes in pages, and as CSV."""
    parameters: str | None = None
    """The request of api.request_fields that its parameters are; None where it takes none."""
    body: str | None = None
    """The request of api.request_fields that its body is; None where it takes none."""
    most_items: int | None = None
    """How many of them the body may be, an array then."""
    largest_body: int | None = None
    """The bytes that the body may have; None is the service's limit."""
    status: int = 200
    """What it answers when all is well."""
    can_dry_run: bool = False
    """Whether ?dry_run=true does everything and takes it back."""
    has_key: bool = False
    """Whether it takes an Idempotency-Key."""
    media_type: str = "application/json"
    """What it answers by itself."""
    errors: tuple[int, ...] = field(default=())
    """Statuses of its own failures, beyond those that follow from the rest."""


def operation(described: Operation) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """A view that takes and answers what is said here. Raises Problem 400 for a parameter that it does not take."""

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @functools.wraps(view)
        def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            given = url_parameters()
            if described.can_dry_run:
                g.dry_run = dry_run()
            elif "dry_run" in request.args:
                raise Problem(400, "field_unknown", "The request has a parameter that does not exist", "", "dry_run")
            if "Idempotency-Key" in request.headers and not described.has_key and request.method not in ("GET", "HEAD"):
                # To pass over it would let the client believe that a repeat is none.
                raise Problem(400, "field_unknown", "The request has a header that it does not take", "Idempotency-Key")
            if described.largest_body is not None:
                request.max_content_length = described.largest_body
            if described.parameters is None and given:
                name = min(given)
                raise Problem(400, "field_unknown", "The request has a parameter that does not exist", name, name)
            return view(*args, **kwargs)

        wrapped.operation = described  # type: ignore[attr-defined]
        return wrapped

    return decorate


def is_dry_run() -> bool:
    """Whether the request is to be taken back when it is done."""
    return bool(request) and bool(g.get("dry_run"))
