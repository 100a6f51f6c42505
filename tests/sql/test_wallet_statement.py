"""Statements of a wallet, and what it earned and spent in a period."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests import oracle
from tests.histories import History, fold
from tests.ledger import SOL, START, Ledger
from tests.sql.test_as_of import INSTANT, TEN, TWELVE, balances_as_of, rows, without_zeros


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def statement(db: psycopg.Connection[Any], wallet: str, start: Any, end: Any) -> list[dict[str, Any]]:
    return rows(db, "select * from report.wallet_statement(%s, %s, %s) order by line", wallet, start, end)


def gain(
    db: psycopg.Connection[Any], agent: UUID, start: Any, end: Any, wallet: str | None = None
) -> dict[str, list[Any]]:
    """By token: sales, gain in SOL and USD, expenses in SOL and USD."""
    columns = ("swaps", "realized_gain_sol", "realized_gain_usd", "expenses_sol", "expenses_usd")
    found = rows(db, "select * from report.breakdown(%s, 'token', %s, %s, %s)", agent, start, end, wallet)
    found = [row for row in found if row["swaps"] or row["expenses_sol"] or row["expenses_usd"]]
    by_token = {row["key"]: [row[name] for name in columns] for row in found}
    assert len(by_token) == len(found)
    return by_token


# The statement


def test_each_leg_stands_in_the_order_of_the_book_with_the_balance_after_it(ledger: Ledger) -> None:
    """A sale that arrived before its late buy stands after it."""
    ledger.buy("A", "100", "1", transaction_time=TEN, transaction_hash="first")
    ledger.sell("A", "40", "2", fee="0.1", transaction_time=TWELVE)
    ledger.buy("A", "100", "3", fee="0.2", transaction_time=TEN)
    ledger.withdraw("A", "10", transaction_time=TWELVE, destination_address="somewhere")
    ledger.burn("A", "5", transaction_time=TWELVE)
    ledger.deposit(SOL, "7", transaction_time=TWELVE)
    columns = ("kind", "token_address", "change", "balance", "other_token", "destination_address", "transaction_hash")
    assert [tuple(row[name] for name in columns) for row in statement(ledger.db, ledger.wallet, TEN, "infinity")] == [
        ("opening", "A", None, 0, None, None, None),
        ("opening", SOL, None, 1000, None, None, None),
        ("given", SOL, -1, 999, "A", None, "first"),
        ("received", "A", 100, 100, SOL, None, "first"),
        ("given", SOL, -3, 996, "A", None, None),
        ("received", "A", 100, 200, SOL, None, None),
        ("fee", SOL, D("-0.2"), D("995.8"), None, None, None),
        ("given", "A", -40, 160, SOL, None, None),
        ("received", SOL, 2, D("997.8"), "A", None, None),
        ("fee", SOL, D("-0.1"), D("997.7"), None, None, None),
        ("withdrawal", "A", -10, 150, None, "somewhere", None),
        ("burn", "A", -5, 145, None, None, None),
        ("deposit", SOL, 7, D("1004.7"), None, None, None),
    ]


def test_a_period_has_its_start_and_not_its_end(ledger: Ledger) -> None:
    ledger.buy("A", "1", "1", transaction_time=TEN)
    ledger.buy("B", "1", "1", transaction_time=TWELVE)
    lines = statement(ledger.db, ledger.wallet, TEN, TWELVE)
    assert [(row["kind"], row["token_address"], row["balance"]) for row in lines] == [
        ("opening", "A", 0),
        ("opening", SOL, 1000),
        ("given", SOL, 999),
        ("received", "A", 1),
    ]
    assert [row["line"] for row in lines] == [1, 2, 3, 4]
    assert [
        (row["kind"], row["token_address"], row["balance"])
        for row in statement(ledger.db, ledger.wallet, "infinity", "infinity")
    ] == [
        ("opening", "A", 1),
        ("opening", "B", 1),
        ("opening", SOL, 998),
    ]


def test_a_wallet_that_is_not_there_has_no_statement(ledger: Ledger) -> None:
    assert ledger.rows("select * from report.wallet_statement('nobody', '-infinity', 'infinity')") == []


@pytest.mark.parametrize("seed", range(4))
def test_statements_of_adjoining_periods_chain_and_agree_with_the_balances_as_of(
    db: psycopg.Connection[Any], seed: int
) -> None:
    history = random_history(db, seed)
    cuts = random_cuts(history)
    for wallet, agent in history.agents.items():
        closing: dict[str, D] = {}
        seen: list[tuple[datetime, str]] = []
        for start, end in pairwise(cuts):
            lines = statement(db, wallet, start, end)
            opening = {row["token_address"]: row["balance"] for row in lines if row["kind"] == "opening"}
            assert without_zeros(opening) == without_zeros(closing)
            closing |= {row["token_address"]: row["balance"] for row in lines}
            until = end if isinstance(end, str) else end - INSTANT
            as_of = {
                token: balance
                for (address, token), balance in balances_as_of(db, [agent], until).items()
                if address == wallet
            }
            assert without_zeros(closing) == without_zeros(as_of)
            seen += [(row["transaction_time"], str(row["transaction_id"])) for row in lines if row["transaction_id"]]
        in_order = sorted((fact for fact in history.counting if fact.tx.wallet == wallet), key=lambda fact: fact.place)
        assert list(dict.fromkeys(seen)) == [(fact.tx.time, fact.tx.id) for fact in in_order]


# Gain and expenses of a period


def test_gain_counts_sales_and_burns_and_expenses_stand_beside_it(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", fee="0.1", transaction_time=TEN)
    ledger.sell("A", "50", "1", fee="0.05", transaction_time=TEN + timedelta(hours=1))
    ledger.burn("A", "25", fees_sol="0.01", fees_usd="1", transaction_time=TEN + timedelta(hours=1))
    ledger.burn(SOL, "0.5", fees_sol="0.02", fees_usd="2", transaction_time=TEN + timedelta(hours=1))
    ledger.withdraw("A", "5", fees_sol="0.03", fees_usd="3", transaction_time=TEN + timedelta(hours=1))
    ledger.deposit("B", "5", value="1", fees_sol="0.04", fees_usd="4", transaction_time=TEN + timedelta(hours=1))
    ledger.insert("BURN", wallet_address=None, input_mint=SOL, input_amount="9", transaction_time=TEN)
    found = gain(ledger.db, ledger.agent, TEN, TWELVE)
    assert found == {
        "A": [2, D("0.95") - D("0.55") - D("0.275"), 95 - 55 - D("27.5"), D("0.04"), 4],
        "B": [0, 0, 0, D("0.04"), 4],
        SOL: [0, 0, 0, D("0.52"), 52],
    }
    assert gain(ledger.db, ledger.agent, TEN, TWELVE, ledger.wallet) == found
    assert gain(ledger.db, ledger.agent, TEN, TWELVE, "another") == {}


def test_a_sale_at_the_end_of_a_period_belongs_to_the_next(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", transaction_time=TEN)
    ledger.sell("A", "100", "2", transaction_time=TWELVE)
    ledger.burn(SOL, "1", transaction_time=TWELVE)
    assert gain(ledger.db, ledger.agent, TEN, TWELVE) == {}
    assert gain(ledger.db, ledger.agent, TWELVE, TWELVE + INSTANT).keys() == {"A", SOL}


@pytest.mark.parametrize("seed", range(4))
def test_gain_of_adjoining_periods_adds_up_to_the_oracle_s(db: psycopg.Connection[Any], seed: int) -> None:
    history = random_history(db, seed)
    books = fold(history.counting)
    assert books is not None
    cuts = random_cuts(history)
    for agent in set(history.agents.values()):
        wallets = [wallet for wallet, owner in history.agents.items() if owner == agent]
        for asked, included in [(None, wallets), *((wallet, [wallet]) for wallet in wallets)]:
            sums: dict[str, list[D]] = {}
            for start, end in pairwise(cuts):
                for token, values in gain(db, agent, start, end, asked).items():
                    so_far = sums.setdefault(token, [D(0)] * 5)
                    sums[token] = [one + other for one, other in zip(so_far, values, strict=True)]
            facts = [fact.tx for fact in history.counting if fact.tx.wallet in included]
            assert sums == expected_gain([books[wallet] for wallet in included], facts)


@oracle.exact()
def expected_gain(wallets: list[oracle.Wallet], facts: list[oracle.Transaction]) -> dict[str, list[D]]:
    expected: dict[str, list[D]] = {}
    for sale in (sale for wallet in wallets for sale in wallet.sales):
        row = expected.setdefault(sale.token, [D(0)] * 5)
        row[0] += 1
        row[1] += sale.gain_sol
        row[2] += sale.gain_usd
    for tx in facts:
        burned = tx.type == "BURN" and tx.input_mint == SOL
        if tx.type != "SWAP" and (tx.fees_sol or tx.fees_usd or burned):
            row = expected.setdefault(tx.input_mint, [D(0)] * 5)
            row[3] += tx.fees_sol + (tx.value_sol if burned else 0)
            row[4] += tx.fees_usd + (tx.value_usd if burned else 0)
    return expected


def random_history(db: psycopg.Connection[Any], seed: int) -> History:
    history = History(db, seed)
    while history.shares["rows"] < 60 or not history.shares["voids"]:
        history.arrive()
    return history


def random_cuts(history: History) -> list[Any]:
    """Periods that begin and end at facts and between them."""
    times = [fact.tx.time for fact in history.facts]
    between = START + history.chance.random() * (max(times) - START)
    return ["-infinity", *sorted({START, between, *history.chance.sample(times, 3)}), "infinity"]


# Voids


def test_voided_facts_are_in_no_statement_and_no_expense(ledger: Ledger) -> None:
    kept = ledger.withdraw(SOL, "1", fees_sol="0.1", fees_usd="10")
    voided = [ledger.withdraw(SOL, "2", fees_sol="0.2", fees_usd="20"), ledger.burn(SOL, "3")]
    end = ledger.now + timedelta(hours=1)
    for each in voided:
        ledger.void(each)
    lines = statement(ledger.db, ledger.wallet, "-infinity", end)
    assert {row["transaction_id"] for row in lines} & {kept, *voided} == {kept}
    assert lines[-1]["balance"] == D("998.9")
    assert [row["balance"] for row in statement(ledger.db, ledger.wallet, end, "infinity")] == [D("998.9")]
    assert gain(ledger.db, ledger.agent, "-infinity", end) == {SOL: [0, 0, 0, D("0.1"), 10]}
