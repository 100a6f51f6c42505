"""Signals over HTTP: a user's and the operator's, once each, and what agents did with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.conftest import BASE, Trader, follow_signal, go_live, make_trader
from tests.app.test_wallets import problem
from tests.ledger import checksums, value
from tests.sessions import Session, refusal

BUY = {"tokenAddress": "A", "signalType": "buy", "signalStrength": 3}
WHOLE = BUY | {"symbol": "AAA", "activationReason": "it rises", "source": "scanner"}


@pytest.fixture
def operator(client: FlaskClient, db: psycopg.Connection, database_url: str) -> Trader:
    """Whoever has a key with the scope feed."""
    return make_trader(client, db, database_url, scopes=("feed",))


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def ask(trader: Trader, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
    given = {"X-API-Key": trader.key} | {name.replace("_", "-"): content for name, content in headers.items()}
    return trader.client.open(BASE + path, method=method, json=body, headers=given)


def made(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json or {}
    return document


def later(db: psycopg.Connection) -> None:
    """As if a minute had passed since every signal."""
    db.execute("update trading_signals set created_at = created_at - interval '60 seconds'")
    db.commit()


# Making


def test_a_signal_is_answered_as_it_is_stored(trader: Trader) -> None:
    signal = made(trader.post("/trading-signals", WHOLE))
    assert {name: signal[name] for name in WHOLE} == WHOLE
    assert signal["userId"] == str(trader.ledger.user)
    assert trader.get(f"/trading-signals/{signal['id']}").json == signal
    assert trader.get("/trading-signals").json == [signal]


def test_the_operators_signal_is_everyones_and_a_users_his_own(
    client: FlaskClient, db: psycopg.Connection, database_url: str, trader: Trader, operator: Trader
) -> None:
    shared = made(operator.post("/trading-signals", BUY))
    own = made(trader.post("/trading-signals", BUY))
    other = make_trader(client, db, database_url)
    assert (shared["userId"], own["userId"]) == (None, str(trader.ledger.user))
    assert trader.get("/trading-signals").json == [own, shared]
    assert other.get("/trading-signals").json == [shared]
    assert other.get(f"/trading-signals/{own['id']}").status_code == 404


def test_a_signal_that_breaks_a_rule_is_refused(trader: Trader, db: psycopg.Connection) -> None:
    for change, expected in [
        ({"signalStrength": 0}, (400, "field_not_valid", "/signalStrength")),
        ({"signalStrength": 6}, (400, "field_not_valid", "/signalStrength")),
        ({"signalStrength": "3"}, (400, "field_not_valid", "/signalStrength")),
        ({"signalStrength": None}, (400, "field_required", "/signalStrength")),
        ({"tokenAddress": "no mint"}, (422, "rule_broken", "/tokenAddress")),
        ({"signalType": " "}, (422, "rule_broken", "/signalType")),
        ({"symbol": "x" * 51}, (400, "field_not_valid", "/symbol")),
        ({"userId": str(uuid4())}, (400, "field_unknown", "/userId")),
    ]:
        assert problem(trader.post("/trading-signals", BUY | change)) == expected
    assert problem(ask(trader, "POST", "/trading-signals", BUY, Idempotency_Key="1"))[:2] == (400, "field_not_valid")
    assert value(db, "select count(*) from trading_signals") == 0


def test_a_dry_run_makes_no_signal(trader: Trader, operator: Trader, db: psycopg.Connection) -> None:
    for each in (trader, operator):
        assert each.post("/trading-signals?dry_run=true", BUY).status_code == 201
    assert value(db, "select count(*) from trading_signals") == 0


# Twice


def test_the_same_within_a_minute_is_a_duplicate(trader: Trader, operator: Trader, db: psycopg.Connection) -> None:
    for each in (trader, operator):
        made(each.post("/trading-signals", BUY))
        duplicate = each.post("/trading-signals", WHOLE)
        assert problem(duplicate) == (409, "signal_duplicate", None)
        for change in ({"tokenAddress": "B"}, {"signalType": "sell"}, {"signalStrength": 4}):
            made(each.post("/trading-signals", BUY | change))
    later(db)
    for each in (trader, operator):
        made(each.post("/trading-signals", BUY))


def test_the_same_a_moment_less_than_a_minute_apart_is_one_signal_in_plain_sql_too(db: psycopg.Connection) -> None:
    insert = (
        "insert into trading_signals (token_address, signal_type, signal_strength, created_at)"
        " values ('A', 'buy', 3, timestamptz '2026-01-01T00:00:00Z' + %s * interval '1 second')"
    )
    db.execute(insert, [0])
    for seconds in (59.999999, -59.999999, 0):
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            db.execute(insert, [seconds])
        assert refused.value.sqlstate == "TB035"
    for seconds in (60, -60):
        db.execute(insert, [seconds])


@pytest.mark.parametrize("for_everyone", [False, True])
def test_the_same_twice_at_once_is_one_signal(
    trader: Trader, first: Session, second: Session, db: psycopg.Connection, for_everyone: bool
) -> None:
    user = None if for_everyone else trader.ledger.user
    insert = (
        "insert into trading_signals (token_address, signal_type, signal_strength, user_id) values ('A', 'buy', 3, %s)"
    )
    first.connection.execute(insert, [user])
    running = second.start(second.connection.execute, insert, [user])
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB035"
    assert value(db, "select count(*) from trading_signals") == 1


def test_the_same_key_again_answers_the_first_result(trader: Trader, operator: Trader, db: psycopg.Connection) -> None:
    key = str(uuid4())
    # The operator first: a user sees his signals too.
    for each in (operator, trader):
        signal = ask(each, "POST", "/trading-signals", WHOLE, Idempotency_Key=key)
        again = ask(each, "POST", "/trading-signals", WHOLE, Idempotency_Key=key.upper())
        assert made(signal) == made(again)
        replayed = [response.headers.get("Idempotency-Replayed") for response in (signal, again)]
        assert replayed == [None, "true"]
        for name, content in {
            "tokenAddress": "B",
            "signalType": "sell",
            "signalStrength": 4,
            "symbol": None,
            "activationReason": "it falls",
            "source": "elsewhere",
        }.items():
            other = ask(each, "POST", "/trading-signals", WHOLE | {name: content}, Idempotency_Key=key)
            assert problem(other) == (409, "repeat_differs", f"/{name}")
    assert value(db, "select count(*) from trading_signals") == 2


# Changing


def test_the_fields_that_are_given_are_changed(trader: Trader) -> None:
    signal = made(trader.post("/trading-signals", WHOLE))
    path = f"/trading-signals/{signal['id']}"
    changed = ask(trader, "PUT", path, {"signalStrength": 5, "symbol": None, "signalType": None})
    assert changed.status_code == 200
    expected = signal | {"signalStrength": 5, "symbol": None}
    assert (changed.json or {}) | {"updatedAt": None} == expected | {"updatedAt": None}
    assert trader.get(path).json == changed.json
    assert problem(ask(trader, "PUT", path, {"signalStrength": 9})) == (400, "field_not_valid", "/signalStrength")
    assert problem(ask(trader, "PUT", path, {"id": 9})) == (400, "field_unknown", "/id")


def test_no_signal_is_changed_into_a_duplicate(trader: Trader) -> None:
    made(trader.post("/trading-signals", BUY))
    other = made(trader.post("/trading-signals", BUY | {"signalStrength": 4}))
    changed = ask(trader, "PUT", f"/trading-signals/{other['id']}", {"signalStrength": 3})
    assert problem(changed) == (409, "signal_duplicate", None)


def test_a_signal_is_deleted(trader: Trader) -> None:
    signal = made(trader.post("/trading-signals", BUY))
    path = f"/trading-signals/{signal['id']}"
    dry = ask(trader, "DELETE", f"{path}?dry_run=true")
    assert (dry.status_code, dry.headers["Dry-Run"], trader.get(path).status_code) == (204, "true", 200)
    deleted = ask(trader, "DELETE", path)
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert ask(trader, "DELETE", path).status_code == 404
    assert trader.get(path).status_code == 404
    assert trader.get(f"/trading-signals/{2**31}").status_code == 404


def test_a_signal_that_was_acted_on_stays_as_it_is(
    trader: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    """By a trade of its own, an order, or one that came to nothing; also by a trade that names it."""
    live = go_live(make_trader(client, db, database_url))
    bought = follow_signal(trader)
    ordered = follow_signal(live)
    failed = follow_signal(live, "B")
    assert ask(live, "POST", "/trade-orders/claim", {"executor": "one"}).status_code == 200
    assert live.post(f"/trade-orders/{failed['orderId']}/fail", {"error": "no route"}).status_code == 200
    left = made(trader.post("/trading-signals", BUY | {"tokenAddress": "C"}))["id"]
    trader.ledger.buy("C", "100", "1", signal_id=left)
    db.commit()
    assert [each["status"] for each in (bought, ordered)] == ["success", "pending"]
    before = checksums(db)
    db.rollback()
    for whose, signal in [
        (trader, bought["signalId"]),
        (live, ordered["signalId"]),
        (live, failed["signalId"]),
        (trader, left),
    ]:
        path = f"/trading-signals/{signal}"
        assert problem(ask(whose, "PUT", path, {"source": "elsewhere"})) == (409, "signal_was_acted_on", None)
        assert problem(ask(whose, "DELETE", path)) == (409, "signal_was_acted_on", None)
        for statement in ("update trading_signals set source = 'x'", "delete from trading_signals"):
            with pytest.raises(psycopg.Error) as refused, db.transaction():
                db.execute(f"{statement} where id = {signal}".encode())
            assert refused.value.sqlstate == "TB036"
    assert checksums(db) == before


def test_a_signal_that_every_agent_skipped_can_be_changed_and_deleted(trader: Trader, db: psycopg.Connection) -> None:
    signal = made(trader.post("/trading-signals", BUY))["id"]
    (skipped,) = trader.get(f"/trading-signals/{signal}/executions").json or []
    assert skipped["status"] == "skipped"
    path = f"/trading-signals/{signal}"
    assert ask(trader, "PUT", path, {"source": "elsewhere"}).status_code == 200
    assert trader.get(f"{path}/executions").json == [skipped]
    assert ask(trader, "DELETE", path).status_code == 204
    assert value(db, "select count(*) from signal_executions") == 0


def test_a_signal_for_everyone_is_changed_by_no_user(trader: Trader, operator: Trader, db: psycopg.Connection) -> None:
    shared = made(operator.post("/trading-signals", BUY))
    before = checksums(db)
    db.rollback()
    path = f"/trading-signals/{shared['id']}"
    assert problem(ask(trader, "PUT", path, {"signalStrength": 5})) == (403, "signal_is_for_everyone", "/id")
    assert problem(ask(trader, "DELETE", path)) == (403, "signal_is_for_everyone", "/id")
    assert checksums(db) == before


# Reading


def test_signals_are_found_by_what_they_are(trader: Trader, db: psycopg.Connection) -> None:
    for number, token in enumerate("ABC"):
        made(trader.post("/trading-signals", WHOLE | {"tokenAddress": token, "signalStrength": number + 1}))
    db.execute(
        "update trading_signals"
        " set created_at = timestamptz '2025-12-31T00:00:00Z' + signal_strength * interval '1 day'"
    )
    db.commit()

    def found(query: str) -> list[str]:
        response = trader.get(f"/trading-signals?{query}")
        assert response.status_code == 200, response.text
        return [row["tokenAddress"] for row in response.json or []]

    assert found("") == ["C", "B", "A"]
    assert found("tokenAddress=B") == ["B"]
    assert found("signalType=sell") == []
    assert found("startDate=2026-01-02T00:00:00Z&endDate=2026-01-03T00:00:00Z") == ["B"]
    assert found("search=RISES") == ["C", "B", "A"]
    assert found("search=%25") == []
    assert found("sort=signalStrength") == ["A", "B", "C"]
    assert problem(trader.get("/trading-signals?source=x")) == (400, "field_unknown", "/source")
    file = ask(trader, "GET", "/trading-signals/export?tokenAddress=A&timezone=Asia/Tokyo")
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert (row["tokenAddress"], row["createdAt"]) == ("A", "2026-01-01T09:00:00+09:00")


def test_what_agents_did_is_told_with_the_reason_of_a_skip(
    client: FlaskClient, db: psycopg.Connection, database_url: str, trader: Trader, operator: Trader
) -> None:
    other = make_trader(client, db, database_url)
    shared = made(operator.post("/trading-signals", BUY))["id"]
    own = follow_signal(trader)["signalId"]
    everything = trader.get("/signal-executions").json or []
    about = value(db, "select about from report.decision_reasons where reason = 'no_fresh_price'")
    assert [(row["signalId"], row["status"], row["reason"], row["error"]) for row in everything] == [
        (own, "success", None, None),
        (shared, "skipped", "no_fresh_price", about),
    ]
    assert trader.get(f"/agent-transactions/{everything[0]['transactionId']}").json["signalId"] == own
    assert {row["agentId"] for row in everything} == {str(trader.ledger.agent)}
    assert trader.get(f"/trading-signals/{shared}/executions").json == everything[1:]
    assert trader.get("/signal-executions?status=skipped").json == everything[1:]
    assert trader.get(f"/signal-executions?agentId={other.ledger.agent}").json == []
    assert problem(trader.get("/signal-executions?status=done")) == (400, "field_not_valid", "/status")
    assert other.get(f"/trading-signals/{own}/executions").status_code == 404


def test_signals_take_their_scope(client: FlaskClient, db: psycopg.Connection, database_url: str) -> None:
    reader = make_trader(client, db, database_url, scopes=("agents", "trade"))
    source = make_trader(client, db, database_url, scopes=("signals",))
    signal = made(source.post("/trading-signals", BUY))["id"]
    for method, path in [
        ("GET", "/trading-signals"),
        ("POST", "/trading-signals"),
        ("GET", "/trading-signals/export"),
        ("GET", f"/trading-signals/{signal}"),
        ("PUT", f"/trading-signals/{signal}"),
        ("DELETE", f"/trading-signals/{signal}"),
        ("GET", f"/trading-signals/{signal}/executions"),
        ("GET", "/signal-executions"),
    ]:
        assert ask(reader, method, path, BUY if method in ("POST", "PUT") else None).status_code == 403, path
        assert client.open(BASE + path, method=method).status_code == 401, path
    assert ask(source, "DELETE", f"/trading-signals/{signal}").status_code == 204


def test_signals_of_a_user_come_so_often_and_no_more(trader: Trader) -> None:
    trader.client.application.config["RATE_LIMITS"]["signals"] = (2, 60)
    statuses = [trader.post("/trading-signals", BUY | {"tokenAddress": token}).status_code for token in "ABC"]
    assert statuses == [201, 201, 429]
