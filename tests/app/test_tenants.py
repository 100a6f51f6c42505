"""Every URL of the service, asked with another user's ids: the answer is that for an id that does not exist."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Person, go_live, make_person, make_trader, new_order
from tests.ledger import SOL, checksums, value

FACT = {
    "transactionType": "DEPOSIT",
    "transactionTime": "2026-01-03T00:00:00Z",
    "inputMint": SOL,
    "inputAmount": "1",
    "valueUsd": "1",
}

CALLS: dict[str, list[dict[str, Any]]] = {
    "GET /health": [],
    "GET /health/live": [],
    "GET /health/ready": [],
    "GET /health/ledger": [],
    "GET /metrics": [],
    "GET /problems/<name>": [],
    "POST /auth/register": [],
    "POST /auth/login": [],
    "POST /auth/refresh": [],
    "POST /auth/logout": [],
    "GET /auth/me": [],
    "POST /auth/password": [],
    "GET /api-keys": [],
    "POST /api-keys": [],
    "GET /api-keys/<uuid:key_id>": [{}],
    "DELETE /api-keys/<uuid:key_id>": [{}],
    "GET /openapi.json": [],
    "GET /docs": [],
    "GET /docs/start.js": [],
    "GET /agents": [],
    "POST /agents": [],
    "GET /agents/<uuid:agent_id>": [{}],
    "GET /agents/<uuid:agent_id>/performance": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /agents/<uuid:agent_id>/statistics": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /agents/<uuid:agent_id>/breakdown": [{"query": {"by": "token"}}],
    "GET /agents/<uuid:agent_id>/config": [{}],
    "PUT /agents/<uuid:agent_id>/config": [{"json": {}}, {"json": {"dca": {"enabled": True}}}, {"json": {"x": 1}}],
    "PATCH /agents/<uuid:agent_id>/config": [{"json": {}}, {"json": {"dca": {"enabled": True}}}],
    "DELETE /agents/<uuid:agent_id>/config": [{}, {"query": {"path": "dca.levels"}}],
    "PUT /agents/<uuid:agent_id>": [{"json": {"name": "mine"}}],
    "DELETE /agents/<uuid:agent_id>": [{}, {"query": {"confirm": "true"}}],
    "GET /agents/<uuid:agent_id>/balance-history": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /agents/<uuid:agent_id>/trades": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /wallets/agent/<uuid:agent_id>": [{}],
    "POST /wallets/assign": [
        {"json": {"agentId": "{agent_id}", "walletAddress": "W" * 44, "walletType": "live"}},
    ],
    "POST /wallets/<wallet_address>/unassign": [{"json": {}}, {"json": {"confirm": True}}],
    "POST /wallets/<wallet_address>/reset": [{"json": {}}, {"json": {"confirm": True, "valueUsd": "1"}}],
    "GET /wallets/<wallet_address>/statement": [{}],
    "POST /wallets/<wallet_address>/reconcile": [
        {"json": [{"tokenAddress": SOL, "balance": "1", "valueUsd": "1"}], "query": {"apply": "true"}},
    ],
    "GET /trading-signals": [{"query": {"tokenAddress": "{signal_token}"}}],
    "POST /trading-signals": [],
    "GET /trading-signals/export": [{"query": {"tokenAddress": "{signal_token}"}}],
    "GET /trading-signals/<int:signal_id>": [{}],
    "PUT /trading-signals/<int:signal_id>": [{"json": {"signalStrength": 5}}],
    "DELETE /trading-signals/<int:signal_id>": [{}],
    "GET /trading-signals/<int:signal_id>/executions": [{}],
    "GET /signal-executions": [{"query": {"agentId": "{agent_id}"}}],
    "GET /trade-orders": [{"query": {"agentId": "{agent_id}"}}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /trade-orders/<uuid:order_id>": [{}],
    "POST /trade-orders/claim": [{"json": {"executor": "me"}}, {"json": {"executor": "me", "agentId": "{agent_id}"}}],
    "POST /trade-orders/<uuid:order_id>/fill": [{"json": {"transactionHash": "mine", "outputAmount": "1"}}],
    "POST /trade-orders/<uuid:order_id>/fail": [{"json": {"error": "mine"}}],
    "POST /trades/execute": [{"json": {"agentId": "{agent_id}", "tokenAddress": "A"}}],
    "POST /dead-tokens": [],
    "POST /prices": [],
    "GET /prices/<token_address>": [],
    "GET /price-feeds/sol-usd": [],
    "GET /agent-transactions": [
        {"query": {"agentId": "{agent_id}"}},
        {"query": {"walletAddress": "{wallet}"}},
    ],
    "POST /agent-transactions": [
        {"json": FACT | {"agentId": "{agent_id}", "walletAddress": "{wallet}"}},
        {"json": FACT | {"agentId": "{my_agent}", "walletAddress": "{wallet}"}},
        {"json": FACT | {"agentId": "{my_agent}", "walletAddress": "{my_wallet}", "signalId": "{signal}"}},
        {"json": FACT | {"agentId": "{agent_id}"}, "headers": {"Idempotency-Key": "{transaction_id}"}},
    ],
    "POST /agent-transactions/batch": [
        {"json": [FACT | {"agentId": "{agent_id}", "walletAddress": "{wallet}"}]},
        {"json": [FACT | {"agentId": "{my_agent}", "walletAddress": "{wallet}"}]},
    ],
    "GET /agent-transactions/<uuid:transaction_id>": [{}],
    "PATCH /agent-transactions/<uuid:transaction_id>": [{"json": {"slippage": "1"}}],
    "DELETE /agent-transactions/<uuid:transaction_id>": [{"query": {"reason": "mistaken"}}],
    "POST /agent-transactions/<uuid:transaction_id>/void": [{"json": {"reason": "mistaken"}}],
    "POST /agent-transactions/<uuid:transaction_id>/correct": [
        {"json": FACT | {"agentId": "{agent_id}", "walletAddress": "{wallet}", "reason": "mistaken"}},
        {"json": FACT | {"agentId": "{my_agent}", "walletAddress": "{my_wallet}", "reason": "mistaken"}},
    ],
    "GET /agent-balances": [
        {"query": {"agentId": "{agent_id}"}},
        {"query": {"agentId": "{my_agent}", "walletAddress": "{wallet}"}},
    ],
    "GET /agent-balances/<uuid:balance_id>": [{}],
    "GET /agent-positions/<uuid:agent_id>": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "GET /agent-positions/<uuid:agent_id>/take-profit-summary": [{}],
    "GET /agent-positions/<uuid:agent_id>/actions": [{}, {"query": {"walletAddress": "{wallet}"}}],
    "POST /agent-positions/<uuid:agent_id>/<uuid:position_id>/close": [{"json": {}}, {"json": {"priceSol": "1"}}],
    "GET /agent-historical-swaps": [
        {"query": {"agentId": "{agent_id}"}},
        {"query": {"walletAddress": "{wallet}"}},
    ],
    "GET /agent-historical-swaps/export": [
        {"query": {"agentId": "{agent_id}"}},
        {"query": {"walletAddress": "{wallet}"}},
    ],
    "GET /agent-historical-swaps/<uuid:swap_id>": [{}],
    "GET /agent-historical-swaps/<uuid:swap_id>/explain": [{}],
    "GET /events": [{"query": {"agentId": "{agent_id}"}}],
}
"""What to ask of each URL, with places for ids; nothing of those that take none. A new URL has to be added."""


def rules(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule.removeprefix(BASE)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.endswith("static")
    }


def filled(template: Any, ids: dict[str, Any]) -> Any:
    """The template with the ids in their places."""
    if isinstance(template, dict):
        return {name: filled(content, ids) for name, content in template.items()}
    if isinstance(template, list):
        return [filled(content, ids) for content in template]
    if template == "{signal}":
        return ids["signal"]
    return template.format(**ids) if isinstance(template, str) else template


def ask(person: Person, call: str, template: dict[str, Any], ids: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of the answer, the ids that were asked with replaced by their names."""
    method, _, path = call.partition(" ")
    given = filled(template, ids)
    response = person.client.open(
        BASE + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path).format(**ids),
        method=method,
        query_string=given.get("query"),
        json=given.get("json"),
        headers={"Authorization": f"Bearer {person.token}"} | given.get("headers", {}),
    )
    text = response.get_data(as_text=True)
    for name, each in ids.items():
        if len(str(each)) > 20:
            text = text.replace(str(each), f"<{name}>")
    text = text.replace(f"/trading-signals/{ids['signal_id']}", "/trading-signals/<signal_id>")
    if response.mimetype == "text/csv":
        return response.status_code, text.splitlines()[1:]
    body = json.loads(text)
    if isinstance(body, dict):
        body.pop("requestId", None)
    return response.status_code, body


