"""Tokens that are worth nothing any more: the operator burns them for everyone, a user his own."""

from __future__ import annotations

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import errors

from tests.app.conftest import BASE, Trader, make_person, make_trader
from tests.app.test_wallets import problem
from tests.ledger import SOL, acting_as, checksums

PATH = "/dead-tokens"
DEAD = {"tokenAddress": "A", "evidence": "the liquidity was taken out"}


@pytest.fixture
def operator(client: FlaskClient, db: psycopg.Connection, database_url: str) -> Trader:
    """Whoever has a key with the scope feed."""
    return make_trader(client, db, database_url, scopes=("feed",))


@pytest.fixture
def other(client: FlaskClient, db: psycopg.Connection, database_url: str, trader: Trader) -> Trader:
    """Another user; he and the trader hold 100 A and 100 B, bought for 1 SOL each."""
    made = make_trader(client, db, database_url)
    for each in (trader, made):
        each.ledger.buy("A", "100", "1")
        each.ledger.buy("B", "100", "1")
    db.commit()
    return made


def test_a_user_burns_his_own_and_the_loss_is_a_historical_swap(trader: Trader, other: Trader) -> None:
    response = trader.post(PATH, DEAD)
    assert (response.status_code, response.json) == (200, {"tokenAddress": "A", "burned": 1, "failed": 0})
    (swap,) = trader.get("/agent-historical-swaps").json or []
    assert (swap["amount"], swap["gainSol"], swap["closeReason"]) == ("100", "-1", "dead_token")
    (burn,) = trader.get("/agent-transactions?transactionType=BURN").json or []
    assert burn["id"] == swap["id"]
    (action,) = trader.get(f"/agent-positions/{trader.ledger.agent}/actions").json or []
    assert (action["rule"], action["status"], action["transactionId"]) == ("dead_token", "success", swap["id"])
    assert trader.ledger.position("B") is not None
    assert other.ledger.balance("A") == 100
    assert (trader.post(PATH, DEAD).json or {})["burned"] == 0, "again, there is nothing left"


def test_the_operator_burns_everybodys(trader: Trader, other: Trader, operator: Trader, db: psycopg.Connection) -> None:
    response = operator.post(PATH, DEAD)
    assert (response.status_code, response.json) == (200, {"tokenAddress": "A", "burned": 2, "failed": 0})
    for each in (trader, other):
        assert [each.ledger.balance(token) for token in "AB"] == [0, 100]
        assert len(each.get("/agent-historical-swaps").json or []) == 1


def test_what_the_agent_does_not_manage_is_burned_by_its_user_alone(trader: Trader, operator: Trader) -> None:
    trader.ledger.deposit("A", "50", "0")
    trader.ledger.db.commit()
    position = trader.ledger.position("A")
    assert position is not None
    assert not position["managed"]
    assert (operator.post(PATH, DEAD).json or {})["burned"] == 0
    assert (trader.post(PATH, DEAD).json or {})["burned"] == 1


def test_a_dry_run_burns_nothing(trader: Trader, other: Trader, operator: Trader, db: psycopg.Connection) -> None:
    before = checksums(db)
    db.rollback()
    for each, burned in ((trader, 1), (operator, 2)):
        dry = each.post(f"{PATH}?dry_run=true", DEAD)
        assert (dry.headers["Dry-Run"], (dry.json or {})["burned"]) == ("true", burned)
    assert checksums(db) == before


def test_a_flag_without_a_token_or_evidence_is_refused(
    trader: Trader, other: Trader, operator: Trader, db: psycopg.Connection
) -> None:
    before = checksums(db)
    db.rollback()
    for each in (trader, operator):
        for change, expected in [
            ({"tokenAddress": None}, (400, "field_required", "/tokenAddress")),
            ({"evidence": None}, (400, "field_required", "/evidence")),
            ({"evidence": " "}, (422, "rule_broken", "/evidence")),
            ({"evidence": "x" * 1001}, (400, "field_not_valid", "/evidence")),
            ({"tokenAddress": "no mint"}, (422, "rule_broken", "/tokenAddress")),
            ({"tokenAddress": SOL}, (422, "rule_broken", "/tokenAddress")),
            ({"userId": str(other.ledger.user)}, (400, "field_unknown", "/userId")),
        ]:
            assert problem(each.post(PATH, DEAD | change)) == expected
    assert checksums(db) == before


def test_a_flag_takes_the_scope_feed_or_trade(
    trader: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    others = ("agents", "positions", "balances", "transactions", "history", "signals")
    assert make_trader(client, db, database_url, scopes=others).post(PATH, DEAD).status_code == 403
    assert make_trader(client, db, database_url, scopes=("trade",)).post(PATH, DEAD).status_code == 200
    assert make_person(client, db, trader.ledger.user).post(PATH, DEAD).status_code == 200
    assert client.post(BASE + PATH, json=DEAD).status_code == 401


def test_the_service_cannot_speak_for_everyone_or_for_another(
    trader: Trader, other: Trader, db: psycopg.Connection
) -> None:
    """The database says so, whatever the service asks it for."""
    flag = 'select book.flag_dead_token(%s, \'{"tokenAddress": "A", "evidence": "x"}\', clock_timestamp())'
    for owner in (None, other.ledger.user):
        with pytest.raises(errors.DatabaseError) as refused, acting_as(db, "api", trader.ledger.user):
            db.execute(flag, [owner])
        assert refused.value.sqlstate == "TB007"
        db.rollback()
