"""Wallets of agents."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import json_response, list_response
from app.authentication import as_user, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import read_body

bp = Blueprint("wallets", __name__)


@bp.get("/wallets/agent/<uuid:agent_id>")
@needs_scope("agents")
@operation(Operation(answers="wallets", is_list=True, parameters="list_wallets"))
def list_wallets(agent_id: UUID) -> Response:
    """The wallets of an agent, newest first."""
    return list_response("list_wallets", agentId=agent_id)


@bp.post("/wallets/assign")
@needs_scope("full_access")
@operation(Operation(answers="wallets", body="assign_wallet", status=201, can_dry_run=True))
def assign_wallet() -> Response:
    """Make a wallet of an agent."""
    request = read_body()
    body = as_user(lambda connection: queries.assign_wallet(connection, owner=g.user_id, request=request))
    return json_response(body, 201)
