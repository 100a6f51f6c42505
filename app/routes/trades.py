"""Trades that a person or program wants now, in simulation."""

from __future__ import annotations

from flask import Blueprint, Response, g

from app.answers import written_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body

bp = Blueprint("trades", __name__)


@bp.post("/trades/execute")
@needs_scope("trade")
@operation(Operation(answers="transactions", body="execute_trade", status=201, can_dry_run=True, has_key=True))
def execute_trade() -> Response:
    """Buy a token for an agent's simulation wallet now, at the latest price, sized and checked as for a signal.

    The same Idempotency-Key again answers the first result.
    """
    key, body = idempotency_key(), read_body()
    return written_response(
        lambda connection: queries.execute_trade(connection, owner=g.user_id, request=body, idempotency_key=key)
    )
