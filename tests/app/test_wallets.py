"""Wallets over HTTP: they are taken away, begin anew, tell their statement, and are compared with the chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.conftest import Person, Trader, make_person, make_trader
from tests.ledger import SOL, Ledger, checksums, value
from tests.sessions import Session, refusal


@pytest.fixture
def owner(client: FlaskClient, db: psycopg.Connection, trader: Trader) -> Person:
    """The person whose wallet the trader's is."""
    return make_person(client, db, trader.ledger.user)


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def problem(response: TestResponse) -> tuple[int, str, str | None]:
    """Status, name, and the field that is wrong."""
    told: dict[str, Any] = response.json or {}
    pointer = told["errors"][0]["pointer"] if told["errors"] else None
    return response.status_code, told["type"].rpartition("/")[2], pointer


def balances(ledger: Ledger) -> dict[str, Decimal]:
    rows = ledger.rows(
        "select token_address, balance::numeric from agent_balances where wallet_address = %s", ledger.wallet
    )
    ledger.db.rollback()
    return {row["token_address"]: row["balance"] for row in rows}


def price_of_sol(db: psycopg.Connection, usd: str) -> None:
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', now(), 1, %s)",
        [SOL, usd],
    )
    db.commit()


def assign_live(owner: Person, ledger: Ledger) -> str:
    wallet = {"agentId": str(ledger.agent), "walletAddress": "W" * 44, "walletType": "live"}
    assert owner.post("/wallets/assign", wallet).status_code == 201
    return "W" * 44


# Unassign


def test_a_wallet_without_a_history_is_taken_away_at_once(owner: Person, trader: Trader) -> None:
    wallet = assign_live(owner, trader.ledger)
    taken = owner.post(f"/wallets/{wallet}/unassign", {})
    assert (taken.status_code, (taken.json or {})["walletAddress"]) == (200, wallet)
    assert [each["walletType"] for each in owner.get(f"/wallets/agent/{trader.ledger.agent}").json or []] == [
        "simulation"
    ]
    assert owner.post(f"/wallets/{wallet}/unassign", {}).status_code == 404
    assign_live(owner, trader.ledger)


def test_a_history_goes_with_its_wallet_where_that_is_confirmed_and_not_else(
    owner: Person, trader: Trader, db: psycopg.Connection
) -> None:
    trader.ledger.buy("A", "100", "1")
    db.commit()
    path = f"/wallets/{trader.ledger.wallet}/unassign"
    before = checksums(db)
    db.rollback()
    for body in ({}, {"confirm": False}, {"confirm": None}):
        assert problem(owner.post(path, body)) == (409, "wallet_has_history", "/confirm")
    dry = owner.post(f"{path}?dry_run=true", {"confirm": True})
    assert (dry.status_code, dry.headers["Dry-Run"]) == (200, "true")
    assert checksums(db) == before
    db.rollback()
    assert owner.post(path, {"confirm": True}).status_code == 200
    assert balances(trader.ledger) == {}
    assert value(db, "select count(*) from agent_transactions") == 0


# Reset


def test_a_reset_wallet_has_its_starting_deposit_and_nothing_else(
    owner: Person, trader: Trader, db: psycopg.Connection
) -> None:
    price_of_sol(db, "150")
    trader.ledger.buy("A", "100", "1")
    trader.ledger.sell("A", "50", "1")
    trader.ledger.snapshots(2)
    db.commit()
    path = f"/wallets/{trader.ledger.wallet}/reset"
    assert problem(owner.post(path, {})) == (409, "wallet_has_history", "/confirm")
    reset = owner.post(path, {"confirm": True})
    assert reset.status_code == 200
    deposit = reset.json or {}
    assert {name: deposit[name] for name in ("transactionType", "inputAmount", "valueUsd", "origin")} == {
        "transactionType": "DEPOSIT",
        "inputAmount": "10",
        "valueUsd": "1500",
        "origin": "simulation",
    }
    assert [each["id"] for each in trader.get("/agent-transactions").json or []] == [deposit["id"]]
    assert balances(trader.ledger) == {SOL: 10}
    for table in ("agent_positions", "agent_historical_swaps", "agent_balance_snapshots"):
        assert value(db, f"select count(*) from {table}") == 0
    db.rollback()
    assert (owner.get(f"/wallets/agent/{trader.ledger.agent}").json or [])[0]["walletAddress"] == trader.ledger.wallet


