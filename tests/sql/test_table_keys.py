"""What no row of a table may be beside the others: one that refers to nothing, or is there already, or lacks something.

As in test_table_rules.py each refused row breaks one key alone: without it, it is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from tests import server
from tests.sql.test_table_rules import (
    A_CLAIM,
    A_FAILED_ACTION,
    A_FAILED_ORDER,
    A_LIVE_WALLET,
    A_RUN,
    A_VOID,
    BUY,
    ELSE,
    KEY,
    ORDER,
    OTHER_MINT,
    SALE,
    SIMULATION,
    USER,
    VALID,
    WITHDRAWAL,
    Row,
    insert,
)

OTHER_WALLET = SIMULATION[:-1] + "1"

REFERENCES: dict[str, dict[str, Row]] = {
    "agents": {"user_id": {"id": KEY, "user_id": ELSE}},
    "api_keys": {"user_id": {"user_id": ELSE}},
    "bi_logins": {"user_id": {"user_id": ELSE}},
    "sessions": {"user_id": {"user_id": ELSE}},
    "agent_wallets": {"agent_id": {"wallet_address": OTHER_WALLET, "agent_id": ELSE}},
    "trading_signals": {"user_id": {"id": "2", "user_id": ELSE}},
    "agent_transactions": {
        "agent_id": {"id": KEY, "user_id": ELSE},
        "wallet_address": {"id": KEY, "wallet_address": OTHER_WALLET},
        "signal_id": {"id": KEY, "signal_id": "2"},
        "corrects": {"id": KEY, "corrects": ELSE},
    },
    "agent_balances": {"agent_id": {"user_id": ELSE}, "wallet_address": {"wallet_address": OTHER_WALLET}},
    "agent_positions": {
        "agent_id": {"user_id": ELSE},
        "wallet_address": {"wallet_address": OTHER_WALLET},
        "purchase_transaction_id": {"id": ELSE, "purchase_transaction_id": ELSE},
        "signal_id": {"signal_id": "2"},
    },
    "agent_historical_swaps": {
        "agent_id": {"user_id": ELSE},
        "wallet_address": {"wallet_address": OTHER_WALLET},
        "purchase_transaction_id": {"purchase_transaction_id": ELSE, "position_id": ELSE},
        "sale_transaction_id": {"id": ELSE, "sale_transaction_id": ELSE},
        "signal_id": {"signal_id": "2"},
    },
    "agent_token_withdrawals": {
        "agent_id": {"user_id": ELSE},
        "wallet_address": {"wallet_address": OTHER_WALLET},
        "id": {"id": ELSE},
        "position_id": {"position_id": ELSE},
    },
    "agent_balance_snapshots": {"agent_id": {"user_id": ELSE}, "wallet_address": {"wallet_address": OTHER_WALLET}},
    "signal_executions": {
        "signal_id": {"signal_id": "2"},
        "agent_id": {"agent_id": ELSE, "transaction_id": None},
        "transaction_id": {"transaction_id": ELSE},
        "order_id": {"order_id": ELSE},
    },
    "trade_orders": {
        "agent_id": {"id": ELSE, "token_address": OTHER_MINT, "user_id": ELSE},
        "wallet_address": {"id": ELSE, "wallet_address": OTHER_WALLET},
        "signal_id": {"id": ELSE, "token_address": OTHER_MINT, "signal_id": "2"},
        "transaction_id": {"id": ELSE, "token_address": OTHER_MINT, "transaction_id": ELSE},
    },
    "position_actions": {
        "agent_id": {"user_id": ELSE},
        "wallet_address": {"wallet_address": OTHER_WALLET},
        "transaction_id": {"transaction_id": ELSE},
        "order_id": {"order_id": ELSE},
    },
    "dead_tokens": {"user_id": {"user_id": ELSE}},
    "wallet_totals": {"agent_id": {"user_id": ELSE}, "wallet_address": {"wallet_address": OTHER_WALLET}},
    "wallet_audits": {"agent_id": {"user_id": ELSE}, "wallet_address": {"wallet_address": OTHER_WALLET}},
    "ledger_seals": {"agent_id": {"user_id": ELSE}, "wallet_address": {"wallet_address": OTHER_WALLET}},
}
"""Table, foreign key without the table's name and _fkey, and the change that makes a row refer by it to nothing."""


