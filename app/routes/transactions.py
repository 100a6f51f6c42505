"""Transactions: the facts that everything else follows from."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, json_response, list_response, written_response
from app.authentication import as_user, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body, url_parameters

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


@bp.post("/agent-transactions/batch")
@needs_scope("trade")
@operation(
    Operation(
        answers="batch_results",
        is_list=True,
        has_pages=False,
        parameters="record_batch",
        body="record_transaction",
        most_items=10_000,
        largest_body=20_000_000,
        can_dry_run=True,
    )
)
def record_batch() -> Response:
    """Book up to 10,000 transactions, all or none, or one by one; what became of each, in order.

    All together are judged at the end, so that a sale may stand before its buy. Give each an id or a transactionHash:
    then the same batch again answers the same, and without them it is booked again.
    """
    parameters, body = json.dumps(url_parameters()), read_body()
    return json_response(
        as_user(
            lambda connection: queries.record_batch(connection, owner=g.user_id, requests=body, parameters=parameters)
        )
    )


@bp.patch("/agent-transactions/<uuid:transaction_id>")
@needs_scope("trade")
@operation(Operation(answers="transactions", body="describe_transaction", can_dry_run=True))
def describe_transaction(transaction_id: UUID) -> Response:
    """Change what only describes a transaction: routes, payload, slippage, price impact, a signature that it lacks."""
    body = read_body()
    return json_response(
        as_user(
            lambda connection: queries.describe_transaction(
                connection, owner=g.user_id, id=transaction_id, request=body
            )
        )
    )


@bp.post("/agent-transactions/<uuid:transaction_id>/void")
@needs_scope("trade")
@operation(Operation(answers="transactions", body="void_transaction", can_dry_run=True))
def void_transaction(transaction_id: UUID) -> Response:
    """Void a transaction for a reason: it stays, marked, and counts no more."""
    return _void(transaction_id, read_body())


@bp.delete("/agent-transactions/<uuid:transaction_id>")
@needs_scope("trade")
@operation(Operation(answers="transactions", parameters="void_transaction", can_dry_run=True))
def delete_transaction(transaction_id: UUID) -> Response:
    """Void a transaction for a reason: a fact is never deleted."""
    return _void(transaction_id, json.dumps(url_parameters()))


def _void(transaction_id: UUID, request: str) -> Response:
    return json_response(
        as_user(lambda connection: queries.void_transaction(connection, id=transaction_id, request=request))
    )


@bp.post("/agent-transactions/<uuid:transaction_id>/correct")
@needs_scope("trade")
@operation(Operation(answers="transactions", body="correct_transaction", status=201, can_dry_run=True))
def correct_transaction(transaction_id: UUID) -> Response:
    """Void a transaction and book another in its place, in one step, judged at the end.

    The same again answers the first result.
    """
    body = read_body()
    return written_response(lambda connection: queries.correct_transaction(connection, id=transaction_id, request=body))