def test_what_a_reset_wallet_starts_with_is_told_or_a_setting(
    owner: Person, trader: Trader, db: psycopg.Connection
) -> None:
    path = f"/wallets/{trader.ledger.wallet}/reset"
    assert owner.post(path, {"confirm": True, "startingSol": "2.5", "valueUsd": "300"}).status_code == 200
    assert balances(trader.ledger) == {SOL: Decimal("2.5")}
    db.execute("update settings set simulation_starting_sol = 7")
    db.commit()
    assert owner.post(path, {"confirm": True, "valueUsd": "700"}).status_code == 200
    assert balances(trader.ledger) == {SOL: 7}


def test_a_wallet_is_not_reset_to_a_value_that_nobody_knows(
    owner: Person, trader: Trader, db: psycopg.Connection
) -> None:
    path = f"/wallets/{trader.ledger.wallet}/reset"
    before = checksums(db)
    db.rollback()
    assert problem(owner.post(path, {"confirm": True})) == (422, "value_required", "/valueUsd")
    for body, name, field in [
        ({"confirm": "yes"}, "field_not_valid", "/confirm"),
        ({"startingSol": "0", "confirm": True}, "amount_not_valid", "/startingSol"),
        ({"startingSol": 0.5, "confirm": True}, "amount_not_valid", "/startingSol"),
        ({"valueUsd": "-1", "confirm": True}, "amount_not_valid", "/valueUsd"),
        ({"force": True}, "field_unknown", "/force"),
    ]:
        assert problem(owner.post(path, body))[1:] == (name, field)
    assert checksums(db) == before


def test_a_live_wallet_is_never_reset(owner: Person, trader: Trader) -> None:
    wallet = assign_live(owner, trader.ledger)
    response = owner.post(f"/wallets/{wallet}/reset", {"confirm": True, "valueUsd": "1"})
    assert problem(response) == (422, "wallet_is_live", "/walletAddress")


RESET = 'select book.reset_wallet(%s, %s, \'{"confirm": true, "valueUsd": "1000"}\')'
UNASSIGN = "select book.unassign_wallet(%s, %s, '{\"confirm\": true}')"


def test_a_trade_during_a_reset_waits_and_trades_with_the_new_wallet(
    trader: Trader, db: psycopg.Connection, first: Session, second: Session
) -> None:
    trader.ledger.buy("A", "100", "1")
    db.commit()
    first.connection.execute(RESET, [trader.ledger.user, trader.ledger.wallet])
    ledger = second.ledger(trader.ledger)
    running = second.start(ledger.record, ledger.request(inputAmount="2", valueUsd="200"))
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert balances(trader.ledger) == {SOL: 8, "A": 100}


def test_an_insert_during_a_reset_waits_and_trades_with_the_new_wallet(
    trader: Trader, first: Session, second: Session
) -> None:
    """Its foreign key looks for the wallet first, and would look for the old one."""
    first.connection.execute(RESET, [trader.ledger.user, trader.ledger.wallet])
    running = second.start(second.ledger(trader.ledger).buy, "A", "100", "2")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert balances(trader.ledger) == {SOL: 8, "A": 100}


def test_a_sale_during_a_reset_is_judged_by_the_new_wallet(
    trader: Trader, db: psycopg.Connection, first: Session, second: Session
) -> None:
    trader.ledger.buy("A", "100", "1")
    db.commit()
    first.connection.execute(RESET, [trader.ledger.user, trader.ledger.wallet])
    ledger = second.ledger(trader.ledger)
    sale = ledger.request(inputMint="A", inputAmount="100", outputMint=SOL, outputAmount="1")
    running = second.start(ledger.record, sale)
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB003"
    assert balances(trader.ledger) == {SOL: 10}


@pytest.mark.parametrize("what", [RESET, UNASSIGN])
def test_an_insert_that_refers_to_the_wallet_and_has_no_turn_yet_is_waited_for(
    trader: Trader, db: psycopg.Connection, database_url: str, first: Session, second: Session, what: str
) -> None:
    db.execute(
        "create function public.pause() returns trigger language plpgsql"
        " as 'begin perform pg_advisory_xact_lock(7); return null; end'"
    )
    db.execute(
        "create trigger agent_transactions_15_pause after insert on agent_transactions"
        " for each statement execute function public.pause()"
    )
    db.commit()
    with Session(database_url) as gate:
        gate.connection.execute("select pg_advisory_lock(7)")
        trade = first.start(first.ledger(trader.ledger).buy, "A", "1", "1")
        assert first.waits_for(trade, gate)
        taking_away = second.start(second.connection.execute, what, [trader.ledger.user, trader.ledger.wallet])
        assert second.waits_for(taking_away, first)
        gate.connection.execute("select pg_advisory_unlock(7)")
        assert refusal(trade) is None
        first.commit()
        assert refusal(taking_away) is None


