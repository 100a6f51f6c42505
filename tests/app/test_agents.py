"""Agents over HTTP: they are changed and deleted, and tell their trades and what they were worth."""

from __future__ import annotations

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import Person, Trader, make_person, make_trader
from tests.app.test_wallets import problem
from tests.ledger import Ledger, checksums, new_agent, value


@pytest.fixture
def owner(client: FlaskClient, db: psycopg.Connection, trader: Trader) -> Person:
    """The person whose agent the trader's is."""
    return make_person(client, db, trader.ledger.user)


# Changing


def test_the_fields_that_are_given_are_changed(owner: Person, trader: Trader) -> None:
    path = f"/agents/{trader.ledger.agent}"
    before = owner.get(path).json or {}
    changed = owner.ask("PUT", path, {"name": "Careful", "automatedTradingLive": False, "tradingMode": None})
    assert changed.status_code == 200
    after = owner.get(path).json or {}
    assert after == changed.json
    assert {name for name in after if after[name] != before[name]} == {"name", "automatedTradingLive", "updatedAt"}
    assert (after["name"], after["automatedTradingLive"]) == ("Careful", False)
    dry = owner.ask("PUT", f"{path}?dry_run=true", {"name": "tried"})
    assert ((dry.json or {})["name"], (owner.get(path).json or {})["name"]) == ("tried", "Careful")
    for body, expected in [
        ({"tradingMode": "paper"}, (400, "field_not_valid", "/tradingMode")),
        ({"name": ""}, (400, "field_not_valid", "/name")),
        ({"name": " "}, (422, "rule_broken", "/name")),
        ({"userId": "x"}, (400, "field_unknown", "/userId")),
        ([], (400, "field_not_valid", None)),
    ]:
        assert problem(owner.ask("PUT", path, body)) == expected


def test_an_agent_goes_with_its_history_where_that_is_confirmed_and_not_else(
    owner: Person, trader: Trader, db: psycopg.Connection
) -> None:
    path = f"/agents/{trader.ledger.agent}"
    before = checksums(db)
    db.rollback()
    for query in ("", "?confirm=false"):
        assert problem(owner.ask("DELETE", path + query)) == (409, "agent_has_history", "/confirm")
    assert problem(owner.ask("DELETE", f"{path}?confirm=yes")) == (400, "field_not_valid", "/confirm")
    assert owner.ask("DELETE", f"{path}?confirm=true&dry_run=true").status_code == 204
    kept = checksums(db)
    db.rollback()
    assert kept == before
    deleted = owner.ask("DELETE", f"{path}?confirm=true")
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert owner.get("/agents").json == []
    assert value(db, "select count(*) from agent_transactions") == 0
    db.rollback()
    assert owner.ask("DELETE", f"{path}?confirm=true").status_code == 404


def test_an_agent_that_never_traded_goes_at_once(owner: Person) -> None:
    made = (owner.post("/agents", {"name": "new"}).json or {})["id"]
    assert owner.ask("DELETE", f"/agents/{made}").status_code == 204


# Trades


def test_trades_have_their_transactions(trader: Trader) -> None:
    ledger = trader.ledger
    first = [ledger.buy("A", "100", "1"), ledger.buy("A", "100", "2"), ledger.sell("A", "200", "4")]
    second = [ledger.buy("A", "10", "1"), ledger.sell("A", "5", "0.2"), ledger.sell("A", "5", "0.3")]
    ledger.buy("B", "10", "1")
    ledger.db.commit()
    path = f"/agents/{ledger.agent}/trades"
    trades = trader.get(path).json or []
    assert [(each["profitSol"], each["outcome"], each["buyCount"], each["saleCount"]) for each in trades] == [
        ("-0.5", "lost", 1, 2),
        ("1", "won", 2, 1),
    ]
    assert [each["transactions"] for each in trades] == [[str(each) for each in ids] for ids in (second, first)]
    assert [each["id"] for each in trades] == [str(second[0]), str(first[0])]
    assert trader.get(f"{path}?sort=profitSol").json == trades
    ended = trades[0]["closedAt"]
    assert trader.get(f"{path}?from={ended}").json == trades[:1]
    assert trader.get(f"{path}?to={ended}").json == trades[1:]
    assert trader.get(f"{path}?tokenAddress=B").json == []
    assert trader.get(f"{path}?walletAddress={ledger.wallet}").json == trades
    assert problem(trader.get(f"{path}?sort=holdingSeconds")) == (400, "field_not_valid", "/sort")


# What it was worth


def snapshot(ledger: Ledger, at: str, portfolio: str, sol: str, unrealized: str) -> None:
    ledger.db.execute("set role tradebook_book")
    ledger.db.execute(
        "insert into agent_balance_snapshots (agent_id, wallet_address, user_id, snapshot_timestamp,"
        " portfolio_balance_sol, sol_balance, positions_value_sol, unrealized_pnl_sol)"
        " values (%s, %s, %s, %s, %s, %s, %s::numeric - %s::numeric, %s)",
        [ledger.agent, ledger.wallet, ledger.user, at, portfolio, sol, portfolio, sol, unrealized],
    )
    ledger.db.execute("reset role")
    ledger.db.commit()


def test_the_balance_history_is_the_snapshots(trader: Trader) -> None:
    ledger = trader.ledger
    for at, portfolio in [("2026-01-02T22", "3.5"), ("2026-01-02T23", "4"), ("2026-01-03T00", "5")]:
        snapshot(ledger, f"{at}:00:00Z", portfolio, "3", "-0.25")
    path = f"/agents/{ledger.agent}/balance-history"
    told = trader.get(path).json or {}
    assert (told["agentId"], told["walletAddress"], told["granularity"]) == (str(ledger.agent), None, "hour")
    assert told["snapshots"][0] == {
        "timestamp": "2026-01-02T22:00:00Z",
        "portfolioBalanceSol": "3.5",
        "solBalance": "3",
        "positionsValueSol": "0.5",
        "unrealizedPnLSol": "-0.25",
    }

    def values(query: str) -> list[str]:
        return [each["portfolioBalanceSol"] for each in (trader.get(f"{path}?{query}").json or {})["snapshots"]]

    assert values("") == ["3.5", "4", "5"]
    assert values("granularity=day") == ["4", "5"]
    assert values("from=2026-01-02T23:00:00Z&to=2026-01-03T00:00:00Z") == ["4"]
    assert values(f"walletAddress={ledger.wallet}&granularity=day&timeframe=all") == ["4", "5"]
    assert values("timeframe=24h") == []
    assert problem(trader.get(f"{path}?walletAddress=other")) == (404, "not_found", "/walletAddress")
    assert problem(trader.get(f"{path}?granularity=week")) == (400, "field_not_valid", "/granularity")
    assert problem(trader.get(f"{path}?timeframe=1h")) == (400, "field_not_valid", "/timeframe")


def test_they_take_their_scope(client: FlaskClient, db: psycopg.Connection, database_url: str) -> None:
    source = make_trader(client, db, database_url, scopes=("signals",))
    agent = new_agent(db, source.ledger.user)
    db.commit()
    for path in (f"/agents/{agent}/trades", f"/agents/{agent}/balance-history"):
        assert source.get(path).status_code == 403, path
        assert client.get(f"/api/v1{path}").status_code == 401, path
