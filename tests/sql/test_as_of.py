"""The book as of an instant of the past, as it is known now and as it was known then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import oracle
from tests.histories import History
from tests.ledger import SOL, START, Ledger, new_agent

INSTANT = timedelta(microseconds=1)
TEN = datetime.fromisoformat("2026-01-05T10:00Z")
ELEVEN = datetime.fromisoformat("2026-01-05T11:00Z")
TWELVE = datetime.fromisoformat("2026-01-05T12:00Z")

Balances = dict[tuple[str, str], D]
Positions = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def clock(db: psycopg.Connection[Any]) -> datetime:
    row = db.execute("select clock_timestamp()").fetchone()
    assert row is not None
    return row[0]


def rows(db: psycopg.Connection[Any], query: str, *parameters: Any) -> list[dict[str, Any]]:
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def balances_as_of(db: psycopg.Connection[Any], agents: Iterable[UUID], at: Any, known: Any = None) -> Balances:
    return {
        (row["wallet_address"], row["token_address"]): row["balance"]
        for agent in agents
        for row in rows(db, "select * from report.balances_as_of(%s, %s, %s)", agent, at, known)
    }


def positions_as_of(db: psycopg.Connection[Any], agents: Iterable[UUID], at: Any, known: Any = None) -> Positions:
    return {
        (row["wallet_address"], row["token_address"]): row
        for agent in agents
        for row in rows(db, "select * from report.positions_as_of(%s, %s, %s)", agent, at, known)
    }


def stored_balances(db: psycopg.Connection[Any]) -> Balances:
    return {
        (row["wallet_address"], row["token_address"]): D(row["balance"])
        for row in rows(db, "select * from agent_balances")
        if row["balance"] != "0"
    }


def stored_positions(db: psycopg.Connection[Any]) -> Positions:
    """Positions as they are stored, in the columns of positions_as_of."""
    names = [
        name
        for row in rows(db, "select proargnames from pg_proc where proname = 'positions_as_of'")
        for name in row["proargnames"][3:]
    ]
    return {
        (row["wallet_address"], row["token_address"]): {name: row[name] for name in names}
        for row in rows(db, "select p.*, p.created_at as opened_at from agent_positions as p")
    }


def without_zeros(balances: dict[Any, D]) -> dict[Any, D]:
    return {key: balance for key, balance in balances.items() if balance != 0}


def require_oracle_s(books: oracle.Books, balances: Balances, positions: Positions) -> None:
    """What was told is what the oracle's books hold."""
    assert balances == {
        (book.address, token): balance for book in books.values() for token, balance in book.balances.items()
    }
    held = {(book.address, token): each for book in books.values() for token, each in book.positions.items()}
    assert positions.keys() == held.keys()
    for key, position in held.items():
        row = positions[key]
        assert (row["remaining_amount"], row["cost_basis_sol"], row["cost_basis_usd"]) == (
            position.held, position.cost_sol, position.cost_usd
        )  # fmt: skip
        assert (row["purchase_amount"], row["invested_sol"]) == (position.purchase_amount, position.invested_sol)
        assert (row["realized_profit_sol"], row["realized_profit_usd"]) == (
            position.realized_sol, position.realized_usd
        )  # fmt: skip
        assert (str(row["id"]), row["opened_at"]) == (position.id, position.opened_at)
        assert (row["managed"], row["is_dust"]) == (position.managed, position.is_dust)
        assert [str(each) for each in row["dca_transaction_ids"]] == position.dca_ids
        assert (row["dca_count"], row["last_dca_time"]) == (len(position.dca_ids), position.last_dca_time)


# Worked cases


def test_a_late_buy_and_its_void_change_what_is_known_and_not_what_was_known(ledger: Ledger) -> None:
    db, agent = ledger.db, ledger.agent
    ledger.buy("A", "100", "1", transaction_time=TEN)
    ledger.sell("A", "100", "2", transaction_time=TWELVE)
    before = clock(db)
    late = ledger.buy("A", "100", "3", transaction_time=ELEVEN)
    after = clock(db)

    def told(at: Any, known: Any = None) -> tuple[D, D, D] | None:
        found = positions_as_of(db, [agent], at, known)
        row = found.get((ledger.wallet, "A"))
        return row and (row["remaining_amount"], row["cost_basis_sol"], row["realized_profit_sol"])

    def require(known: datetime | None, *, late_buy: bool) -> None:
        assert told(TEN, known) == (100, 1, 0)
        assert told(ELEVEN, known) == ((200, 4, 0) if late_buy else (100, 1, 0))
        assert told("infinity", known) == ((100, 2, 0) if late_buy else None)
        sol = balances_as_of(db, [agent], "infinity", known)[ledger.wallet, SOL]
        assert sol == (998 if late_buy else 1001)

    require(before, late_buy=False)
    require(after, late_buy=True)
    require(None, late_buy=True)
    ledger.void(late)
    require(before, late_buy=False)
    require(after, late_buy=True)
    require(None, late_buy=False)


