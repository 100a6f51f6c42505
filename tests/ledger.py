"""A wallet to write examples with: trades go in as plain inserts, and what the book made of them comes out."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

SOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
START = datetime(2026, 1, 1, tzinfo=UTC)

_numbers = itertools.count(1)


def value(db: psycopg.Connection[Any], query: str, *parameters: Any) -> Any:
    """The first column of a query's first row, which has to be there."""
    row = db.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def acting_as(db: psycopg.Connection[Any], purpose: str, user: UUID | None = None) -> Iterator[None]:
    """As one of the roles without login (owner, book, api, bi, jobs, feed); the service's, for a user."""
    db.execute("select set_config('tradebook.user_id', %s, false)", [str(user or "")])
    db.execute(f"set role tradebook_{purpose}")
    try:
        yield
    finally:
        if db.info.transaction_status != TransactionStatus.INERROR:
            db.execute("reset role")


def new_user(db: psycopg.Connection[Any]) -> UUID:
    """A user of its own."""
    return value(db, "insert into users (email) values (%s) returning id", f"user{next(_numbers)}@example.org")


def new_agent(db: psycopg.Connection[Any], user: UUID | None = None) -> UUID:
    """An agent, of a user of its own where none is given."""
    return value(db, "insert into agents (user_id, name) values (%s, 'agent') returning id", user or new_user(db))