def test_every_url_is_asked(app: Flask) -> None:
    assert rules(app) == CALLS.keys()


@pytest.mark.parametrize("call", CALLS)
def test_anothers_ids_are_as_ids_that_do_not_exist(
    client: FlaskClient, db: psycopg.Connection, database_url: str, call: str
) -> None:
    mine, other = make_trader(client, db, database_url), make_trader(client, db, database_url)
    for trader in (mine, other):
        trader.ledger.buy("A", "100", "1")
        trader.ledger.sell("A", "50", "1")
        trader.ledger.sell("A", "25", "1")
    swap = other.ledger.swaps()[0]
    position = other.ledger.position("A")
    assert position is not None
    order = new_order(go_live(make_trader(client, db, database_url, user=other.ledger.user)), "ORDERED")
    signal = value(
        db,
        "insert into trading_signals (token_address, signal_type, signal_strength, user_id)"
        " values ('THEIRS', 'buy', 3, %s) returning id",
        other.ledger.user,
    )
    db.commit()
    mines = {"my_agent": mine.ledger.agent, "my_wallet": mine.ledger.wallet}
    theirs = mines | {
        "agent_id": other.ledger.agent,
        "wallet": other.ledger.wallet,
        "transaction_id": swap["sale_transaction_id"],
        "swap_id": other.ledger.swaps()[1]["id"],
        "position_id": position["id"],
        "order_id": order["id"],
        "balance_id": value(db, "select id from agent_balances where agent_id = %s limit 1", other.ledger.agent),
        "key_id": value(db, "select id from api_keys where user_id = %s", other.ledger.user),
        "signal": signal,
        "signal_id": signal,
        "signal_token": "THEIRS",
        "wallet_address": other.ledger.wallet,
    }
    nobodys = mines | {
        "agent_id": uuid4(),
        "wallet": f"sim_{uuid4().hex[:28]}",
        "transaction_id": uuid4(),
        "swap_id": uuid4(),
        "position_id": uuid4(),
        "order_id": uuid4(),
        "balance_id": uuid4(),
        "key_id": uuid4(),
        "signal": 999_999,
        "signal_id": 999_999,
        "signal_token": "NOBODYS",
    }
    nobodys["wallet_address"] = nobodys["wallet"]
    person = make_person(client, db, mine.ledger.user)
    # Who asks for events numbers those that are there.
    db.execute("select book.number_events(1000)")
    db.commit()
    before = checksums(db)
    db.rollback()
    for template in CALLS[call]:
        answer = ask(person, call, template, theirs)
        assert answer == ask(person, call, template, nobodys)
        assert answer[0] == 404 or answer[1] == [], "it is there for its owner alone"
    assert checksums(db) == before


def test_lists_without_a_filter_are_the_users_own(
    client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    mine, other = make_trader(client, db, database_url), make_trader(client, db, database_url)
    for path in ("/agents", "/agent-transactions", "/agent-historical-swaps"):
        assert str(other.ledger.agent) not in mine.get(path).get_data(as_text=True)
        assert str(mine.ledger.agent) not in other.get(path).get_data(as_text=True)
    assert str(mine.ledger.agent) in mine.get("/agents").get_data(as_text=True)
