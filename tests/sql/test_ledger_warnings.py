"""report.ledger_warnings: what breaks no law and should still be looked at."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, USDC, Ledger
from tests.sql.test_as_of import ELEVEN, TEN, TWELVE, balances_as_of, rows

HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def warnings(db: psycopg.Connection[Any], *kinds: str) -> list[dict[str, Any]]:
    return rows(db, "select * from report.ledger_warnings where kind = any (%s) order by at, wallet_address", [*kinds])


def price(db: psycopg.Connection[Any], mint: str, at: str, price_usd: str | None = None) -> None:
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', %s, 1, %s)",
        [mint, at, price_usd],
    )


# SOL below zero


def test_each_run_below_zero_is_told_once_with_its_first_instant_and_lowest_value(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "10", transaction_time=TWELVE + 9 * HOUR)
    first = ledger.burn(SOL, "1", transaction_time=TEN)
    ledger.burn(SOL, "2", transaction_time=ELEVEN)
    ledger.deposit(SOL, "2.5", transaction_time=ELEVEN + HOUR / 2)
    ledger.deposit(SOL, "0.5", transaction_time=TWELVE)
    second = ledger.burn(SOL, "1", fees_sol="0.1", fees_usd="1", transaction_time=TWELVE + 2 * HOUR)
    found = warnings(db, "sol_below_zero")
    assert [(row["at"], row["amount"], row["transaction_id"]) for row in found] == [
        (TEN, -3, first),
        (TWELVE + 2 * HOUR, D("-1.1"), second),
    ]
    assert {(row["agent_id"], row["wallet_address"], row["token_address"]) for row in found} == {
        (ledger.agent, ledger.wallet, SOL)
    }
    in_words = [row["until"] for row in rows(db, "select %s::timestamptz::text as until", TWELVE)]
    assert found[0]["detail"].endswith(in_words[0])


def test_what_happened_at_one_instant_is_judged_together(db: psycopg.Connection) -> None:
    """The buy arrived before the deposit that pays for it, at the same time."""
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "10", transaction_time=TWELVE)
    ledger.buy("A", "1", "5", transaction_time=TEN)
    assert len(warnings(db, "sol_below_zero")) == 1
    ledger.deposit(SOL, "5", transaction_time=TEN)
    assert warnings(db, "sol_below_zero") == []


@pytest.mark.parametrize("seed", range(4))
def test_runs_below_zero_are_those_of_the_balances_as_of_each_instant(db: psycopg.Connection[Any], seed: int) -> None:
    """The SOL that pays for everything comes last."""
    chance = random.Random(seed)
    ledger = Ledger(db, sol=None)
    last = TWELVE + 20 * HOUR
    ledger.deposit(SOL, "1000", transaction_time=last)
    times = [TWELVE + chance.randrange(15) * HOUR for _ in range(30)]
    for time in times:
        move = chance.choice([ledger.deposit, ledger.burn, ledger.burn])
        move(SOL, str(chance.randint(1, 3)), transaction_time=time)
    expected: list[list[Any]] = []
    below = False
    for time in sorted({*times, last}):
        balance = balances_as_of(db, [ledger.agent], time)[ledger.wallet, SOL]
        if balance < 0 and not below:
            expected.append([time, balance])
        elif balance < 0:
            expected[-1][1] = min(expected[-1][1], balance)
        below = balance < 0
    assert [[row["at"], row["amount"]] for row in warnings(db, "sol_below_zero")] == expected
    assert expected


# Facts


def test_values_that_nothing_knew_and_shortfalls_that_an_import_met_are_told(ledger: Ledger) -> None:
    ledger.deposit("A", "100", value="2")
    known = ledger.withdraw("A", "1", value_sol="1", value_usd="1")
    unknown = ledger.withdraw("A", "40")
    met = ledger.deposit("B", "7", value="1", origin="import_shortfall")
    found = {row["kind"]: row for row in warnings(ledger.db, "value_unknown", "shortfall_met")}
    assert (found["value_unknown"]["transaction_id"], found["value_unknown"]["amount"]) == (unknown, 40)
    assert (found["shortfall_met"]["transaction_id"], found["shortfall_met"]["amount"]) == (met, 7)
    assert found["shortfall_met"]["at"] == ledger.fact(met)["transaction_time"]
    assert known not in {row["transaction_id"] for row in found.values()}


def test_a_transaction_valued_at_an_old_sol_price_is_told(ledger: Ledger) -> None:
    price(ledger.db, SOL, "2026-01-05T09:00Z", "150")
    ledger.db.execute("update settings set price_max_age = '2 hours'")
    ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", transaction_time=TEN, value_usd=None)
    old = ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", transaction_time=ELEVEN, value_usd=None)
    assert warnings(ledger.db, "old_sol_usd_price") == []
    ledger.db.execute("update settings set price_max_age = '1 hour'")
    found = warnings(ledger.db, "old_sol_usd_price")
    assert [(row["transaction_id"], row["amount"], row["token_address"]) for row in found] == [(old, 150, SOL)]


def test_a_record_without_a_wallet_warns_of_nothing(ledger: Ledger) -> None:
    ledger.insert("WITHDRAWAL", wallet_address=None, input_mint="A", input_amount="1")
    ledger.insert("BURN", wallet_address=None, input_mint=SOL, input_amount="9999")
    assert rows(ledger.db, "select * from report.ledger_warnings") == []


def test_a_voided_fact_warns_of_nothing(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "1", transaction_time=TWELVE)
    burn = ledger.burn(SOL, "1", transaction_time=TEN)
    met = ledger.deposit("A", "7", value="1", origin="import_shortfall")
    unknown = ledger.withdraw("A", "7")
    kinds = ("sol_below_zero", "shortfall_met", "value_unknown")
    assert {row["kind"] for row in warnings(db, *kinds)} == set(kinds)
    for each in (unknown, met, burn):
        ledger.void(each)
    assert warnings(db, *kinds) == []


# Positions


def test_open_positions_without_a_price_or_with_an_old_one_are_told(ledger: Ledger) -> None:
    db = ledger.db
    bare = ledger.buy("A", "100", "1", fee="0.1")
    old = ledger.buy("B", "100", "2")
    ledger.buy("C", "100", "3")
    ledger.buy(USDC, "1000000", "4")
    ledger.sell(USDC, "999999.5", "4")  # leaves dust
    price(db, "B", "2026-01-02T00:00Z")
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values ('C', 'feed', now(), 1)"
    )
    db.execute("insert into token_prices (token_address, source, observed_at, price_sol) values ('A', 'x', now(), 1)")
    found = warnings(db, "unpriced_holding", "old_price")
    columns = ("kind", "transaction_id", "token_address", "amount")
    assert {tuple(row[name] for name in columns) for row in found} == {
        ("unpriced_holding", bare, "A", D("1.1")),
        ("old_price", old, "B", D("2")),
    }
    # What the portfolio's value leaves out is what is told here.
    assert rows(
        db,
        "select p.id from agent_positions as p left join report.position_values as v on v.id = p.id"
        " where v.id is null and not p.is_dust",
    ) == [{"id": bare}]