def test_at_every_instant_one_of_a_fact_and_its_correction_counts(ledger: Ledger) -> None:
    db, agent = ledger.db, ledger.agent
    buy = ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "2")
    ledger.correct(buy, inputAmount="1.5", transactionTime=ledger.fact(buy)["transaction_time"].isoformat())
    corrected = ledger.fact(buy)["voided_at"]
    for known, cost in ((corrected - INSTANT, D("0.5")), (corrected, D("0.75")), (None, D("0.75"))):
        position = positions_as_of(db, [agent], "infinity", known)[ledger.wallet, "A"]
        assert (position["cost_basis_sol"], position["realized_profit_sol"]) == (cost, 2 - cost)


def test_an_instant_includes_what_happened_at_it(ledger: Ledger) -> None:
    db, agent = ledger.db, ledger.agent
    ledger.buy("A", "100", "1", transaction_time=TEN)
    ledger.buy("A", "50", "1", transaction_time=TEN)
    assert positions_as_of(db, [agent], TEN - INSTANT) == {}
    assert balances_as_of(db, [agent], TEN - INSTANT) == {(ledger.wallet, SOL): 1000}
    assert balances_as_of(db, [agent], TEN) == {(ledger.wallet, SOL): 998, (ledger.wallet, "A"): 150}
    assert positions_as_of(db, [agent], TEN)[ledger.wallet, "A"]["dca_count"] == 1
    assert balances_as_of(db, [agent], "-infinity") == {}


def test_a_balance_that_went_to_zero_is_shown_and_one_below_zero_too(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "5", transaction_time=TWELVE)
    ledger.buy("A", "1", "1", transaction_time=TEN)
    ledger.sell("A", "1", "1", transaction_time=ELEVEN)
    assert balances_as_of(db, [ledger.agent], TEN)[ledger.wallet, SOL] == -1
    assert balances_as_of(db, [ledger.agent], TWELVE) == {(ledger.wallet, SOL): 5, (ledger.wallet, "A"): 0}


def test_records_without_a_wallet_and_agents_that_are_not_there_hold_nothing(ledger: Ledger) -> None:
    db = ledger.db
    other = new_agent(db)
    ledger.insert("DEPOSIT", agent_id=other, wallet_address=None, input_mint=SOL, input_amount="1")
    for agent in (other, UUID(int=0)):
        assert balances_as_of(db, [agent], "infinity") == {}
        assert positions_as_of(db, [agent], "infinity") == {}


# Properties


@pytest.mark.parametrize("seed", range(5))
def test_what_was_stored_after_each_arrival_is_what_was_known_then(db: psycopg.Connection[Any], seed: int) -> None:
    """Late facts, voids and corrections among the arrivals."""
    history = History(db, seed)
    remembered: list[tuple[datetime, Balances, Positions]] = []
    while history.shares["rows"] < 50 or not history.shares["voids"] or not history.shares["corrections"]:
        history.arrive()
        remembered.append((clock(db), stored_balances(db), stored_positions(db)))
    agents = set(history.agents.values())
    for known, balances, positions in [*remembered, (None, *remembered[-1][1:])]:
        assert without_zeros(balances_as_of(db, agents, "infinity", known)) == balances
        assert positions_as_of(db, agents, "infinity", known) == positions


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_oracle_s_fold_of_what_had_happened_and_was_known(db: psycopg.Connection[Any], seed: int) -> None:
    history = History(db, seed)
    moments: list[datetime | None] = [None]
    while history.shares["rows"] < 50 or not history.shares["voids"] or not history.shares["corrections"]:
        history.arrive()
        moments.append(clock(db))
    stored = {str(row["id"]): row for row in rows(db, "select * from agent_transactions")}
    # A void and a correction happen in one instant, before which the old fact counts and at which it does not.
    for row in stored.values():
        if row["voided_at"]:
            moments += [row["voided_at"], row["voided_at"] - INSTANT]

    chance, agents = history.chance, set(history.agents.values())
    times = [fact.tx.time for fact in history.facts]
    for moment in [None, *chance.sample(moments, 30)]:
        at = chance.choice([*times, max(times), START + chance.random() * (max(times) - START)])
        counted = [
            fact.tx
            for fact in sorted(history.facts, key=lambda fact: fact.place)
            if fact.tx.time <= at and counts(stored[fact.tx.id], moment)
        ]
        books = oracle.fold(counted)
        require_oracle_s(books, balances_as_of(db, agents, at, moment), positions_as_of(db, agents, at, moment))


def counts(row: dict[str, Any], moment: datetime | None) -> bool:
    """Whether a fact counted at a moment; None is now."""
    if moment is None:
        return row["voided_at"] is None
    return row["created_at"] <= moment and (row["voided_at"] is None or moment < row["voided_at"])
