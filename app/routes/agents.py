"""Agents, and what they have earned."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, json_response, list_response, no_content
from app.authentication import as_user, needs_person, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import read_body, url_parameters

bp = Blueprint("agents", __name__)


@bp.get("/agents")
@needs_scope("agents")
@operation(Operation(answers="agents", is_list=True, parameters="list_agents"))
def list_agents() -> Response:
    """The user's agents, newest first."""
    return list_response("list_agents")


@bp.post("/agents")
@needs_person
@operation(Operation(answers="agents", body="create_agent", status=201, can_dry_run=True))
def create_agent() -> Response:
    """Make an agent and its simulation wallet."""
    request = read_body()
    body = as_user(lambda connection: queries.create_agent(connection, owner=g.user_id, request=request))
    return json_response(body, 201)


@bp.get("/agents/<uuid:agent_id>")
@needs_scope("agents")
@operation(Operation(answers="agents"))
def get_agent(agent_id: UUID) -> Response:
    """One agent."""
    return document_response(lambda connection: queries.get_agent(connection, owner=g.user_id, id=agent_id))


@bp.put("/agents/<uuid:agent_id>")
@needs_person
@operation(Operation(answers="agents", body="update_agent", can_dry_run=True))
def update_agent(agent_id: UUID) -> Response:
    """Change the fields of an agent that the request has; the others stay."""
    request = read_body()
    return json_response(
        as_user(lambda connection: queries.update_agent(connection, owner=g.user_id, id=agent_id, request=request))
    )


@bp.delete("/agents/<uuid:agent_id>")
@needs_person
@operation(Operation(parameters="delete_agent", status=204, can_dry_run=True))
def delete_agent(agent_id: UUID) -> Response:
    """Delete an agent with its wallets and all that is of them; where it has transactions, that has to be confirmed."""
    parameters = json.dumps(url_parameters())
    return no_content(
        lambda connection: queries.delete_agent(connection, owner=g.user_id, id=agent_id, parameters=parameters)
    )


@bp.get("/agents/<uuid:agent_id>/performance")
@needs_scope("agents")
@operation(Operation(answers="performance", parameters="performance_summary"))
def performance_summary(agent_id: UUID) -> Response:
    """What an agent, or one of its wallets, has earned in a period, and holds now."""
    parameters = json.dumps(url_parameters(agentId=agent_id))
    return document_response(
        lambda connection: queries.performance_summary(connection, owner=g.user_id, parameters=parameters)
    )


@bp.get("/agents/<uuid:agent_id>/statistics")
@needs_scope("agents")
@operation(Operation(answers="statistics", parameters="agent_statistics"))
def agent_statistics(agent_id: UUID) -> Response:
    """Statistics of an agent, or of one of its wallets, in a period: medians, streaks, drawdowns, returns."""
    parameters = json.dumps(url_parameters(agentId=agent_id))
    return document_response(
        lambda connection: queries.agent_statistics(connection, owner=g.user_id, parameters=parameters)
    )


@bp.get("/agents/<uuid:agent_id>/breakdown")
@needs_scope("agents")
@operation(Operation(answers="breakdown", is_list=True, parameters="breakdown"))
def breakdown(agent_id: UUID) -> Response:
    """What an agent, or one of its wallets, has earned in a period by token, signal, reason, day and so on."""
    return list_response("breakdown", agentId=agent_id)


@bp.get("/agents/<uuid:agent_id>/config")
@needs_scope("agents")
@operation(Operation(answers="trading_config"))
def get_trading_config(agent_id: UUID) -> Response:
    """The trading config that an agent goes by, every setting of it.

    It is what the agent's tradingConfig says, over the defaults.
    """
    return document_response(lambda connection: queries.get_trading_config(connection, owner=g.user_id, id=agent_id))


@bp.put("/agents/<uuid:agent_id>/config")
@needs_person
@operation(Operation(answers="trading_config", body="trading_config_change", can_dry_run=True))
def replace_trading_config(agent_id: UUID) -> Response:
    """Replace an agent's trading config: what is not said is as in the defaults."""
    config = read_body()
    return json_response(
        as_user(
            lambda connection: queries.replace_trading_config(connection, owner=g.user_id, id=agent_id, config=config)
        )
    )


@bp.patch("/agents/<uuid:agent_id>/config")
@needs_person
@operation(Operation(answers="trading_config", body="trading_config_change", can_dry_run=True))
def merge_trading_config(agent_id: UUID) -> Response:
    """Change settings of an agent's trading config: what is not said stays.

    Objects are merged, lists replaced; null is a value where a setting may be null.
    """
    config = read_body()
    return json_response(
        as_user(
            lambda connection: queries.merge_trading_config(connection, owner=g.user_id, id=agent_id, config=config)
        )
    )


@bp.delete("/agents/<uuid:agent_id>/config")
@needs_person
@operation(Operation(answers="trading_config", parameters="reset_trading_config", can_dry_run=True))
def reset_trading_config(agent_id: UUID) -> Response:
    """Put an agent's trading config back to the defaults, whole or below a path."""
    parameters = json.dumps(url_parameters())
    return json_response(
        as_user(
            lambda connection: queries.reset_trading_config(
                connection, owner=g.user_id, id=agent_id, parameters=parameters
            )
        )
    )


@bp.get("/agents/<uuid:agent_id>/balance-history")
@needs_scope("agents")
@operation(Operation(answers="balance_history", parameters="balance_history"))
def balance_history(agent_id: UUID) -> Response:
    """What an agent, or one of its wallets, was worth in a period: the last snapshot of each hour or day."""
    parameters = json.dumps(url_parameters(agentId=agent_id))
    return document_response(
        lambda connection: queries.balance_history(connection, owner=g.user_id, parameters=parameters)
    )


@bp.get("/agents/<uuid:agent_id>/trades")
@needs_scope("history")
@operation(Operation(answers="trades", is_list=True, parameters="list_trades"))
def list_trades(agent_id: UUID) -> Response:
    """Positions of an agent from open to closed, with their transactions, the last closed first."""
    return list_response("list_trades", agentId=agent_id)
