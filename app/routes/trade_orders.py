"""Orders of agents with live wallets, for the executors that hold the wallets' keys."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, list_response, written_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body

bp = Blueprint("trade_orders", __name__)


@bp.get("/trade-orders")
@needs_scope("trade")
@operation(Operation(answers="trade_orders", is_list=True, parameters="list_trade_orders"))
def list_trade_orders() -> Response:
    """The user's orders, newest first."""
    return list_response("list_trade_orders")


@bp.get("/trade-orders/<uuid:order_id>")
@needs_scope("trade")
@operation(Operation(answers="trade_orders"))
def get_trade_order(order_id: UUID) -> Response:
    """One order."""
    return document_response(lambda connection: queries.get_trade_order(connection, owner=g.user_id, id=order_id))


@bp.post("/trade-orders/claim")
@needs_scope("trade")
@operation(
    Operation(
        answers="trade_orders", is_list=True, has_pages=False, body="claim_orders", can_dry_run=True, has_key=True
    )
)
def claim_orders() -> Response:
    """Claim orders, sales first, then the oldest: nobody else gets them until the lease ends.

    The same Idempotency-Key again answers the orders of the first time. An order whose lease has run out can be claimed
    by anybody; whoever is late looks at claimedUntil before he executes it.
    """
    key, body = idempotency_key(), read_body()
    return written_response(
        lambda connection: queries.claim_orders(connection, owner=g.user_id, request=body, idempotency_key=key), 200
    )


@bp.post("/trade-orders/<uuid:order_id>/fill")
@needs_scope("trade")
@operation(Operation(answers="trade_orders", body="fill_order", can_dry_run=True))
def fill_order(order_id: UUID) -> Response:
    """Book what was done for a claimed order on the chain, be its lease or the order expired meanwhile.

    The same signature again answers the first result.
    """
    body = read_body()
    return written_response(
        lambda connection: queries.fill_order(connection, owner=g.user_id, id=order_id, request=body), 200
    )


@bp.post("/trade-orders/<uuid:order_id>/fail")
@needs_scope("trade")
@operation(Operation(answers="trade_orders", body="fail_order", can_dry_run=True))
def fail_order(order_id: UUID) -> Response:
    """End a claimed order that could not be executed; the same again changes nothing."""
    body = read_body()
    return written_response(
        lambda connection: queries.fail_order(connection, owner=g.user_id, id=order_id, request=body), 200
    )
