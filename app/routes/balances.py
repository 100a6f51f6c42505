"""Balances: read only, since a balance is the sum of its transactions."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g, request

from app.answers import document_response, list_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation

bp = Blueprint("balances", __name__)


@bp.get("/agent-balances")
@needs_scope("balances")
@operation(Operation(answers="balances", is_list=True, parameters="list_balances"))
def list_balances() -> Response:
    """The user's balances, the last changed first; with `at` those of that instant."""
    return list_response("list_balances_at" if "at" in request.args else "list_balances")


@bp.get("/agent-balances/<uuid:balance_id>")
@needs_scope("balances")
@operation(Operation(answers="balances"))
def get_balance(balance_id: UUID) -> Response:
    """One balance."""
    return document_response(lambda connection: queries.get_balance(connection, owner=g.user_id, id=balance_id))
