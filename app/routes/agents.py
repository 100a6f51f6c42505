"""Agents, and what they have earned."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.errors import Problem
from app.lists import cursor, json_response, page_response
from app.parameters import DEFAULT_LIMIT, identifier, instant, limit, read_body, read_parameters, text

bp = Blueprint("agents", __name__)


@bp.get("/agents")
@needs_scope("agents")
def list_agents() -> Response:
    """The user's agents, newest first."""
    given = read_parameters(limit=limit, cursor=cursor(instant, identifier))
    after_time, after_id = given["cursor"] or (None, None)
    page = as_user(
        lambda connection: queries.list_agents(
            connection,
            owner=g.user_id,
            limit=given["limit"] or DEFAULT_LIMIT,
            after_time=after_time,
            after_id=after_id,
        ),
        read_only=True,
    )
    return page_response(page)


@bp.post("/agents")
@needs_scope("full_access")
def create_agent() -> Response:
    """Make an agent and its simulation wallet."""
    read_parameters()
    request = read_body()
    body = as_user(lambda connection: queries.create_agent(connection, owner=g.user_id, request=request))
    return json_response(body, 201)


@bp.get("/agents/<uuid:agent_id>")
@needs_scope("agents")
def get_agent(agent_id: UUID) -> Response:
    """One agent."""
    read_parameters()
    body = as_user(lambda connection: queries.get_agent(connection, owner=g.user_id, id=agent_id), read_only=True)
    if body is None:
        raise Problem(404, "not_found", "There is no such agent")
    return json_response(body)


@bp.get("/agents/<uuid:agent_id>/performance")
@needs_scope("agents")
def performance_summary(agent_id: UUID) -> Response:
    """The summary of an agent, or of one of its wallets."""
    given = read_parameters(walletAddress=text)
    body = as_user(
        lambda connection: queries.performance_summary(
            connection,
            owner=g.user_id,
            agent=agent_id,
            start_at="-infinity",
            end_at="infinity",
            wallet=given["walletAddress"],
        ),
        read_only=True,
    )
    return json_response(body)
