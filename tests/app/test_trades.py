"""Buying now, in simulation: sized and checked as for a signal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Trader, make_trader, record_prices
from tests.app.test_trading_signals import ask
from tests.app.test_wallets import problem
from tests.ledger import SOL, checksums, new_agent, value

PATH = "/trades/execute"
MINT = "A" * 32


@pytest.fixture
def buyer(trader: Trader) -> Trader:
    """A trader at a time when A costs 0.01 SOL."""
    record_prices(trader.ledger.db, A="0.01")
    return trader


def trade(trader: Trader, **fields: Any) -> dict[str, Any]:
    request = {"agentId": str(trader.ledger.agent), "tokenAddress": "A", "symbol": "AAA"} | fields
    return {name: content for name, content in request.items() if content is not None}


def configure(trader: Trader, config: str) -> None:
    trader.ledger.db.execute("update agents set trading_config = %s where id = %s", [config, trader.ledger.agent])
    trader.ledger.db.commit()


def test_a_token_is_bought_at_the_latest_price_for_the_size_of_a_signal(buyer: Trader) -> None:
    response = buyer.post(PATH, trade(buyer))
    assert response.status_code == 201, response.text
    bought = response.json or {}
    spent = Decimal(bought["inputAmount"])
    assert Decimal("1.5") <= spent <= 2
    assert (bought["inputMint"], bought["outputMint"], bought["outputSymbol"]) == (SOL, "A", "AAA")
    assert (Decimal(bought["outputAmount"]), bought["signalId"]) == (spent * 100, None)
    assert buyer.get(f"/agent-transactions/{bought['id']}").json == bought
    (position,) = buyer.get(f"/agent-positions/{buyer.ledger.agent}").json or []
    assert position["id"] == bought["id"]


def test_an_amount_makes_it_smaller_and_never_larger(buyer: Trader) -> None:
    path = f"{PATH}?dry_run=true"
    assert (buyer.post(path, trade(buyer, amountSol="0.25")).json or {})["inputAmount"] == "0.25"
    assert Decimal((buyer.post(path, trade(buyer, amountSol="100")).json or {})["inputAmount"]) <= 2


def test_the_fee_leaves_the_least_balance_of_the_agent_alone(buyer: Trader) -> None:
    """1,000 SOL are there, 999 have to stay, and the fee is 0.3."""
    configure(buyer, '{"purchaseLimits": {"minimumAgentBalance": "999"}}')
    buyer.ledger.db.execute("update agents set simulation_fee_lamports = 300000000")
    buyer.ledger.db.commit()
    assert (buyer.post(PATH, trade(buyer)).json or {})["inputAmount"] == "0.7"
    assert buyer.ledger.balance() == 999


def test_the_same_key_again_buys_once(buyer: Trader) -> None:
    key = str(uuid4())
    answers = [ask(buyer, "POST", PATH, trade(buyer), Idempotency_Key=each) for each in (key, key.upper())]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert (answers[0].json or {})["id"] == key
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    for change, field in (({"tokenAddress": "B"}, "/tokenAddress"), ({"amountSol": "0.1"}, "/amountSol")):
        other = ask(buyer, "POST", PATH, trade(buyer, **change), Idempotency_Key=key)
        assert problem(other) == (409, "repeat_differs", field)
    assert len(buyer.get("/agent-transactions?transactionType=SWAP").json or []) == 1


def test_a_dry_run_buys_nothing(buyer: Trader, db: psycopg.Connection) -> None:
    before = checksums(db)
    db.rollback()
    dry = buyer.post(f"{PATH}?dry_run=true", trade(buyer))
    assert (dry.status_code, dry.headers["Dry-Run"]) == (201, "true")
    assert checksums(db) == before


def test_what_the_rules_of_the_agent_are_against_is_refused_with_the_reason(
    buyer: Trader, db: psycopg.Connection
) -> None:
    for config, change, reason in [
        (f'{{"signals": {{"tokenFilterMode": "blacklist", "tokenList": ["{MINT}"]}}}}', MINT, "token_filtered"),
        ('{"purchaseLimits": {"minimumAgentBalance": 1000}}', "A", "balance_too_low"),
        ("{}", "Unpriced", "no_fresh_price"),
    ]:
        configure(buyer, config)
        before = checksums(db)
        db.rollback()
        refused = buyer.post(PATH, trade(buyer, tokenAddress=change))
        assert problem(refused) == (422, "trade_refused", None)
        about = value(db, "select about from report.decision_reasons where reason = %s", reason)
        assert (refused.json or {})["detail"] == f"{reason}: {about}"
        assert checksums(db) == before
    assert buyer.post(PATH, trade(buyer)).status_code == 201
    assert "position_open" in (buyer.post(PATH, trade(buyer)).json or {})["detail"]


def test_what_a_signal_alone_has_is_no_hindrance(buyer: Trader, db: psycopg.Connection) -> None:
    configure(
        buyer, '{"signals": {"minScore": 5, "allowedSignalTypes": ["x"], "marketCapMin": 1, "holderCountMax": 1}}'
    )
    db.execute("update agents set automated_trading_simulation = false")
    db.commit()
    assert buyer.post(PATH, trade(buyer)).status_code == 201


def test_a_wrong_trade_is_refused_by_its_field(buyer: Trader, db: psycopg.Connection) -> None:
    bare = new_agent(db, buyer.ledger.user)
    db.commit()
    before = checksums(db)
    db.rollback()
    for change, expected in [
        ({"agentId": None}, (400, "field_required", "/agentId")),
        ({"tokenAddress": None}, (400, "field_required", "/tokenAddress")),
        ({"agentId": "mine"}, (400, "field_not_valid", "/agentId")),
        ({"symbol": "x" * 21}, (400, "field_not_valid", "/symbol")),
        ({"amountSol": "0"}, (422, "amount_not_valid", "/amountSol")),
        ({"side": "sell"}, (400, "field_unknown", "/side")),
        ({"agentId": str(uuid4())}, (404, "not_found", "/agentId")),
        ({"agentId": str(bare)}, (404, "not_found", "/agentId")),
    ]:
        assert problem(buyer.post(PATH, trade(buyer, **change))) == expected
    assert checksums(db) == before


def test_another_users_agent_is_not_there(
    buyer: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    other = make_trader(client, db, database_url)
    before = checksums(db)
    db.rollback()
    assert problem(other.post(PATH, trade(buyer))) == (404, "not_found", "/agentId")
    assert checksums(db) == before


def test_buying_takes_the_scope_trade(
    buyer: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    others = ("agents", "positions", "balances", "transactions", "history", "signals", "feed")
    assert make_trader(client, db, database_url, scopes=others).post(PATH, trade(buyer)).status_code == 403
    assert make_trader(client, db, database_url, scopes=("trade",)).post(PATH, {}).status_code == 400
    assert client.post(BASE + PATH, json=trade(buyer)).status_code == 401
