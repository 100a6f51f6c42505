"""Wallets of agents."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import json_response, list_response
from app.authentication import as_user, needs_person, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import read_body, url_parameters

bp = Blueprint("wallets", __name__)


@bp.get("/wallets/agent/<uuid:agent_id>")
@needs_scope("agents")
@operation(Operation(answers="wallets", is_list=True, parameters="list_wallets"))
def list_wallets(agent_id: UUID) -> Response:
    """The wallets of an agent, newest first."""
    return list_response("list_wallets", agentId=agent_id)


@bp.post("/wallets/assign")
@needs_person
@operation(Operation(answers="wallets", body="assign_wallet", status=201, can_dry_run=True))
def assign_wallet() -> Response:
    """Make a wallet of an agent."""
    request = read_body()
    body = as_user(lambda connection: queries.assign_wallet(connection, owner=g.user_id, request=request))
    return json_response(body, 201)


@bp.post("/wallets/<wallet_address>/unassign")
@needs_person
@operation(Operation(answers="wallets", body="unassign_wallet", can_dry_run=True))
def unassign_wallet(wallet_address: str) -> Response:
    """Delete a wallet and all that is of it; where it has transactions, that has to be confirmed."""
    request = read_body()
    return json_response(
        as_user(
            lambda connection: queries.unassign_wallet(
                connection, owner=g.user_id, wallet=wallet_address, request=request
            )
        )
    )


@bp.post("/wallets/<wallet_address>/reset")
@needs_person
@operation(Operation(answers="transactions", body="reset_wallet", can_dry_run=True))
def reset_wallet(wallet_address: str) -> Response:
    """Begin a simulation wallet anew: its transactions and all that came of them go, and a starting deposit is booked.

    Where it has transactions, that has to be confirmed. The answer is the deposit.
    """
    request = read_body()
    return json_response(
        as_user(
            lambda connection: queries.reset_wallet(connection, owner=g.user_id, wallet=wallet_address, request=request)
        )
    )


@bp.get("/wallets/<wallet_address>/statement")
@needs_scope("transactions")
@operation(Operation(answers="statement_lines", is_list=True, parameters="wallet_statement"))
def wallet_statement(wallet_address: str) -> Response:
    """The statement of a wallet in a period: each leg with the balance after it, first to last."""
    return list_response("wallet_statement", walletAddress=wallet_address)


@bp.post("/wallets/<wallet_address>/reconcile")
@needs_scope("trade")
@operation(
    Operation(
        answers="reconciled_tokens",
        is_list=True,
        has_pages=False,
        parameters="reconcile_wallet",
        body="chain_balance",
        most_items=10_000,
        largest_body=3_000_000,
        can_dry_run=True,
    )
)
def reconcile_wallet(wallet_address: str) -> Response:
    """Compare a wallet with its balances on the chain, and book the differences where that is asked.

    A token that is not among them is not on the chain. With apply, each difference is one DEPOSIT or WITHDRAWAL, all or
    none, after which there is none.
    """
    parameters, body = json.dumps(url_parameters()), read_body()
    return json_response(
        as_user(
            lambda connection: queries.reconcile_wallet(
                connection, owner=g.user_id, wallet=wallet_address, chain=body, parameters=parameters
            )
        )
    )
