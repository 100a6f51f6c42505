"""Historical swaps: completed sales and burns with their gain."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.errors import Problem
from app.lists import cursor, json_response, page_response
from app.parameters import DEFAULT_LIMIT, identifier, instant, limit, read_parameters, text

bp = Blueprint("historical_swaps", __name__)


@bp.get("/agent-historical-swaps")
@needs_scope("history")
def list_historical_swaps() -> Response:
    """The user's historical swaps, newest sale first."""
    given = read_parameters(
        agentId=identifier,
        walletAddress=text,
        tokenAddress=text,
        startSaleTime=instant,
        endSaleTime=instant,
        limit=limit,
        cursor=cursor(instant, identifier),
    )
    after_time, after_id = given["cursor"] or (None, None)
    page = as_user(
        lambda connection: queries.list_historical_swaps(
            connection,
            owner=g.user_id,
            agent=given["agentId"],
            wallet=given["walletAddress"],
            token=given["tokenAddress"],
            start_time=given["startSaleTime"],
            end_time=given["endSaleTime"],
            limit=given["limit"] or DEFAULT_LIMIT,
            after_time=after_time,
            after_id=after_id,
        ),
        read_only=True,
    )
    return page_response(page)


@bp.get("/agent-historical-swaps/<uuid:swap_id>")
@needs_scope("history")
def get_historical_swap(swap_id: UUID) -> Response:
    """One historical swap."""
    read_parameters()
    body = as_user(
        lambda connection: queries.get_historical_swap(connection, owner=g.user_id, id=swap_id), read_only=True
    )
    if body is None:
        raise Problem(404, "not_found", "There is no such historical swap")
    return json_response(body)
