"""Transactions: the facts that everything else follows from."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.errors import Problem
from app.lists import cursor, json_response, page_response
from app.parameters import (
    DEFAULT_LIMIT,
    identifier,
    instant,
    limit,
    one_of,
    read_body,
    read_header,
    read_parameters,
    text,
)

bp = Blueprint("transactions", __name__)


@bp.get("/agent-transactions")
@needs_scope("transactions")
def list_transactions() -> Response:
    """The user's transactions, newest first."""
    given = read_parameters(
        agentId=identifier,
        walletAddress=text,
        transactionType=one_of("DEPOSIT", "WITHDRAWAL", "SWAP", "BURN"),
        tokenAddress=text,
        startTime=instant,
        endTime=instant,
        limit=limit,
        cursor=cursor(instant, int),
    )
    after_time, after_order = given["cursor"] or (None, None)
    page = as_user(
        lambda connection: queries.list_transactions(
            connection,
            owner=g.user_id,
            agent=given["agentId"],
            wallet=given["walletAddress"],
            kind=given["transactionType"],
            token=given["tokenAddress"],
            start_time=given["startTime"],
            end_time=given["endTime"],
            limit=given["limit"] or DEFAULT_LIMIT,
            after_time=after_time,
            after_order=after_order,
        ),
        read_only=True,
    )
    return page_response(page)


@bp.post("/agent-transactions")
@needs_scope("trade")
def record_transaction() -> Response:
    """Book a transaction; the same id again answers the first result."""
    read_parameters()
    key = read_header("Idempotency-Key", identifier)
    body = read_body()
    recorded = as_user(
        lambda connection: queries.record_transaction(connection, owner=g.user_id, request=body, idempotency_key=key)
    )
    response = json_response(recorded["body"], 201)
    if recorded["is_replayed"]:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@bp.get("/agent-transactions/<uuid:transaction_id>")
@needs_scope("transactions")
def get_transaction(transaction_id: UUID) -> Response:
    """One transaction."""
    read_parameters()
    body = as_user(
        lambda connection: queries.get_transaction(connection, owner=g.user_id, id=transaction_id), read_only=True
    )
    if body is None:
        raise Problem(404, "not_found", "There is no such transaction")
    return json_response(body)