@dataclass(frozen=True)
class Unique:
    """Changes of the valid row after which it is a repeat of it, and those after which it is not."""

    repeats: list[Row]
    others: list[Row]
    of: Row = field(default_factory=dict)
    """What the first row has beside what is valid."""


ON_CHAIN: Row = {"transaction_hash": "hash"}
AGAIN: Row = {"id": KEY, **ON_CHAIN}

UNIQUE: dict[str, dict[str, Unique]] = {
    "users": {
        "email_in_lower_case_key": Unique(
            [{"id": ELSE, "email": "Ann@Example.ORG"}], [{"id": ELSE, "email": "anne@example.org"}]
        ),
    },
    "api_keys": {
        "key_hash_key": Unique([{"id": ELSE}], [{"id": ELSE, "key_hash": "$2b$12$" + "b" * 53}]),
    },
    "agent_wallets": {
        "agent_id_wallet_type_key": Unique(
            [{"wallet_address": OTHER_WALLET}], [A_LIVE_WALLET, {"wallet_address": OTHER_WALLET, "agent_id": ELSE}]
        ),
    },
    "trading_signals": {
        # By the operator and by a user; of another token, so that it is no duplicate.
        "user_id_idempotency_key_key": Unique(
            [{"id": "2", "token_address": OTHER_MINT, "idempotency_key": KEY}],
            [
                {"id": "2", "token_address": OTHER_MINT, **change}
                for change in (
                    {"idempotency_key": ELSE},
                    {"idempotency_key": None},
                    {"idempotency_key": KEY, "user_id": USER},
                )
            ],
            {"idempotency_key": KEY},
        ),
    },
    "agent_transactions": {
        "hash_and_leg_key": Unique(
            [AGAIN],
            [
                {**AGAIN, **change}
                for change in (
                    {"transaction_hash": "other"},
                    {"transaction_hash": None},
                    {"leg": "2"},
                    {"wallet_address": OTHER_WALLET},
                    {"output_mint": OTHER_MINT},
                    {"input_mint": OTHER_MINT},
                    A_VOID,
                )
            ],
            ON_CHAIN,
        ),
        "corrects_key": Unique(
            [{"id": KEY, "corrects": ELSE}],
            [{"id": KEY, "corrects": BUY}, {"id": KEY, "corrects": None}],
            {"corrects": ELSE},
        ),
    },
    "agent_balances": {
        "wallet_address_token_address_key": Unique(
            [{"id": ELSE}],
            [{"id": ELSE, "token_address": OTHER_MINT}, {"id": ELSE, "wallet_address": OTHER_WALLET}],
        ),
    },
    "agent_positions": {
        "agent_id_wallet_address_token_address_key": Unique(
            [{"id": ELSE, "purchase_transaction_id": ELSE}],
            [
                {"id": ELSE, "purchase_transaction_id": ELSE, **change}
                for change in ({"token_address": OTHER_MINT}, {"wallet_address": OTHER_WALLET})
            ],
        ),
    },
    "wallet_totals": {
        "agent_id_token_address_day_wallet_address_key": Unique(
            [{}],
            [
                {"token_address": OTHER_MINT},
                {"day": "2026-01-03"},
                {"wallet_address": OTHER_WALLET},
                {"token_address": None},
                {"token_address": None, "day": None},
            ],
        ),
    },
    "agent_balance_snapshots": {
        "agent_wallet_snapshot_timestamp_key": Unique(
            [{"id": ELSE}],
            [
                {"id": ELSE, "snapshot_timestamp": "2026-01-02T01:00:00Z"},
                {"id": ELSE, "wallet_address": OTHER_WALLET},
            ],
        ),
    },
    "job_runs": {"running_key": Unique([A_RUN], [{**A_RUN, "job": "seal_ledgers"}, {}], A_RUN)},
    "signal_executions": {
        "signal_id_agent_id_key": Unique(
            [{"id": ELSE}], [{"id": ELSE, "signal_id": "2"}, {"id": ELSE, "agent_id": ELSE}]
        ),
    },
    "trade_orders": {
        "open_key": Unique(
            [{"id": ELSE}, {"id": ELSE, "side": "buy", "reason": "dca"}, {"id": ELSE, **A_CLAIM}],
            [
                {"id": ELSE, **change}
                for change in (
                    {"token_address": OTHER_MINT},
                    {"wallet_address": OTHER_WALLET},
                    {**A_CLAIM, "status": "filled"},
                    A_FAILED_ORDER,
                    {"status": "expired"},
                )
            ],
        ),
    },
    "position_actions": {
        "failed_key": Unique(
            [{**A_FAILED_ACTION, "id": ELSE}],
            [
                {**A_FAILED_ACTION, "id": ELSE, **change}
                for change in (
                    {"position_id": ELSE},
                    {"rule": "dca"},
                    {"status": "skipped"},
                    {"order_id": ORDER},
                )
            ],
            A_FAILED_ACTION,
        ),
    },
    "dead_tokens": {
        "token_address_user_id_key": Unique(
            [{}], [{"token_address": OTHER_MINT}, {"user_id": ELSE}, {"user_id": None}]
        ),
    },
}
"""Table, then the unique key without the table's name."""

