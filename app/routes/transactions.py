"""Transactions: the facts that everything else follows from."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, list_response, written_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body

bp = Blueprint("transactions", __name__)


@bp.get("/agent-transactions")
@needs_scope("transactions")
@operation(Operation(answers="transactions", is_list=True, parameters="list_transactions"))
def list_transactions() -> Response:
    """The user's transactions, newest first."""
    return list_response("list_transactions")


@bp.post("/agent-transactions")
@needs_scope("trade")
@operation(Operation(answers="transactions", body="record_transaction", status=201, can_dry_run=True, has_key=True))
def record_transaction() -> Response:
    """Book a transaction; the same id again answers the first result."""
    key, body = idempotency_key(), read_body()
    return written_response(
        lambda connection: queries.record_transaction(connection, owner=g.user_id, request=body, idempotency_key=key)
    )


@bp.get("/agent-transactions/<uuid:transaction_id>")
@needs_scope("transactions")
@operation(Operation(answers="transactions"))
def get_transaction(transaction_id: UUID) -> Response:
    """One transaction, voided or not."""
    return document_response(lambda connection: queries.get_transaction(connection, owner=g.user_id, id=transaction_id))
