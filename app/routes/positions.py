"""Positions: what is held of each token, at what cost and value."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.lists import json_response
from app.parameters import read_parameters, text

bp = Blueprint("positions", __name__)


@bp.get("/agent-positions/<uuid:agent_id>")
@needs_scope("positions")
def list_positions(agent_id: UUID) -> Response:
    """The positions of an agent, newest first, dust included and marked."""
    given = read_parameters(walletAddress=text, tokenAddress=text)
    body = as_user(
        lambda connection: queries.list_positions(
            connection,
            owner=g.user_id,
            agent=agent_id,
            wallet=given["walletAddress"],
            token=given["tokenAddress"],
        ),
        read_only=True,
    )
    return json_response(body)