IMPLIED = {
    "users_email_key",
    "agent_positions_purchase_transaction_id_key",
    *(
        f"{table}_agent_id_id_key"
        for table in (
            "agent_balance_snapshots",
            "agent_balances",
            "agent_historical_swaps",
            "agent_positions",
            "agent_token_withdrawals",
            "agent_transactions",
            "position_actions",
            "trade_orders",
        )
    ),
    "agents_id_user_id_key",
    "agent_wallets_agent_id_wallet_address_key",
}
"""Unique keys that others imply; they are there for the contract, foreign keys, or as replica identities."""

OPTIONAL: dict[str, set[str]] = {
    "users": {"password_hash", "locked_until"},
    "api_keys": set(),
    "bi_logins": set(),
    "sessions": set(),
    "request_counts": set(),
    "agents": {"trading_config", "trading_rules"},
    "agent_wallets": set(),
    "trading_signals": {
        "symbol",
        "activation_reason",
        "source",
        "user_id",
        "idempotency_key",
        "market_cap_usd",
        "liquidity_usd",
        "holder_count",
    },
    "token_prices": {"price_usd"},
    "settings": {"price_retention", "event_retention"},
    "event_outbox": {"user_id", "agent_id", "wallet_address", "token_address", "subject_id", "signal_id"},
    "events": {"user_id", "agent_id", "wallet_address", "token_address", "subject_id", "signal_id"},
    "event_numbering": set(),
    "agent_transactions": {
        "wallet_address",
        "destination_address",
        "signal_id",
        "fees",
        "routes",
        "input_mint",
        "input_symbol",
        "input_amount",
        "input_price",
        "output_mint",
        "output_symbol",
        "output_amount",
        "output_price",
        "slippage",
        "price_impact",
        "transaction_hash",
        "swap_payload",
        "sol_usd_price",
        "sol_usd_price_source",
        "sol_usd_price_age",
        "close_reason",
        "voided_at",
        "void_reason",
        "voided_by",
        "corrects",
    },
    "agent_balances": set(),
    "agent_positions": {
        "current_stop_loss_percentage",
        "peak_price",
        "lowest_price",
        "last_stop_loss_update",
        "last_dca_time",
        "signal_id",
        "last_sale_transaction_id",
        "stop_loss_price",
        "take_profit_base",
        "moon_bag_amount",
        "dca_skipped_at",
        "quiet_from",
        "quiet_to",
        "quiet_until",
    },
    "agent_historical_swaps": {
        "wallet_address",
        "purchase_transaction_id",
        "sale_transaction_id",
        "signal_id",
        "close_reason",
        "position_invested_sol",
        "position_invested_usd",
        "position_profit_sol",
        "position_profit_usd",
        "position_purchase_amount",
        "position_buy_count",
        "position_closed_at",
        "position_closed_by",
    },
    "agent_token_withdrawals": {
        "position_purchase_amount",
        "position_buy_count",
        "position_invested_sol",
        "position_invested_usd",
        "position_profit_sol",
        "position_profit_usd",
    },
    "agent_balance_snapshots": set(),
    "signal_executions": {"transaction_id", "error", "reason", "size_sol", "order_id"},
    "trade_orders": {
        "position_id",
        "signal_id",
        "max_price_impact",
        "levels_done",
        "moon_bag_amount",
        "claimed_by",
        "claimed_until",
        "claim_key",
        "transaction_id",
        "transaction_hash",
        "error",
    },
    "position_actions": {
        "rule",
        "price_sol",
        "highest_price_sol",
        "lowest_price_sol",
        "amount",
        "transaction_id",
        "order_id",
        "reason",
        "error",
    },
    "dead_tokens": {"user_id"},
    "wallet_totals": {"token_address", "day"},
    "wallet_audits": {"first_violation"},
    "ledger_seals": {"previous_hash"},
    "job_runs": {"since", "finished_at", "error_code", "error"},
}
"""The columns of each table that a row may lack, as far as the columns themselves are concerned."""