class Ledger:
    """A simulation wallet with 1,000 SOL; each trade is an hour after the one before."""

    def __init__(self, db: psycopg.Connection[Any], *, sol: str | None = "1000", agent: UUID | None = None) -> None:
        self.db = db
        self.agent = agent or new_agent(db)
        self.user: UUID = value(db, "select user_id from agents where id = %s", self.agent)
        self.wallet = f"sim_{next(_numbers):028}"
        self.now = START
        db.execute(
            "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'simulation')",
            [self.wallet, self.agent],
        )
        if sol is not None:
            self.deposit(SOL, sol)

    def on(self, db: psycopg.Connection[Any]) -> Ledger:
        """The same wallet, written to by another connection."""
        own = copy.copy(self)
        own.db = db
        return own

    # Facts

    def insert(self, kind: str, **columns: Any) -> UUID:
        """A row of agent_transactions; worth 100 USD per SOL of its value where nothing else is said."""
        self.now += timedelta(hours=1)
        row: dict[str, Any] = {
            "agent_id": self.agent,
            "wallet_address": self.wallet,
            "transaction_type": kind,
            "transaction_time": self.now,
        } | columns
        if not {"value_usd", "transaction_value_usd"} & row.keys():
            worth = row.get("value_sol")
            for side in ("input", "output"):
                if row.get(f"{side}_mint") == SOL:
                    worth = row[f"{side}_amount"]
            if worth is not None:
                row["value_usd"] = Decimal(worth) * 100
        names = ", ".join(row)
        places = ", ".join(["%s"] * len(row))
        return value(self.db, f"insert into agent_transactions ({names}) values ({places}) returning id", *row.values())

    def deposit(self, mint: str, amount: str, value: str | None = None, **columns: Any) -> UUID:
        """DEPOSIT; a token's value in SOL has to be said."""
        return self.insert("DEPOSIT", input_mint=mint, input_amount=amount, **_value_sol(value), **columns)

    def withdraw(self, mint: str, amount: str, **columns: Any) -> UUID:
        """WITHDRAWAL."""
        return self.insert("WITHDRAWAL", input_mint=mint, input_amount=amount, **columns)

    def burn(self, mint: str, amount: str, **columns: Any) -> UUID:
        """BURN."""
        return self.insert("BURN", input_mint=mint, input_amount=amount, **columns)

    def buy(self, mint: str, amount: str, sol: str, fee: str = "0", **columns: Any) -> UUID:
        """SWAP of SOL into a token."""
        return self.swap(SOL, sol, mint, amount, fee=fee, **columns)

    def sell(self, mint: str, amount: str, sol: str, fee: str = "0", **columns: Any) -> UUID:
        """SWAP of a token into SOL."""
        return self.swap(mint, amount, SOL, sol, fee=fee, **columns)

    def swap(
        self,
        given: str,
        given_amount: str,
        received: str,
        received_amount: str,
        value: str | None = None,
        fee: str = "0",
        **columns: Any,
    ) -> UUID:
        """SWAP; between two tokens its value in SOL has to be said."""
        return self.insert(
            "SWAP",
            input_mint=given,
            input_amount=given_amount,
            output_mint=received,
            output_amount=received_amount,
            fees_sol=fee,
            **_value_sol(value),
            **columns,
        )

    def request(self, **fields: Any) -> dict[str, Any]:
        """A transaction as programs state it: a buy of 100 A for 1 SOL, an hour after the last, if nothing is said."""
        self.now += timedelta(hours=1)
        request = {
            "agentId": str(self.agent),
            "walletAddress": self.wallet,
            "transactionType": "SWAP",
            "transactionTime": self.now.isoformat(),
            "inputMint": SOL,
            "inputAmount": "1",
            "outputMint": "A",
            "outputAmount": "100",
            "valueUsd": "100",
        } | fields
        return {name: value for name, value in request.items() if value is not None}

    def record(self, *requests: dict[str, Any], each: bool = False) -> list[dict[str, Any]]:
        """The rows that book.record_transactions answers to these requests of the agent's user."""
        return self.rows(
            "select * from book.record_transactions(%s, %s, %s) order by item",
            self.user,
            json.dumps(requests),
            each,
        )

    def void(self, transaction: UUID, reason: str = "it was wrong") -> dict[str, Any]:
        """Void a transaction; it as a document."""
        document = value(self.db, "select book.void_transaction(%s, %s)", transaction, reason)
        assert isinstance(document, dict)
        return document

    def correct(self, transaction: UUID, reason: str = "mistyped", **fields: Any) -> dict[str, Any]:
        """Replace a transaction by `request(**fields)`; what book.correct_transaction answers."""
        request = json.dumps(self.request(**fields))
        (row,) = self.rows("select * from book.correct_transaction(%s, %s, %s)", transaction, request, reason)
        return row

    def snapshots(self, hours: int = 1) -> None:
        """Snapshots of the wallet at the first full hours, which the book alone can make."""
        with acting_as(self.db, "book"):
            self.db.execute(
                """
                insert into agent_balance_snapshots (
                    agent_id, wallet_address, user_id, snapshot_timestamp,
                    portfolio_balance_sol, sol_balance, positions_value_sol, unrealized_pnl_sol
                )
                select id, %s, user_id, timestamptz '2026-01-02T00:00:00Z' + n * interval '1 hour', 2, 1, 1, 0.5
                from agents, generate_series(1, %s) as n
                where id = %s
                """,
                [self.wallet, hours, self.agent],
            )

    def decisions(self, transaction: UUID, signal: int | None = None) -> UUID:
        """Rows of what agents decide, which the book alone can make; the order that a transaction is said to fill."""
        stated: dict[str, Any] = {
            "agent": self.agent,
            "wallet": self.wallet,
            "transaction": transaction,
            "signal": signal,
        }
        with self.db.cursor() as cursor, acting_as(self.db, "book"):
            cursor.execute(
                """
                insert into trade_orders (
                    user_id, agent_id, wallet_address, token_address, token_symbol, side, reason, signal_id,
                    amount, price_sol, status, claimed_by, claimed_until, transaction_id, claim_key, created_at,
                    expires_at, updated_at
                )
                select
                    user_id, id, %(wallet)s, 'A', 'A', 'buy', 'signal', %(signal)s::int, 1, 0.01, o.status,
                    'executor', now(), o.transaction_id, gen_random_uuid(), now(), now() + interval '1 minute', now()
                from agents, (values ('claimed', null), ('filled', %(transaction)s::uuid)) as o (status, transaction_id)
                where id = %(agent)s
                returning id
                """,
                stated,
            )
            orders = [id_ for (id_,) in cursor.fetchall()]
            cursor.execute(
                """
                insert into position_actions (
                    user_id, agent_id, wallet_address, token_address, position_id, rule, status, transaction_id,
                    order_id, price_sol, decided_at
                )
                select
                    user_id, id, %(wallet)s, 'A', %(transaction)s, a.rule, a.status, a.transaction_id, a.order_id, 1,
                    now()
                from agents, (
                    values
                    (null, 'pending', null, null),
                    ('dca', 'success', %(transaction)s::uuid, %(order)s::uuid)
                ) as a (rule, status, transaction_id, order_id)
                where id = %(agent)s
                """,
                stated | {"order": orders[1]},
            )
            cursor.execute(
                """
                insert into dead_tokens (token_address, user_id, evidence, flagged_at)
                select 'Z', user_id, 'no pool is left', now() from agents where id = %(agent)s
                on conflict do nothing
                """,
                stated,
            )
        filled = orders[1]
        assert isinstance(filled, UUID)
        return filled

    # What the book made of them

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with self.db.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def swaps(self) -> list[dict[str, Any]]:
        """The historical swaps of the wallet in order of time, each with its exact gain."""
        return self.rows(
            """
            select s.*, s.proceeds_sol - s.cost_basis_sol as gain_sol, s.proceeds_usd - s.cost_basis_usd as gain_usd
            from agent_historical_swaps as s
            join agent_transactions as t on t.id = s.id
            where s.wallet_address = %s
            order by t.transaction_time, t.ledger_order
            """,
            self.wallet,
        )

    def gains(self) -> list[Decimal]:
        """The exact gains in SOL, in order of time."""
        return [swap["gain_sol"] for swap in self.swaps()]

    def position(self, mint: str) -> dict[str, Any] | None:
        """The position of a token; None where nothing is held."""
        found = self.rows(
            "select * from agent_positions where wallet_address = %s and token_address = %s", self.wallet, mint
        )
        return found[0] if found else None

    def held(self, mint: str) -> dict[str, Any]:
        """The position of a token, which has to be there."""
        found = self.position(mint)
        assert found is not None, mint
        return found

    def balance(self, mint: str = SOL) -> Decimal:
        """The balance of a token; 0 where it was never touched."""
        found = self.rows(
            "select balance from agent_balances where wallet_address = %s and token_address = %s", self.wallet, mint
        )
        return Decimal(found[0]["balance"]) if found else Decimal(0)

    def fact(self, transaction: UUID) -> dict[str, Any]:
        """A transaction as it is stored."""
        return self.rows("select * from agent_transactions where id = %s", transaction)[0]


def audit(db: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """The violations that report.ledger_audit finds."""
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from report.ledger_audit order by law, subject").fetchall()


def checksums(db: psycopg.Connection[Any]) -> dict[str, str]:
    """A checksum of every table of schema public, but the one that counts requests."""
    tables = db.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and relname <> 'request_counts' order by relname"
    ).fetchall()
    return {
        table: value(db, f"select md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from {table} as t")
        for (table,) in tables
    }


def _value_sol(value: str | None) -> dict[str, str]:
    return {} if value is None else {"value_sol": value}
