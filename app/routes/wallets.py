"""Wallets of agents."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.lists import json_response
from app.parameters import read_body, read_parameters

bp = Blueprint("wallets", __name__)


@bp.get("/wallets/agent/<uuid:agent_id>")
@needs_scope("agents")
def list_wallets(agent_id: UUID) -> Response:
    """The wallets of an agent, newest first."""
    read_parameters()
    return json_response(
        as_user(lambda connection: queries.list_wallets(connection, owner=g.user_id, agent=agent_id), read_only=True)
    )


@bp.post("/wallets/assign")
@needs_scope("full_access")
def assign_wallet() -> Response:
    """Make a wallet of an agent."""
    read_parameters()
    request = read_body()
    body = as_user(lambda connection: queries.assign_wallet(connection, owner=g.user_id, request=request))
    return json_response(body, 201)
