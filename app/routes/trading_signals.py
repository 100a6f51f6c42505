"""Trading signals, and what agents did with them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import (
    csv_response,
    document_response,
    json_response,
    list_response,
    no_content,
    written_response,
)
from app.authentication import as_user, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body
from app.rate_limits import limited_by_user

bp = Blueprint("trading_signals", __name__)


@bp.get("/trading-signals")
@needs_scope("signals")
@operation(Operation(answers="trading_signals", is_list=True, parameters="list_trading_signals"))
def list_trading_signals() -> Response:
    """The user's signals and those for everyone, newest first."""
    return list_response("list_trading_signals")


@bp.post("/trading-signals")
@needs_scope("signals", "feed")
@limited_by_user("signals")
@operation(
    Operation(
        answers="trading_signals",
        body="create_trading_signal",
        status=201,
        can_dry_run=True,
        has_key=True,
        errors=(429,),
    )
)
def create_trading_signal() -> Response:
    """Make a signal: for everyone with a key that has the scope feed, else for the user's own agents.

    The same Idempotency-Key again answers the first result. The same token, type and strength within 60 seconds is a
    duplicate.
    """
    key, body = idempotency_key(), read_body()
    is_for_everyone = g.caller.reaches("feed")
    owner: UUID | None = None if is_for_everyone else g.user_id
    return written_response(
        lambda connection: queries.create_trading_signal(connection, owner=owner, request=body, idempotency_key=key),
        as_operator=is_for_everyone,
    )


@bp.get("/trading-signals/export")
@needs_scope("signals")
@operation(
    Operation(answers="trading_signals", is_list=True, parameters="export_trading_signals", media_type="text/csv")
)
def export_trading_signals() -> Response:
    """All signals under the filters as CSV, their times in a time zone."""
    return csv_response("list_trading_signals")


@bp.get("/trading-signals/<int:signal_id>")
@needs_scope("signals")
@operation(Operation(answers="trading_signals"))
def get_trading_signal(signal_id: int) -> Response:
    """One signal, the user's or for everyone."""
    return document_response(lambda connection: queries.get_trading_signal(connection, owner=g.user_id, id=signal_id))


@bp.put("/trading-signals/<int:signal_id>")
@needs_scope("signals")
@operation(Operation(answers="trading_signals", body="update_trading_signal", can_dry_run=True))
def update_trading_signal(signal_id: int) -> Response:
    """Change the fields of a signal of the user that the request has, as long as no agent acted on it.

    null empties a field that may be empty.
    """
    body = read_body()
    return json_response(
        as_user(
            lambda connection: queries.update_trading_signal(connection, owner=g.user_id, id=signal_id, request=body)
        )
    )


@bp.delete("/trading-signals/<int:signal_id>")
@needs_scope("signals")
@operation(Operation(status=204, can_dry_run=True))
def delete_trading_signal(signal_id: int) -> Response:
    """Delete a signal of the user, as long as no agent acted on it."""
    return no_content(lambda connection: queries.delete_trading_signal(connection, owner=g.user_id, id=signal_id))


@bp.get("/trading-signals/<int:signal_id>/executions")
@needs_scope("signals")
@operation(Operation(answers="signal_executions", is_list=True, parameters="list_executions_of_signal"))
def list_executions_of_signal(signal_id: int) -> Response:
    """What the user's agents did with a signal, the last first."""
    return list_response("list_executions_of_signal", signalId=signal_id)


@bp.get("/signal-executions")
@needs_scope("signals")
@operation(Operation(answers="signal_executions", is_list=True, parameters="list_signal_executions"))
def list_signal_executions() -> Response:
    """What the user's agents did with signals, with the reason of every skip, the last first."""
    return list_response("list_signal_executions")
