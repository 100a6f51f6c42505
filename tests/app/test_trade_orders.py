"""Orders over HTTP: executors of live wallets claim, fill and fail them, each order once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Trader, go_live, make_trader, new_order, record_prices
from tests.app.test_trading_signals import ask
from tests.app.test_wallets import problem
from tests.ledger import SOL, acting_as, checksums, value
from tests.sessions import Session

CLAIM = {"executor": "one"}
FILL = {"transactionHash": "signature", "outputAmount": "150", "feesSol": "0.000005"}


@pytest.fixture
def live(trader: Trader) -> Trader:
    """A trader whose agent trades with a live wallet."""
    return go_live(trader)


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def claim(trader: Trader, **fields: Any) -> list[dict[str, Any]]:
    response = trader.post("/trade-orders/claim", CLAIM | fields)
    assert response.status_code == 200, response.text
    return list(response.json or [])


def ids(orders: list[dict[str, Any]]) -> list[str]:
    return [order["id"] for order in orders]


def claimed(trader: Trader, token: str = "A") -> dict[str, Any]:
    order = new_order(trader, token)
    (found,) = claim(trader)
    assert found["id"] == order["id"]
    return found


def written(trader: Trader, order: dict[str, Any], what: str, body: dict[str, Any]) -> dict[str, Any]:
    response = trader.post(f"/trade-orders/{order['id']}/{what}", body)
    assert response.status_code == 200, response.text
    return dict(response.json or {})


def change(db: psycopg.Connection, order: dict[str, Any], columns: str) -> None:
    """As if time had passed."""
    with acting_as(db, "book"):
        db.execute(f"update trade_orders set {columns} where id = %s".encode(), [order["id"]])
    db.commit()


LAPSED = "claimed_until = created_at"
OVERDUE = "expires_at = created_at + interval '1 microsecond'"


# Claiming


def test_an_order_says_what_to_do_and_a_claim_whose_it_is(live: Trader) -> None:
    order = new_order(live)
    assert {name: order[name] for name in ("side", "reason", "status", "tokenAddress", "priceSol", "attempts")} == {
        "side": "buy",
        "reason": "signal",
        "status": "pending",
        "tokenAddress": "A",
        "priceSol": "0.01",
        "attempts": 0,
    }
    assert (order["agentId"], order["walletAddress"]) == (str(live.ledger.agent), live.ledger.wallet)
    assert Decimal("1.5") <= Decimal(order["amount"]) <= 2
    assert live.get("/trade-orders").json == [order]
    (found,) = claim(live, leaseSeconds=60)
    assert found["claimedUntil"] > found["updatedAt"]
    assert found == order | {
        "status": "claimed",
        "claimedBy": "one",
        "attempts": 1,
        "claimedUntil": found["claimedUntil"],
        "updatedAt": found["updatedAt"],
    }
    assert live.get(f"/trade-orders/{order['id']}").json == found
    assert claim(live, executor="two") == []


def test_a_lease_that_has_run_out_makes_the_order_claimable_again(live: Trader, db: psycopg.Connection) -> None:
    order = claimed(live)
    assert claim(live, executor="two") == []
    change(db, order, LAPSED)
    (again,) = claim(live, executor="two")
    assert (again["id"], again["claimedBy"], again["attempts"]) == (order["id"], "two", 2)
    assert claim(live) == []


def test_sales_are_claimed_first_then_the_oldest_and_no_more_than_asked_for(
    live: Trader, db: psycopg.Connection
) -> None:
    live.ledger.buy("Held", "100", "1", transaction_time="2026-02-01T00:00:00Z")
    db.commit()
    buys = [new_order(live, token)["id"] for token in "BA"]
    record_prices(db, Held="0.005")
    (sale,) = live.get("/trade-orders?tokenAddress=Held").json or []
    assert (sale["side"], sale["reason"], sale["amount"]) == ("sell", "stop_loss", "100")
    assert ids(claim(live, limit=2)) == [sale["id"], buys[0]]
    assert ids(claim(live, limit=2)) == [buys[1]]


def test_the_same_key_again_claims_the_same_orders_and_no_more(live: Trader) -> None:
    orders = [new_order(live, token)["id"] for token in "ABC"]
    key = str(uuid4())
    answers = [
        ask(live, "POST", "/trade-orders/claim", CLAIM | {"limit": 2}, Idempotency_Key=each)
        for each in (key, key.upper())
    ]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    assert answers[0].json == answers[1].json
    assert ids(answers[0].json or []) == orders[:2]
    assert ids(claim(live)) == orders[2:]


def test_the_same_key_twice_at_once_claims_once(live: Trader, first: Session, second: Session) -> None:
    orders = [new_order(live, token)["id"] for token in "ABC"]
    claim_two = "select document::text, is_replayed from book.claim_orders(%s, %s, %s, clock_timestamp())"
    asked = [live.ledger.user, json.dumps(CLAIM | {"limit": 2}), uuid4()]
    document, is_replayed = first.connection.execute(claim_two, asked).fetchone() or ("", None)
    running = second.start(lambda: second.connection.execute(claim_two, asked).fetchone())
    assert second.waits_for(running, first)
    first.commit()
    assert is_replayed is False
    assert running.result() == (document, True)
    assert ids(claim(live)) == orders[2:]


def test_two_executors_at_once_never_get_the_same_order(live: Trader, first: Session) -> None:
    orders = [new_order(live, token)["id"] for token in "ABC"]
    claim_two = "select book.claim_orders(%s, %s, null, clock_timestamp())::text"
    first.connection.execute(claim_two, [live.ledger.user, json.dumps(CLAIM | {"limit": 2})])
    # The other's transaction is open still: what it has is passed over, not waited for.
    assert ids(claim(live, executor="two")) == orders[2:]
    first.commit()
    assert claim(live, executor="two") == []
    assert {order["claimedBy"] for order in live.get("/trade-orders").json or []} == {"one", "two"}


def test_an_executor_claims_for_one_agent_alone_where_it_says_so(
    live: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    order = new_order(live)
    other = go_live(make_trader(client, db, database_url))
    foreign = problem(live.post("/trade-orders/claim", CLAIM | {"agentId": str(other.ledger.agent)}))
    assert foreign == (404, "not_found", "/agentId")
    assert ids(claim(live, agentId=str(live.ledger.agent))) == [order["id"]]


def test_a_dry_run_claims_fills_and_fails_nothing(live: Trader, db: psycopg.Connection) -> None:
    order = new_order(live)
    before = checksums(db)
    db.rollback()
    dry = live.post("/trade-orders/claim?dry_run=true", CLAIM)
    assert (dry.status_code, dry.headers["Dry-Run"], ids(dry.json or [])) == (200, "true", [order["id"]])
    assert checksums(db) == before
    db.rollback()
    claim(live)
    before = checksums(db)
    db.rollback()
    for what, body, status in (("fill", FILL, "filled"), ("fail", {"error": "no route"}, "failed")):
        dry = live.post(f"/trade-orders/{order['id']}/{what}?dry_run=true", body)
        assert (dry.status_code, (dry.json or {})["status"]) == (200, status)
        assert checksums(db) == before
        db.rollback()


# Ending


def test_a_fill_books_the_swap_and_tells_where_the_order_came_from(live: Trader) -> None:
    order = claimed(live)
    filled = written(live, order, "fill", FILL)
    assert (filled["status"], filled["transactionHash"], filled["error"]) == ("filled", "signature", None)
    swap = live.get(f"/agent-transactions/{filled['transactionId']}").json or {}
    expected = {
        "walletAddress": live.ledger.wallet,
        "inputMint": SOL,
        "inputAmount": order["amount"],
        "outputMint": "A",
        "outputAmount": "150",
        "transactionHash": "signature",
        "signalId": order["signalId"],
        "feesSol": "0.000005",
    }
    assert {name: swap[name] for name in expected} == expected
    (execution,) = live.get("/signal-executions").json or []
    assert (execution["status"], execution["transactionId"]) == ("success", swap["id"])
    (position,) = live.get(f"/agent-positions/{live.ledger.agent}").json or []
    assert (position["id"], position["remainingAmount"]) == (swap["id"], "150")
    assert live.ledger.balance() == Decimal("999.999995") - Decimal(order["amount"])


def test_a_fill_says_what_was_given_and_when_where_that_is_not_as_ordered(live: Trader) -> None:
    order = claimed(live)
    body = FILL | {"inputAmount": "1.25", "valueUsd": "125", "transactionTime": order["createdAt"]}
    filled = written(live, order, "fill", body)
    swap = live.get(f"/agent-transactions/{filled['transactionId']}").json or {}
    assert (swap["inputAmount"], swap["transactionTime"]) == ("1.25", order["createdAt"])


def test_the_same_signature_again_answers_the_first_result_and_another_is_refused(
    live: Trader, db: psycopg.Connection
) -> None:
    order = claimed(live)
    path = f"/trade-orders/{order['id']}"
    filled = live.post(f"{path}/fill", FILL)
    before = checksums(db)
    db.rollback()
    again = live.post(f"{path}/fill", FILL)
    assert (again.status_code, again.json) == (200, filled.json)
    assert [each.headers.get("Idempotency-Replayed") for each in (filled, again)] == [None, "true"]
    for change_, expected in [
        ({"transactionHash": "another"}, (409, "repeat_differs", "/transactionHash")),
        ({"outputAmount": "151"}, (409, "repeat_differs", "/outputAmount")),
    ]:
        assert problem(live.post(f"{path}/fill", FILL | change_)) == expected
    assert problem(live.post(f"{path}/fail", {"error": "late"})) == (409, "order_not_open", "/id")
    assert checksums(db) == before


def test_a_failed_order_is_over_and_says_why(live: Trader, db: psycopg.Connection) -> None:
    order = claimed(live)
    path = f"/trade-orders/{order['id']}"
    failed = live.post(f"{path}/fail", {"error": "no route"})
    again = live.post(f"{path}/fail", {"error": "no route"})
    assert (failed.status_code, failed.json) == (again.status_code, again.json)
    assert (failed.json or {})["status"] == "failed"
    assert [each.headers.get("Idempotency-Replayed") for each in (failed, again)] == [None, "true"]
    assert problem(live.post(f"{path}/fail", {"error": "another"})) == (409, "repeat_differs", "/error")
    (execution,) = live.get("/signal-executions").json or []
    assert [execution[name] for name in ("status", "reason", "error")] == ["failed", "order_failed", "no route"]
    assert claim(live) == []
    assert live.ledger.position("A") is None
    db.rollback()
    assert new_order(live, strength=4)["status"] == "pending", "the token is free for another signal"


def test_what_has_happened_on_the_chain_fills_an_order_that_somebody_said_has_failed(
    live: Trader, db: psycopg.Connection
) -> None:
    path = f"/trade-orders/{claimed(live)['id']}"
    assert live.post(f"{path}/fail", {"error": "no answer"}).status_code == 200
    filled = live.post(f"{path}/fill", FILL)
    assert (filled.status_code, (filled.json or {})["status"], (filled.json or {})["error"]) == (200, "filled", None)
    (execution,) = live.get("/signal-executions").json or []
    assert [execution[name] for name in ("status", "reason", "error")] == ["success", None, None]
    assert live.ledger.position("A") is not None


def test_an_order_that_nobody_has_claimed_is_neither_filled_nor_failed(live: Trader, db: psycopg.Connection) -> None:
    order = new_order(live)
    path = f"/trade-orders/{order['id']}"
    for body, what in ((FILL, "fill"), ({"error": "no route"}, "fail")):
        assert problem(live.post(f"{path}/{what}", body)) == (409, "order_not_open", "/id")
    change(db, order, OVERDUE)
    assert claim(live) == [], "it is too late for it"
    assert value(db, "select book.expire_orders(clock_timestamp())") == 1
    db.commit()
    assert problem(live.post(f"{path}/fill", FILL)) == (409, "order_not_open", "/id")
    (execution,) = live.get("/signal-executions").json or []
    assert (execution["status"], execution["reason"]) == ("failed", "order_expired")


def test_an_order_that_expired_while_it_was_executed_is_filled_all_the_same(
    live: Trader, db: psycopg.Connection
) -> None:
    """What has happened on the chain has happened."""
    order = claimed(live)
    change(db, order, f"{LAPSED}, {OVERDUE}")
    assert value(db, "select book.expire_orders(clock_timestamp())") == 1
    db.commit()
    expired = live.get(f"/trade-orders/{order['id']}").json or {}
    assert (expired["status"], bool(expired["error"])) == ("expired", True)
    filled = written(live, order, "fill", FILL)
    assert (filled["status"], filled["error"]) == ("filled", None)
    (execution,) = live.get("/signal-executions").json or []
    assert [execution[name] for name in ("status", "reason", "error")] == ["success", None, None]


def test_a_sale_is_filled_with_its_reason(live: Trader, db: psycopg.Connection) -> None:
    live.ledger.buy("A", "100", "1", transaction_time="2026-02-01T00:00:00Z")
    db.commit()
    record_prices(db, A="0.005")
    (sale,) = claim(live)
    written(live, sale, "fill", FILL | {"outputAmount": "0.5"})
    (swap,) = live.get("/agent-historical-swaps").json or []
    assert (swap["closeReason"], swap["amount"], swap["gainSol"]) == ("stop_loss", "100", "-0.500005")
    (action,) = live.get(f"/agent-positions/{live.ledger.agent}/actions").json or []
    assert (action["rule"], action["status"], action["transactionId"]) == ("stop_loss", "success", swap["id"])


# What is refused


@pytest.mark.parametrize(
    ("change_", "status", "name", "field"),
    [
        ({"executor": None}, 400, "field_required", "/executor"),
        ({"executor": ""}, 400, "field_not_valid", "/executor"),
        ({"limit": 0}, 400, "field_not_valid", "/limit"),
        ({"limit": 101}, 400, "field_not_valid", "/limit"),
        ({"leaseSeconds": 4}, 400, "field_not_valid", "/leaseSeconds"),
        ({"leaseSeconds": 601}, 400, "field_not_valid", "/leaseSeconds"),
        ({"agentId": "mine"}, 400, "field_not_valid", "/agentId"),
        ({"wallet": "x"}, 400, "field_unknown", "/wallet"),
    ],
)
def test_a_wrong_claim_is_refused_by_its_field(
    live: Trader, db: psycopg.Connection, change_: dict[str, Any], status: int, name: str, field: str
) -> None:
    new_order(live)
    before = checksums(db)
    db.rollback()
    assert problem(live.post("/trade-orders/claim", CLAIM | change_)) == (status, name, field)
    assert checksums(db) == before


def test_a_wrong_end_is_refused_by_its_field(live: Trader, db: psycopg.Connection) -> None:
    path = f"/trade-orders/{claimed(live)['id']}"
    before = checksums(db)
    db.rollback()
    for change_, expected in [
        ({"transactionHash": None}, (400, "field_required", "/transactionHash")),
        ({"outputAmount": None}, (400, "field_required", "/outputAmount")),
        ({"outputAmount": "0"}, (422, "amount_not_valid", "/outputAmount")),
        ({"outputAmount": 1.5}, (422, "amount_not_valid", "/outputAmount")),
        ({"inputAmount": "1000.000000001"}, (422, "insufficient_balance", "/inputAmount")),
        ({"transactionTime": "2999-01-01T00:00:00Z"}, (422, "transaction_in_future", "/transactionTime")),
        ({"agentId": str(live.ledger.agent)}, (400, "field_unknown", "/agentId")),
    ]:
        assert problem(live.post(f"{path}/fill", FILL | change_)) == expected
    for body, expected in [
        ({}, (400, "field_required", "/error")),
        ({"error": "x" * 501}, (400, "field_not_valid", "/error")),
        ({"error": "x", "reason": "y"}, (400, "field_unknown", "/reason")),
    ]:
        assert problem(live.post(f"{path}/fail", body)) == expected
    assert problem(ask(live, "POST", f"{path}/fill", FILL, Idempotency_Key=str(uuid4())))[1] == "field_unknown"
    assert checksums(db) == before


def test_orders_are_listed_by_what_they_are(live: Trader) -> None:
    first_, second = (new_order(live, token)["id"] for token in "AB")
    claim(live, limit=1)

    def found(query: str) -> list[str]:
        response = live.get(f"/trade-orders?{query}")
        assert response.status_code == 200, response.text
        return ids(response.json or [])

    assert found("") == [second, first_]
    assert found("sort=createdAt") == [first_, second]
    assert found("status=claimed") == [first_]
    assert found("tokenAddress=B") == [second]
    assert found(f"walletAddress={live.ledger.wallet}&agentId={live.ledger.agent}&limit=1") == [second]
    assert problem(live.get("/trade-orders?status=open")) == (400, "field_not_valid", "/status")


def test_another_users_orders_are_not_there(
    live: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    order = claimed(live)
    new_order(live, "B")
    other = make_trader(client, db, database_url)
    before = checksums(db)
    db.rollback()
    path = f"/trade-orders/{order['id']}"
    assert other.get("/trade-orders").json == []
    assert other.get(f"/trade-orders?agentId={live.ledger.agent}").json == []
    assert claim(other) == []
    assert other.get(path).status_code == 404
    for body, what in ((FILL, "fill"), ({"error": "no route"}, "fail")):
        assert problem(other.post(f"{path}/{what}", body)) == (404, "not_found", "/id")
    assert checksums(db) == before


def test_orders_take_the_scope_trade_and_nothing_else(
    live: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    others = ("agents", "positions", "balances", "transactions", "history", "signals", "feed")
    reader = make_trader(client, db, database_url, scopes=others)
    executor = make_trader(client, db, database_url, scopes=("trade",))
    for method, path in [
        ("GET", "/trade-orders"),
        ("GET", f"/trade-orders/{uuid4()}"),
        ("POST", "/trade-orders/claim"),
        ("POST", f"/trade-orders/{uuid4()}/fill"),
        ("POST", f"/trade-orders/{uuid4()}/fail"),
    ]:
        assert ask(reader, method, path, CLAIM if method == "POST" else None).status_code == 403, path
        assert client.open(BASE + path, method=method).status_code == 401, path
        assert ask(executor, method, path, CLAIM if method == "POST" else None).status_code in (200, 400, 404), path