each_reference = pytest.mark.parametrize(
    ("table", "name", "change"),
    [
        pytest.param(table, f"{table}_{key}_fkey", change, id=f"{table}_{key}_fkey")
        for table, keys in REFERENCES.items()
        for key, change in keys.items()
    ],
)
each_unique = pytest.mark.parametrize(
    ("table", "name", "unique"),
    [
        pytest.param(table, f"{table}_{key}", unique, id=f"{table}_{key}")
        for table, keys in UNIQUE.items()
        for key, unique in keys.items()
    ],
)
each_table = pytest.mark.parametrize("table", OPTIONAL)


@contextmanager
def fresh(postgres: server.Place, template: str, name: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database {name} template {template} strategy file_copy")
        try:
            with psycopg.connect(postgres.url(name), autocommit=True) as connection:
                yield connection
        finally:
            admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def keyed(postgres: server.Place, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A database without the triggers of the book, with what valid rows refer to. Tests roll back."""
    with fresh(postgres, template, "test_keyed") as db:
        for table in VALID:
            db.execute(f"alter table {table} disable trigger user")
        for table in ("users", "agents", "agent_wallets", "trading_signals", "agent_transactions"):
            insert(db, table, VALID[table])
        for transaction in (BUY, WITHDRAWAL):
            insert(db, "agent_transactions", {**VALID["agent_transactions"], "id": transaction})
        insert(db, "trade_orders", VALID["trade_orders"])
        yield db


@pytest.fixture(scope="module")
def unkeyed(postgres: server.Place, template: str) -> Iterator[psycopg.Connection[Any]]:
    """An empty database without the triggers of the book and foreign keys. Tests roll back."""
    with fresh(postgres, template, "test_unkeyed") as db:
        db.execute("set session_replication_role = replica")
        db.execute("delete from settings; delete from event_numbering")
        yield db


def without(db: psycopg.Connection[Any], table: str, name: str) -> None:
    """Drop a constraint or a unique index."""
    row = db.execute("select from pg_constraint where conname = %s", [name]).fetchone()
    statement = "drop index {1}" if row is None else "alter table {0} drop constraint {1}"
    db.execute(sql.SQL(statement).format(sql.Identifier(table), sql.Identifier(name)))


# Foreign keys


def test_every_foreign_key_has_its_case(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select conname::text from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    assert {name for (name,) in rows} == {f"{table}_{key}_fkey" for table, keys in REFERENCES.items() for key in keys}


@each_reference
def test_a_row_that_refers_to_nothing_is_refused(
    keyed: psycopg.Connection[Any], table: str, name: str, change: Row
) -> None:
    with pytest.raises(errors.ForeignKeyViolation) as refusal, keyed.transaction():
        keyed.execute("set constraints all immediate")
        insert(keyed, table, {**VALID[table], **change})
        pytest.fail(f"{table} takes {change}")
    assert refusal.value.diag.constraint_name == name
    # It refers to nothing by no other key.
    with keyed.transaction(force_rollback=True):
        without(keyed, table, name)
        keyed.execute("set constraints all immediate")
        insert(keyed, table, {**VALID[table], **change})


@pytest.mark.parametrize("table", sorted(REFERENCES.keys() - {"agents", "agent_wallets", "trading_signals"}))
def test_a_row_that_refers_to_what_is_there_is_accepted(keyed: psycopg.Connection[Any], table: str) -> None:
    change = {
        "agent_transactions": {"id": KEY},
        "trade_orders": {"id": KEY, "token_address": OTHER_MINT, "signal_id": "1", "transaction_id": SALE},
        "position_actions": {"order_id": ORDER},
        "signal_executions": {"order_id": ORDER},
    }.get(table, {})
    with keyed.transaction(force_rollback=True):
        keyed.execute("set constraints all immediate")
        insert(keyed, table, {**VALID[table], **change})


# Unique keys


def test_every_unique_key_has_its_cases(db: psycopg.Connection[Any]) -> None:
    """Primary keys apart."""
    rows = db.execute(
        """
        select x.relname::text
        from pg_index as i
        join pg_class as x on x.oid = i.indexrelid
        where i.indisunique and not i.indisprimary and x.relnamespace = 'public'::regnamespace
        """
    )
    assert {name for (name,) in rows} - IMPLIED == {f"{table}_{key}" for table, keys in UNIQUE.items() for key in keys}


@each_unique
def test_a_row_that_is_there_already_is_refused(
    unkeyed: psycopg.Connection[Any], table: str, name: str, unique: Unique
) -> None:
    for change in unique.repeats:
        with pytest.raises(errors.UniqueViolation) as refusal, unkeyed.transaction():
            insert(unkeyed, table, {**VALID[table], **unique.of})
            insert(unkeyed, table, {**VALID[table], **change})
            pytest.fail(f"{table} takes {change}")
        assert refusal.value.diag.constraint_name == name
        with unkeyed.transaction(force_rollback=True):
            without(unkeyed, table, name)
            insert(unkeyed, table, {**VALID[table], **unique.of})
            insert(unkeyed, table, {**VALID[table], **change})


@each_unique
def test_a_row_that_differs_in_the_key_is_accepted(
    unkeyed: psycopg.Connection[Any], table: str, name: str, unique: Unique
) -> None:
    assert unique.others, name
    for change in unique.others:
        with unkeyed.transaction(force_rollback=True):
            insert(unkeyed, table, {**VALID[table], **unique.of})
            insert(unkeyed, table, {**VALID[table], **change})


def test_one_leg_of_a_transaction_on_chain_is_there_once_without_a_wallet_too(
    unkeyed: psycopg.Connection[Any],
) -> None:
    """Missing columns count as equal in that key."""
    record: Row = {**VALID["agent_transactions"], **ON_CHAIN, "wallet_address": None}
    with pytest.raises(errors.UniqueViolation), unkeyed.transaction():
        insert(unkeyed, "agent_transactions", record)
        insert(unkeyed, "agent_transactions", {**record, "id": KEY})
        pytest.fail("it is there twice")


# Required columns


@each_table
def test_a_row_lacks_only_what_is_optional(unkeyed: psycopg.Connection[Any], table: str) -> None:
    rows = unkeyed.execute(
        """
        select attname::text from pg_attribute
        where attrelid = %s::regclass and attnum > 0 and not attisdropped and attidentity = ''
        """,
        [f"public.{table}"],
    ).fetchall()
    lacked = set()
    for (column,) in rows:
        try:
            with unkeyed.transaction(force_rollback=True):
                insert(unkeyed, table, {**VALID[table], column: None})
        except errors.NotNullViolation:
            continue
        except errors.CheckViolation:
            pass
        lacked.add(column)
    assert lacked == OPTIONAL[table]


def test_every_table_says_what_is_optional(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    assert {name for (name,) in rows} == OPTIONAL.keys()
