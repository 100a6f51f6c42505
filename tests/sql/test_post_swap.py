"""The short way of a single swap leaves the rows that the long way leaves, and is taken where it may be."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.ledger import START, Ledger, acting_as, audit, value

SIGNAL = (
    "insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'sell', 1) returning id"
)

ROWS = {
    "agent_transactions": "to_jsonb(t) - '{created_at, updated_at, ledger_order}'::text[]",
    "agent_balances": "to_jsonb(t) - '{id, last_updated, last_ledger_order}'::text[]",
    "agent_positions": "to_jsonb(t) - '{updated_at}'::text[]",
    "agent_historical_swaps": "to_jsonb(t)",
    "wallet_totals": "to_jsonb(t)",
    "event_outbox": "to_jsonb(t) - '{id}'::text[] || jsonb_build_object('place', row_number() over (order by t.id))",
}
"""What is compared of each row: all but clocks and drawn numbers."""


def rows(db: psycopg.Connection[Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [
            row
            for (row,) in db.execute(
                f"select r.columns from (select {columns} as columns from {table} as t) as r order by r.columns::text"
            )
        ]
        for table, columns in ROWS.items()
    }


def calls(db: psycopg.Connection[Any], function: str) -> int:
    """How often a function was called in this transaction."""
    return value(
        db, "select coalesce(sum(calls), 0)::int from pg_stat_xact_user_functions where funcname = %s", function
    )


def take_the_long_way(db: psycopg.Connection[Any]) -> None:
    db.execute(
        "create or replace function book.post_swap(t public.agent_transactions) returns boolean"
        " language sql volatile as 'select false'"
    )


def remember(ledger: Ledger, chance: random.Random) -> None:
    """As the rules leave a position behind."""
    with acting_as(ledger.db, "book"):
        ledger.db.execute(
            "update agent_positions set peak_price = 9, lowest_price = %s, stop_loss_price = 5,"
            " current_stop_loss_percentage = -10, last_stop_loss_update = created_at, take_profit_levels_done = 2,"
            " moon_bag_amount = 0.1, dca_skipped_at = created_at, quiet_from = 1, quiet_to = 2,"
            " quiet_until = created_at where token_address = %s",
            [chance.choice(["0.001", "8"]), chance.choice("ABC")],
        )


def trade(ledger: Ledger, chance: random.Random, signal: int) -> None:
    """Buys, sales of a part, of all but crumbs, or of all; most in order, some late, some at one instant."""
    mint = chance.choice("ABC")
    held = ledger.position(mint)
    late = timedelta(hours=chance.choice([0, 0, 0, 0, 0, 0, 0, 24 * 3]))
    columns: dict[str, Any] = {
        "id": UUID(int=chance.getrandbits(128)),
        "transaction_time": ledger.now + timedelta(hours=chance.choice([0, 1, 1, 1])) - late,
        "signal_id": chance.choice([None, signal]),
        "fee": chance.choice(["0", "0.000005"]),
    }
    if chance.random() < 0.2:
        columns |= {"input_symbol": chance.choice(["ONE", "TWO"]), "output_symbol": chance.choice(["ONE", "TWO"])}
    try:
        with ledger.db.transaction():
            if held is None or chance.random() < 0.5:
                ledger.buy(mint, str(chance.randint(1, 5)), f"0.{chance.randint(1, 9)}", **columns)
            else:
                crumbs = held["remaining_amount"] / 10**7
                amount = chance.choice(
                    [held["remaining_amount"], held["remaining_amount"] - crumbs, held["remaining_amount"] / 3]
                )
                ledger.sell(mint, str(round(amount, 18)), f"0.{chance.randint(1, 9)}", close_reason="manual", **columns)
    except psycopg.DatabaseError as error:
        # A late sale of what was not held then, or a late buy that takes it from a later one.
        assert error.sqlstate in ("TB002", "TB003")


@pytest.mark.parametrize("seed", range(20))
def test_both_ways_leave_the_same_rows(db: psycopg.Connection[Any], seed: int) -> None:
    db.execute("set track_functions = 'all'")
    ledger = Ledger(db)
    (signal,) = db.execute(SIGNAL).fetchone() or ()
    left = []
    for way in ("short", "long"):
        with db.transaction(force_rollback=True):
            if way == "long":
                take_the_long_way(db)
            db.execute("select setval('event_outbox_id_seq', 1000)")
            ledger.now = START + timedelta(days=1)
            before, chance = calls(db, "post_facts"), random.Random(seed)
            for _ in range(40):
                trade(ledger, chance, signal)
            folded = calls(db, "post_facts") - before
            assert folded < 20 if way == "short" else folded > 30
            left.append(rows(db))
            assert audit(db) == []
    short, long = left
    for table in ROWS:
        assert short[table] == long[table], table
    assert short["agent_historical_swaps"]
    assert {event["change"] for event in short["event_outbox"]} >= {"opened", "changed", "closed"}