def test_a_reset_waits_for_a_trade(trader: Trader, first: Session, second: Session) -> None:
    ledger = first.ledger(trader.ledger)
    ledger.record(ledger.request())
    running = second.start(second.connection.execute, RESET, [trader.ledger.user, trader.ledger.wallet])
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert balances(trader.ledger) == {SOL: 10}


# The statement


def test_a_statement_has_each_leg_with_the_balance_after_it(trader: Trader) -> None:
    ledger = trader.ledger
    bought = ledger.buy("A", "100", "1", fee="0.001", transaction_time="2026-02-01T00:00:00Z")
    ledger.withdraw(SOL, "5", transaction_time="2026-03-01T00:00:00Z", destination_address="elsewhere")
    ledger.db.commit()
    path = f"/wallets/{ledger.wallet}/statement"
    lines = trader.get(f"{path}?from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z").json or []
    shown = [(line["kind"], line["tokenAddress"], line["change"], line["balance"]) for line in lines]
    assert shown == [
        ("opening", "A", None, "0"),
        ("opening", SOL, None, "1000"),
        ("given", SOL, "-1", "999"),
        ("received", "A", "100", "100"),
        ("fee", SOL, "-0.001", "998.999"),
    ]
    assert {line["transactionId"] for line in lines} == {None, str(bought)}
    whole = trader.get(path).json or []
    assert (whole[-1]["balance"], whole[-1]["destinationAddress"]) == ("993.999", "elsewhere")
    page = trader.get(f"{path}?limit=2")
    assert page.json == whole[:2]
    assert problem(trader.get(f"{path}?to=yesterday")) == (400, "field_not_valid", "/to")
    assert problem(trader.get("/wallets/mistyped/statement")) == (404, "not_found", "/walletAddress")


# The chain


def compared(response: TestResponse) -> dict[str, tuple[str, str, str, str | None]]:
    """By token: booked, on the chain, difference, and the type of the transaction that made up for it."""
    assert response.status_code == 200, response.text
    return {
        row["tokenAddress"]: (
            row["bookedBalance"],
            row["chainBalance"],
            row["difference"],
            row["transaction"] and row["transaction"]["transactionType"],
        )
        for row in response.json or []
    }


def test_differences_are_told_of_the_tokens_of_either_side(trader: Trader, db: psycopg.Connection) -> None:
    trader.ledger.buy("A", "100", "1")
    trader.ledger.buy("B", "7", "1")
    db.commit()
    before = checksums(db)
    db.rollback()
    chain = [
        {"tokenAddress": SOL, "balance": "998"},
        {"tokenAddress": "A", "balance": "100.000000000000000001"},
        {"tokenAddress": "C", "balance": "3"},
        {"tokenAddress": "D", "balance": 0},
    ]
    assert compared(trader.post(f"/wallets/{trader.ledger.wallet}/reconcile", chain)) == {
        SOL: ("998", "998", "0", None),
        "A": ("100", "100.000000000000000001", "0.000000000000000001", None),
        "B": ("7", "0", "-7", None),
        "C": ("0", "3", "3", None),
        "D": ("0", "0", "0", None),
    }
    assert checksums(db) == before


def test_differences_that_are_applied_are_booked_once(trader: Trader, db: psycopg.Connection) -> None:
    price_of_sol(db, "100")
    trader.ledger.buy("A", "100", "1")
    trader.ledger.buy("B", "7", "1")
    db.commit()
    path = f"/wallets/{trader.ledger.wallet}/reconcile?apply=true"
    chain = [
        {"tokenAddress": SOL, "balance": "1000.5"},
        {"tokenAddress": "A", "balance": "40"},
        {"tokenAddress": "C", "balance": "3", "valueUsd": "12"},
    ]
    dry = trader.post(f"{path}&dry_run=true", chain)
    booked = trader.post(path, chain)
    assert (
        compared(booked)
        == compared(dry)
        == {
            SOL: ("998", "1000.5", "2.5", "DEPOSIT"),
            "A": ("100", "40", "-60", "WITHDRAWAL"),
            "B": ("7", "0", "-7", "WITHDRAWAL"),
            "C": ("0", "3", "3", "DEPOSIT"),
        }
    )
    made = {row["tokenAddress"]: row["transaction"] for row in booked.json or []}
    assert (made[SOL]["valueUsd"], made["C"]["valueUsd"], made["C"]["valueSol"]) == ("250", "12", "0.12")
    assert made["A"]["swapPayload"] == {"reconciliation": {"bookedBalance": "100", "chainBalance": "40"}}
    assert balances(trader.ledger) == {SOL: Decimal("1000.5"), "A": 40, "B": 0, "C": 3}
    facts = value(db, "select count(*) from agent_transactions")
    db.rollback()
    assert {row[2:] for row in compared(trader.post(path, chain)).values()} == {("0", None)}
    assert value(db, "select count(*) from agent_transactions") == facts


