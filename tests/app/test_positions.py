"""Positions over HTTP: closing them by hand, and what the rules did with them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.conftest import BASE, Trader, go_live, make_trader, record_prices
from tests.app.test_trading_signals import ask
from tests.app.test_wallets import problem
from tests.ledger import SOL, checksums


@pytest.fixture
def holder(trader: Trader) -> Trader:
    """A trader who holds 100 A, bought for 1 SOL."""
    return hold(trader)


@pytest.fixture
def live(trader: Trader) -> Trader:
    """The same with a live wallet."""
    return hold(go_live(trader))


def hold(trader: Trader) -> Trader:
    trader.ledger.buy("A", "100", "1", transaction_time="2026-02-01T00:00:00Z")
    trader.ledger.db.commit()
    # So that what a sale is worth in USD is known.
    record_prices(trader.ledger.db)
    return trader


def position(trader: Trader, token: str = "A") -> dict[str, Any]:
    path = f"/agent-positions/{trader.ledger.agent}?walletAddress={trader.ledger.wallet}&tokenAddress={token}"
    (found,) = trader.get(path).json or []
    return dict(found)


def path_of(trader: Trader, token: str = "A") -> str:
    return f"/agent-positions/{trader.ledger.agent}/{position(trader, token)['id']}/close"


def done(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return dict(response.json or {})


# Closing in simulation


def test_a_position_is_sold_at_the_price_that_is_given(holder: Trader) -> None:
    closed = done(holder.post(path_of(holder), {"priceSol": "0.015"}))
    sale = closed["transaction"]
    assert closed["order"] is None
    expected = {"inputMint": "A", "inputAmount": "100", "outputMint": SOL, "outputAmount": "1.5"}
    assert {name: sale[name] for name in expected} == expected
    (swap,) = holder.get("/agent-historical-swaps").json or []
    assert (swap["id"], swap["closeReason"], swap["gainSol"]) == (sale["id"], "manual", "0.5")
    assert holder.get(f"/agent-positions/{holder.ledger.agent}").json == []
    assert holder.get(f"/agent-transactions/{sale['id']}").json == sale


def test_a_position_is_sold_at_the_latest_price_else(holder: Trader, db: psycopg.Connection) -> None:
    path = path_of(holder)
    assert problem(holder.post(path, {})) == (422, "price_required", "/priceSol")
    record_prices(db, A="0.0125")
    assert done(holder.post(path, {}))["transaction"]["outputAmount"] == "1.25"


def test_the_slippage_and_fee_of_the_agent_are_paid(holder: Trader, db: psycopg.Connection) -> None:
    db.execute("update agents set simulation_slippage_bps = 100, simulation_fee_lamports = 5000")
    db.commit()
    sale = done(holder.post(path_of(holder), {"priceSol": "0.02"}))["transaction"]
    assert (sale["outputAmount"], sale["feesSol"]) == ("1.98", "0.000005")


def test_the_same_key_again_sells_once(holder: Trader, db: psycopg.Connection) -> None:
    path, key = path_of(holder), str(uuid4())
    answers = [ask(holder, "POST", path, {"priceSol": "0.02"}, Idempotency_Key=each) for each in (key, key.upper())]
    assert done(answers[0]) == done(answers[1])
    assert (answers[0].json or {})["transaction"]["id"] == key
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    assert holder.ledger.balance() == 1001
    db.rollback()
    # Without one, there is nothing left to sell.
    assert problem(holder.post(path, {"priceSol": "0.02"})) == (404, "not_found", "/positionId")


def test_a_key_of_another_position_is_of_something_else(holder: Trader, db: psycopg.Connection) -> None:
    holder.ledger.buy("B", "100", "1", transaction_time="2026-02-01T00:00:00Z")
    db.commit()
    key = str(uuid4())
    done(ask(holder, "POST", path_of(holder), {"priceSol": "0.02"}, Idempotency_Key=key))
    other = ask(holder, "POST", path_of(holder, "B"), {"priceSol": "0.02"}, Idempotency_Key=key)
    assert problem(other)[:2] == (409, "repeat_differs")
    assert holder.ledger.balance("B") == 100


def test_a_superseded_position_names_the_one_that_took_its_place(holder: Trader, db: psycopg.Connection) -> None:
    old = path_of(holder)
    holder.ledger.sell("A", "100", "1", transaction_time="2026-02-02T00:00:00Z")
    holder.ledger.buy("A", "50", "1", transaction_time="2026-02-03T00:00:00Z")
    db.commit()
    before = checksums(db)
    db.rollback()
    refused = holder.post(old, {"priceSol": "0.02"})
    assert problem(refused) == (409, "position_superseded", "/positionId")
    assert position(holder)["id"] in (refused.json or {})["detail"]
    assert checksums(db) == before
    assert done(holder.post(path_of(holder), {"priceSol": "0.02"}))["transaction"]["inputAmount"] == "50"


def test_a_dry_run_closes_nothing(holder: Trader, db: psycopg.Connection) -> None:
    path = path_of(holder)
    before = checksums(db)
    db.rollback()
    dry = holder.post(f"{path}?dry_run=true", {"priceSol": "0.02"})
    assert (done(dry)["transaction"]["outputAmount"], dry.headers["Dry-Run"]) == ("2", "true")
    assert checksums(db) == before


def test_a_wrong_price_is_refused(holder: Trader, db: psycopg.Connection) -> None:
    path = path_of(holder)
    before = checksums(db)
    db.rollback()
    for body, expected in [
        ({"priceSol": "0"}, (422, "amount_not_valid", "/priceSol")),
        ({"priceSol": "-1"}, (422, "amount_not_valid", "/priceSol")),
        ({"priceSol": 0.5}, (422, "amount_not_valid", "/priceSol")),
        ({"price": "1"}, (400, "field_unknown", "/price")),
    ]:
        assert problem(holder.post(path, body)) == expected
    assert problem(ask(holder, "POST", path, {}, Idempotency_Key="1"))[:2] == (400, "field_not_valid")
    assert checksums(db) == before


# Closing live


def test_closing_a_live_position_makes_an_order(live: Trader) -> None:
    path, key = path_of(live), str(uuid4())
    answers = [ask(live, "POST", path, {"priceSol": "0.02"}, Idempotency_Key=key) for _ in range(2)]
    closed = done(answers[0])
    assert done(answers[1]) == closed
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    order = closed["order"]
    assert closed["transaction"] is None
    expected = {"id": key, "side": "sell", "reason": "manual", "amount": "100", "priceSol": "0.02", "status": "pending"}
    assert {name: order[name] for name in expected} == expected
    assert order["positionId"] == position(live)["id"]
    assert live.get("/trade-orders").json == [order]


def test_a_sale_by_hand_takes_the_place_of_an_order_that_nobody_claimed(live: Trader, db: psycopg.Connection) -> None:
    record_prices(db, A="0.005")
    (stop,) = live.get("/trade-orders").json or []
    assert stop["reason"] == "stop_loss"
    order = done(live.post(path_of(live), {}))["order"]
    assert (order["priceSol"], order["status"]) == ("0.005", "pending")
    stopped = live.get(f"/trade-orders/{stop['id']}").json or {}
    assert (stopped["status"], bool(stopped["error"])) == ("expired", True)
    assert len(live.post("/trade-orders/claim", {"executor": "one"}).json or []) == 1
    assert problem(live.post(path_of(live), {})) == (409, "order_open", "/positionId")


# Reading


def test_the_ladders_of_an_agent_are_summed_up(holder: Trader, db: psycopg.Connection) -> None:
    path = f"/agent-positions/{holder.ledger.agent}/take-profit-summary"
    nothing = {"openPositions": 1, "withLevelsDone": 0, "levelsDone": 0, "withMoonBag": 0}
    assert holder.get(path).json == nothing
    db.execute("""update agents set trading_config = '{"takeProfit": {"enabled": true}}'""")
    db.commit()
    # 300 % up: the third of the levels, and where the moon bag is set aside.
    record_prices(db, A="0.04")
    assert holder.get(path).json == nothing | {"withLevelsDone": 1, "levelsDone": 3, "withMoonBag": 1}


def test_what_the_rules_did_is_listed_with_its_transaction(holder: Trader, db: psycopg.Connection) -> None:
    record_prices(db, A="0.005")
    path = f"/agent-positions/{holder.ledger.agent}/actions"
    (action,) = holder.get(path).json or []
    (swap,) = holder.get("/agent-historical-swaps").json or []
    expected = {
        "rule": "stop_loss",
        "status": "success",
        "priceSol": "0.005",
        "amount": "100",
        "transactionId": swap["id"],
        "orderId": None,
        "reason": None,
    }
    assert {name: action[name] for name in expected} == expected
    for query, found in [
        ("rule=stop_loss&status=success", [action]),
        (f"tokenAddress=A&walletAddress={holder.ledger.wallet}", [action]),
        ("rule=dca", []),
        ("status=failed", []),
    ]:
        assert holder.get(f"{path}?{query}").json == found
    assert problem(holder.get(f"{path}?rule=luck")) == (400, "field_not_valid", "/rule")


# Who may


def test_another_users_positions_are_not_there(
    holder: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    other = make_trader(client, db, database_url)
    path = path_of(holder)
    before = checksums(db)
    db.rollback()
    assert problem(other.post(path, {"priceSol": "1"})) == (404, "not_found", "/positionId")
    mine = f"/agent-positions/{other.ledger.agent}/{position(holder)['id']}/close"
    assert problem(other.post(mine, {"priceSol": "1"})) == (404, "not_found", "/positionId")
    for what in ("take-profit-summary", "actions"):
        assert other.get(f"/agent-positions/{holder.ledger.agent}/{what}").status_code == 404
    assert checksums(db) == before


def test_positions_are_read_with_one_scope_and_closed_with_another(
    holder: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    reader = make_trader(client, db, database_url, scopes=("positions",))
    writer = make_trader(client, db, database_url, scopes=("trade",))
    for method, path, may in [
        ("GET", f"/agent-positions/{uuid4()}/take-profit-summary", reader),
        ("GET", f"/agent-positions/{uuid4()}/actions", reader),
        ("POST", f"/agent-positions/{uuid4()}/{uuid4()}/close", writer),
    ]:
        body = {} if method == "POST" else None
        assert client.open(BASE + path, method=method).status_code == 401, path
        for each in (reader, writer):
            assert ask(each, method, path, body).status_code == (404 if each is may else 403), path
