"""Balances: read only, since a balance is the sum of its transactions."""

from __future__ import annotations

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_scope
from app.database import queries
from app.errors import Problem
from app.lists import json_response
from app.parameters import identifier, read_parameters, text

bp = Blueprint("balances", __name__)


@bp.get("/agent-balances")
@needs_scope("balances")
def list_balances() -> Response:
    """The balances of an agent, by wallet and token."""
    given = read_parameters(agentId=identifier, walletAddress=text, tokenAddress=text)
    if given["agentId"] is None:
        raise Problem(400, "field_required", "The request lacks a parameter", "it is required", "agentId")
    body = as_user(
        lambda connection: queries.list_balances(
            connection,
            owner=g.user_id,
            agent=given["agentId"],
            wallet=given["walletAddress"],
            token=given["tokenAddress"],
        ),
        read_only=True,
    )
    return json_response(body)
