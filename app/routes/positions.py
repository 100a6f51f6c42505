"""Positions: what is held of each token, at what cost and value, and what the rules did with it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, list_response, written_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import idempotency_key, read_body

bp = Blueprint("positions", __name__)


@bp.get("/agent-positions/<uuid:agent_id>")
@needs_scope("positions")
@operation(Operation(answers="positions", is_list=True, parameters="list_positions"))
def list_positions(agent_id: UUID) -> Response:
    """The positions of an agent, newest first, dust included and marked."""
    return list_response("list_positions", agentId=agent_id)


@bp.get("/agent-positions/<uuid:agent_id>/take-profit-summary")
@needs_scope("positions")
@operation(Operation(answers="take_profit_summary"))
def take_profit_summary(agent_id: UUID) -> Response:
    """How far the take-profit ladders of an agent's open positions are."""
    return document_response(
        lambda connection: queries.take_profit_summary(connection, owner=g.user_id, agent=agent_id)
    )


@bp.get("/agent-positions/<uuid:agent_id>/actions")
@needs_scope("positions")
@operation(Operation(answers="position_actions", is_list=True, parameters="list_position_actions"))
def list_position_actions(agent_id: UUID) -> Response:
    """What the rules did with an agent's positions, or could not do, with the reason, the last first."""
    return list_response("list_position_actions", agentId=agent_id)


@bp.post("/agent-positions/<uuid:agent_id>/<uuid:position_id>/close")
@needs_scope("trade")
@operation(Operation(answers="closed_positions", body="close_position", can_dry_run=True, has_key=True))
def close_position(agent_id: UUID, position_id: UUID) -> Response:
    """Sell all of a position: in simulation at once, at the given price or the latest, else by an order.

    The same Idempotency-Key again answers the first result. Where another position has taken the place of this one, its
    id is in the detail of the 409.
    """
    key, body = idempotency_key(), read_body()
    return written_response(
        lambda connection: queries.close_position(
            connection, owner=g.user_id, agent=agent_id, id=position_id, request=body, idempotency_key=key
        ),
        200,
    )
