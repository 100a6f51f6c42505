"""Books to measure on: users, agents, wallets with SOL, positions and histories, by deterministic ids."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.ledger import SOL

Db = psycopg.Connection[Any]

AGENT = "md5('agent' || {})::uuid"
WALLET = "'sim_' || md5('wallet' || {})"
"""SQL for the id of an agent and the address of its wallet, given SQL for its number."""

EMAIL = "bench@example.org"
AT_ONCE = 20_000
"""Transactions that a statement inserts into a history."""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def agent(number: int) -> str:
    """The id that AGENT makes."""
    return str(uuid.UUID(_md5(f"agent{number}")))


def wallet(number: int) -> str:
    """The address that WALLET makes."""
    return f"sim_{_md5(f'wallet{number}')}"


USER = str(uuid.UUID(_md5("user")))
"""Whose books all of these are."""

AS_API = f"-c role=tradebook_api -c tradebook.user_id={USER} -c tradebook.actor=bench"
"""What a connection is opened with to be the service's role for that user: row security holds on it."""


@contextmanager
def connected(url: str, options: str = "") -> Iterator[Db]:
    """A connection in autocommit, as the login that migrates unless the options say otherwise."""
    with psycopg.connect(url, autocommit=True, options=f"-c client_min_messages=warning {options}") as db:
        yield db


def make_wallets(db: Db, number: int, *, sol: int = 1_000_000) -> None:
    """One user's agents, each with a simulation wallet with that much SOL; a SOL/USD price that is always there."""
    db.execute("update settings set price_max_age = interval '100 years'")
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', '2024-01-01T00:00:00Z', 1, 100)",
        [SOL],
    )
    db.execute("insert into users (id, email) values (%s, %s)", [USER, EMAIL])
    db.execute(
        f"insert into agents (id, user_id, name) select {AGENT.format('n')}, %s, 'agent ' || n"
        " from generate_series(1, %s) as n",
        [USER, number],
    )
    db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type)"
        f" select {WALLET.format('n')}, {AGENT.format('n')}, 'simulation' from generate_series(1, %s) as n",
        [number],
    )
    db.execute(
        "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
        f" input_amount, value_usd) select {AGENT.format('n')}, {WALLET.format('n')}, 'DEPOSIT',"
        " '2024-01-02T00:00:00Z', %s, %s, 1 from generate_series(1, %s) as n",
        [SOL, sol, number],
    )


def open_positions(db: Db, wallets: range, each: int, tokens: int, *, at: str, amount: str = "100") -> None:
    """`each` positions in every wallet, spread over tokens T0, T1, ..., bought at 0.01 SOL."""
    for number in range(each):
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            f" input_amount, output_mint, output_amount) select {AGENT.format('n')}, {WALLET.format('n')}, 'SWAP', %s,"
            " %s, %s::numeric / 100, 'T' || ((n * %s + %s) %% %s), %s from generate_series(%s::int, %s) as n",
            [at, SOL, amount, each, number, tokens, amount, wallets[0], wallets[-1]],
        )


def make_history(db: Db, number: int, swaps: int) -> None:
    """In that wallet so many swaps, each of a buy and a sale of all of it, one after the other, of tokens H0 to H49.

    Ten seconds lie between two transactions: a million swaps take 231 days.
    """
    for begin in range(0, 2 * swaps, AT_ONCE):
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, value_usd,"
            " input_mint, input_amount, output_mint, output_amount) select %(agent)s, %(wallet)s, 'SWAP',"
            " timestamptz '2024-01-10T00:00:00Z' + n * interval '10 seconds', 100,"
            " case when n %% 2 = 0 then %(sol)s else token end, case when n %% 2 = 0 then 1 else 100 end,"
            " case when n %% 2 = 0 then token else %(sol)s end,"
            " case when n %% 2 = 0 then 100 else 1 + (n / 2 %% 7 - 3) * 0.01 end"
            " from generate_series(%(begin)s::int, %(end)s - 1) as n"
            " cross join lateral (select 'H' || (n / 2) %% 50 as token) as t",
            {
                "agent": agent(number),
                "wallet": wallet(number),
                "sol": SOL,
                "begin": begin,
                "end": min(begin + AT_ONCE, 2 * swaps),
            },
        )


def settle(db: Db) -> None:
    """As a server that has run for a while: statistics are there, and what is dead is gone."""
    db.execute("vacuum analyze")


def make_bare_table(db: Db) -> None:
    """A table `bare` like that of the transactions, without triggers; with its keys, to other tables too."""
    db.execute("create table bare (like agent_transactions including all)")
    for (key,) in db.execute(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'agent_transactions'::regclass and contype = 'f'"
    ).fetchall():
        db.execute(f"alter table bare add {key}")
    db.execute("grant insert on bare to tradebook_api")