def test_an_adjustment_comes_after_what_is_booked_for_a_moment_ahead(trader: Trader, db: psycopg.Connection) -> None:
    ahead = value(db, "select clock_timestamp() + interval '4 minutes'")
    trader.ledger.buy("A", "100", "1", transaction_time=ahead)
    db.commit()
    path = f"/wallets/{trader.ledger.wallet}/reconcile?apply=true"
    response = trader.post(path, [{"tokenAddress": SOL, "balance": "999"}])
    assert compared(response)["A"] == ("100", "0", "-100", "WITHDRAWAL")
    assert value(db, "select max(transaction_time) from agent_transactions") == ahead


def test_one_difference_that_cannot_be_booked_leaves_all_as_they_were(trader: Trader, db: psycopg.Connection) -> None:
    before = checksums(db)
    db.rollback()
    path = f"/wallets/{trader.ledger.wallet}/reconcile?apply=true"
    sol = {"tokenAddress": SOL, "balance": "999"}
    for item, expected in [
        ({"tokenAddress": "C", "balance": "3"}, (422, "value_required", "/1/valueSol")),
        ({"tokenAddress": "C", "balance": "3", "valueUsd": "12"}, (422, "value_required", "/1/valueSol")),
        ({"tokenAddress": "C", "balance": "-3"}, (422, "amount_not_valid", "/1/balance")),
        ({"tokenAddress": "C", "balance": "1" + "0" * 20}, (422, "amount_out_of_range", "/1/balance")),
        ({"tokenAddress": "C"}, (400, "field_required", "/1/balance")),
        ({"tokenAddress": "no mint", "balance": "1"}, (400, "field_not_valid", "/1/tokenAddress")),
        ({"tokenAddress": SOL, "balance": "1"}, (400, "field_not_valid", "/1/tokenAddress")),
        ({"tokenAddress": "C", "balance": "1", "mint": "C"}, (400, "field_unknown", "/1/mint")),
        ("C", (400, "field_not_valid", "/1")),
    ]:
        assert problem(trader.post(path, [sol, item])) == expected
    for body in ({}, [], [sol] * 10_001):
        assert problem(trader.post(path, body)) == (400, "field_not_valid", None)
    assert problem(trader.post(f"{path}&limit=1", [sol]))[:2] == (400, "field_unknown")
    assert checksums(db) == before


def test_what_is_compared_is_what_the_trade_before_leaves(trader: Trader, first: Session, second: Session) -> None:
    ledger = first.ledger(trader.ledger)
    ledger.record(ledger.request())
    compare = 'select count(*) from book.reconcile_wallet(%s, %s, %s, \'{"apply": "true"}\')'
    chain = json.dumps([{"tokenAddress": SOL, "balance": "999"}, {"tokenAddress": "A", "balance": "100"}])
    running = second.start(second.connection.execute, compare, [trader.ledger.user, trader.ledger.wallet, chain])
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert balances(trader.ledger) == {SOL: 999, "A": 100}
    assert value(trader.ledger.db, "select count(*) from agent_transactions") == 2


def test_ten_thousand_balances_are_compared(trader: Trader) -> None:
    chain = [{"tokenAddress": f"Token{number}", "balance": "0"} for number in range(10_000)]
    assert len(compared(trader.post(f"/wallets/{trader.ledger.wallet}/reconcile", chain))) == 10_001


# Who may


def test_wallets_and_agents_are_managed_by_a_person_alone(
    client: FlaskClient, db: psycopg.Connection, database_url: str, trader: Trader
) -> None:
    wallet, agent = f"/wallets/{trader.ledger.wallet}", f"/agents/{trader.ledger.agent}"
    before = checksums(db)
    db.rollback()
    headers = {"X-API-Key": trader.key}
    for method, path in [
        ("POST", "/wallets/assign"),
        ("POST", f"{wallet}/unassign"),
        ("POST", f"{wallet}/reset"),
        ("POST", "/agents"),
        ("PUT", agent),
        ("DELETE", agent),
    ]:
        response = client.open(f"/api/v1{path}", method=method, json={"confirm": True}, headers=headers)
        assert problem(response)[:2] == (403, "scope_missing"), path
        assert client.open(f"/api/v1{path}", method=method, json={}).status_code == 401, path
    assert checksums(db) == before
    db.rollback()
    reader = make_trader(client, db, database_url, scopes=("agents", "positions"))
    assert reader.get(f"/wallets/{reader.ledger.wallet}/statement").status_code == 403
    assert reader.post(f"/wallets/{reader.ledger.wallet}/reconcile", []).status_code == 403
