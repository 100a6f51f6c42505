"""Positions: what is held of each token, at what cost and value."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from app.answers import list_response
from app.authentication import needs_scope
from app.operations import Operation, operation

bp = Blueprint("positions", __name__)


@bp.get("/agent-positions/<uuid:agent_id>")
@needs_scope("positions")
@operation(Operation(answers="positions", is_list=True, parameters="list_positions"))
def list_positions(agent_id: UUID) -> Response:
    """The positions of an agent, newest first, dust included and marked."""
    return list_response("list_positions", agentId=agent_id)
