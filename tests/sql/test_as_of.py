"""The book as of an instant of the past, as it is known now and as it was known then."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import oracle
from tests.ledger import SOL, START, Ledger, new_agent
from tests.sql.test_random_histories import insert, random_history

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


def without_zeros(balances: Balances) -> Balances:
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
    ledger.buy("A", "100", "3", transaction_time=ELEVEN)
    after = clock(db)

    def told(at: Any, known: Any = None) -> tuple[D, D, D] | None:
        found = positions_as_of(db, [agent], at, known)
        row = found.get((ledger.wallet, "A"))
        return row and (row["remaining_amount"], row["cost_basis_sol"], row["realized_profit_sol"])

    assert told(ELEVEN, before) == (100, 1, 0)
    assert told("infinity", before) is None
    for known in (after, None):
        assert told(TEN, known) == (100, 1, 0)
        assert told(ELEVEN, known) == (200, 4, 0)
        assert told("infinity", known) == (100, 2, 0)
    assert balances_as_of(db, [agent], "infinity", before)[ledger.wallet, SOL] == 1001
    assert balances_as_of(db, [agent], "infinity", after)[ledger.wallet, SOL] == 998


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


@pytest.mark.parametrize("seed", range(6))
def test_what_was_stored_after_each_commit_is_what_was_known_then(db: psycopg.Connection[Any], seed: int) -> None:
    chance, agents, waiting = history_of(db, seed, 50)
    remembered: list[tuple[datetime, Balances, Positions]] = []
    while waiting:
        arrive(db, chance, agents, waiting)
        db.commit()
        remembered.append((clock(db), stored_balances(db), stored_positions(db)))
    assert len(remembered) > 10
    for known, balances, positions in remembered:
        assert without_zeros(balances_as_of(db, agents.values(), "infinity", known)) == balances
        assert positions_as_of(db, agents.values(), "infinity", known) == positions
    assert positions_as_of(db, agents.values(), "infinity") == stored_positions(db)


@pytest.mark.parametrize("seed", range(6))
def test_what_was_stored_after_each_void_is_what_was_known_then(db: psycopg.Connection[Any], seed: int) -> None:
    """Voids among the arrivals, by book.void_transaction."""
    if rows(db, "select to_regprocedure('book.void_transaction(uuid, text)') as f")[0]["f"] is None:
        pytest.skip("the book has no void_transaction")
    chance, agents, waiting = history_of(db, seed, 40)
    remembered: list[tuple[datetime, Balances, Positions]] = []
    voided = 0
    while waiting:
        try:
            with db.transaction():
                arrive(db, chance, agents, waiting)
        except psycopg.Error as refusal:
            # What they needed has been voided.
            assert refusal.sqlstate in ("TB002", "TB003"), refusal
            del waiting[:8]
        counting = [row["id"] for row in rows(db, "select id from agent_transactions where voided_at is null")]
        try:
            with db.transaction():
                db.execute("select book.void_transaction(%s, 'a test')", [chance.choice(counting)])
            voided += 1
        except psycopg.Error as refusal:
            assert refusal.sqlstate in ("TB002", "TB003"), refusal
        db.commit()
        remembered.append((clock(db), stored_balances(db), stored_positions(db)))
    assert voided > 3
    for known, balances, positions in remembered:
        assert without_zeros(balances_as_of(db, agents.values(), "infinity", known)) == balances
        assert positions_as_of(db, agents.values(), "infinity", known) == positions


@pytest.mark.spoils_the_book
@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_oracle_s_fold_of_what_had_happened_and_was_known(db: psycopg.Connection[Any], seed: int) -> None:
    """Voids and corrections are marked on the facts alone: only what reads facts is asked."""
    chance, agents, waiting = history_of(db, seed, 50)
    everything = {tx.id: tx for tx in waiting}
    moments: list[datetime | None] = [None]
    while waiting:
        arrive(db, chance, agents, waiting)
        moments.append(clock(db))
    order = {str(row["id"]): row["ledger_order"] for row in rows(db, "select * from agent_transactions")}

    def fold(ids: Iterable[str]) -> oracle.Books:
        return oracle.fold(everything[each] for each in sorted(ids, key=lambda each: order[each]))

    db.execute("set session_replication_role = replica")
    counting = set(everything)
    while len(everything) - len(counting) < 12:
        tx = everything[chance.choice(sorted(counting))]
        corrected = replace(tx, id=str(UUID(int=chance.getrandbits(128))), value_usd=tx.value_usd + 1)
        new = [corrected] if chance.random() < 0.5 else []
        try:
            fold(counting - {tx.id})
        except oracle.Refused:
            new = [corrected]
        for each in new:
            everything[each.id], order[each.id] = each, order[tx.id]
        void(db, tx, new)
        counting = counting - {tx.id} | {each.id for each in new}
        moments.append(clock(db))

    facts = rows(db, "select * from agent_transactions")
    assert {str(row["id"]) for row in facts} == everything.keys()
    for row in facts:
        if row["voided_at"]:
            moments += [row["voided_at"], row["voided_at"] - INSTANT]
    last = max(row["transaction_time"] for row in facts)
    for moment in chance.sample(moments, 30):
        at = chance.choice([last, START + chance.random() * (last - START), chance.choice(facts)["transaction_time"]])
        books = fold(
            str(row["id"])
            for row in facts
            if row["transaction_time"] <= at
            and (moment is None or row["created_at"] <= moment)
            and (row["voided_at"] is None or (moment is not None and row["voided_at"] > moment))
        )
        balances = balances_as_of(db, agents.values(), at, moment)
        require_oracle_s(books, balances, positions_as_of(db, agents.values(), at, moment))


def void(db: psycopg.Connection[Any], tx: oracle.Transaction, corrected: list[oracle.Transaction]) -> None:
    """Mark a fact, and put what corrects it in its place and into its instant."""
    at = clock(db)
    db.execute(
        "update agent_transactions set voided_at = %s, void_reason = 'a test', voided_by = 'a test' where id = %s",
        [at, tx.id],
    )
    for new in corrected:
        fact = rows(db, "select * from agent_transactions where id = %s", tx.id)[0] | {
            "id": new.id,
            "created_at": at,
            "corrects": tx.id,
            "value_usd": new.value_usd,
            "transaction_value_usd": new.value_usd,
            "voided_at": None,
            "void_reason": None,
            "voided_by": None,
        }
        db.execute(
            f"insert into agent_transactions ({', '.join(fact)}) overriding system value"
            f" values ({', '.join(['%s'] * len(fact))})",
            list(fact.values()),
        )


def history_of(
    db: psycopg.Connection[Any], seed: int, length: int
) -> tuple[random.Random, dict[str, UUID], list[oracle.Transaction]]:
    """Two wallets, the agent of each, and what is to arrive; each has enough SOL for any order of arrival."""
    chance = random.Random(seed)
    ledgers = [Ledger(db, sol=None) for _ in range(2)]
    agents = {ledger.wallet: ledger.agent for ledger in ledgers}
    history = [
        oracle.Transaction(id=str(UUID(int=chance.getrandbits(128))), wallet=wallet, type="DEPOSIT", time=START,
                           input_mint=SOL, input_amount=D(1000), value_sol=D(1000), value_usd=D(1))
        for wallet in agents
    ]  # fmt: skip
    return chance, agents, history + random_history(chance, list(agents), length)


def arrive(
    db: psycopg.Connection[Any], chance: random.Random, agents: dict[str, UUID], waiting: list[oracle.Transaction]
) -> None:
    """One statement with some of the next facts, late ones among them; where they come too early, all of those."""
    next_ones = waiting[:8]
    times = [tx.time for tx in next_ones]
    first = [tx for place, tx in enumerate(next_ones) if tx.time not in times[:place]]
    batch = chance.sample(first, min(len(first), chance.choice([1, 1, 3])))
    try:
        with db.transaction():
            insert(db, agents, batch)
    except psycopg.Error as refusal:
        assert refusal.sqlstate in ("TB002", "TB003"), refusal
        batch = next_ones
        insert(db, agents, batch)
    waiting[:] = [tx for tx in waiting if tx not in batch]
