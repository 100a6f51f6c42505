"""Events: what happens, as it happens, over a connection that stays open."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from flask import Blueprint, Response, current_app, g, request, stream_with_context
from psycopg_pool import PoolTimeout

from app.authentication import as_user, needs_scope
from app.database import begin_call, queries
from app.errors import Problem
from app.events import drop_when_silent, has_gone, listener, number_events
from app.operations import Operation, operation
from app.parameters import url_parameters

if TYPE_CHECKING:
    from socket import socket

bp = Blueprint("events", __name__)

SCOPE_OF_KIND = {
    "transactions": "transactions",
    "positions": "positions",
    "orders": "trade",
    "signals": "signals",
    "prices": "positions",
}
"""The kinds of events, and the scope that reaches each."""

RETRY_MILLISECONDS = 1000
"""How long a client waits before it connects again."""
READ_AT_ONCE = 100

Place = tuple[str, int, bool]
"""Events as text, the place after them, and whether there may be more at once."""


@bp.get("/events")
@needs_scope(*sorted(set(SCOPE_OF_KIND.values())))
@operation(Operation(parameters="stream_events", media_type="text/event-stream", errors=(404, 410)))
def stream_events() -> Response:
    """The user's events as server-sent events, after Last-Event-ID or from now on.

    Each is a document of api.events: scope transactions reaches those of transactions, positions those of positions and
    prices, signals those of signals, trade those of orders. A lost connection is resumed by the id of the last event:
    nothing is missed, and nothing comes twice. 410: the events after that id are not kept any more.
    """
    parameters = url_parameters()
    if "Last-Event-ID" in request.headers:
        parameters["lastEventId"] = request.headers["Last-Event-ID"]
    told = json.dumps(parameters)
    asked = as_user(lambda connection: queries.stream_events(connection, parameters=told), read_only=True)
    agent, kind, after = asked["agent"], asked["kind"], asked["after"]
    kinds = kinds_in_reach(kind)
    if not listener.enter(current_app.config["EVENT_CLIENTS"]):
        raise Problem(503, "too_many_streams", "As many streams are open as this process serves")
    try:
        if after is None:
            after = number_events()
        # Before the answer begins, so that what is wrong is told by a status.
        first = read_events(agent, kinds, after)
        connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
        drop_when_silent(connection, current_app.config["EVENT_HEARTBEAT"])
        stream = tell(connection, agent, kind, after, first)
        response = Response(stream_with_context(stream), content_type="text/event-stream")
    except BaseException:
        listener.leave()
        raise
    # Not at the generator's end: one that was never begun has none.
    response.call_on_close(listener.leave)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def kinds_in_reach(kind: str | None) -> list[str]:
    """The kind that was asked for, or all, as far as the credential's scopes reach. Raises Problem 403."""
    if kind is None:
        return [each for each, scope in SCOPE_OF_KIND.items() if g.caller.reaches(scope)]
    if not g.caller.reaches(SCOPE_OF_KIND[kind]):
        raise Problem(403, "scope_missing", f"The key lacks the scope {SCOPE_OF_KIND[kind]}")
    return [kind]


def read_events(agent: UUID | None, kinds: list[str], after: int) -> Place:
    """What the user is told after a place."""
    *rows, last = as_user(
        lambda connection: list(
            queries.events_after(connection, owner=g.user_id, agent=agent, kinds=kinds, after=after, most=READ_AT_ONCE)
        ),
        read_only=True,
    )
    events = "".join(as_event(row["sequence"], row["kind"], row["document"]) for row in rows)
    return events, last["sequence"], len(rows) == READ_AT_ONCE


def as_event(sequence: int, kind: str, document: str) -> str:
    """A server-sent event. A line's end in JSON is never inside of a string."""
    line = document.replace("\r", " ").replace("\n", " ")
    return f"id: {sequence}\nevent: {kind}\ndata: {line}\n\n"


def tell(connection: socket | None, agent: UUID | None, kind: str | None, after: int, first: Place) -> Iterator[str]:
    """The stream: where the client stands, its events, and a heartbeat that moves its place on where nothing happens.

    Ends where the client or the credential has gone, the database is away, or the process ends; the client then comes
    back, resumes by its last id, and is told why it cannot.
    """
    yield f"retry: {RETRY_MILLISECONDS}\nid: {after}\n\n"
    heartbeat = current_app.config["EVENT_HEARTBEAT"]
    beat_at = time.monotonic() + heartbeat
    events, place, is_more = first
    with suppress(Problem, psycopg.Error, PoolTimeout):
        while True:
            if events:
                yield events
            if time.monotonic() >= beat_at:
                yield f": heartbeat\nid: {place}\n\n"
                beat_at = time.monotonic() + heartbeat
            if not is_more and not listener.wait(place, beat_at, lambda: has_gone(connection)):
                return
            # It has the time of a request, and is refused where the credential has gone.
            begin_call(g.request_id)
            events, place, is_more = read_events(agent, kinds_in_reach(kind), place)
