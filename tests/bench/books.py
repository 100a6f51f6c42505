"""Books to measure on: users, agents, wallets with SOL, positions and histories, by deterministic ids."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.ledger import SOL

Db = psycopg.Connection[Any]

AGENT = "md5('agent' || {})::uuid"
WALLET = "'sim_' || md5('wallet' || {})"
USER = "md5('user')::uuid"


def make_wallets(db: Db, number: int, *, sol: int = 1_000_000) -> None:
    """One user's agents, each with a simulation wallet with that much SOL; a SOL/USD price that is always there."""
    db.execute("update settings set price_max_age = interval '100 years'")
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', '2025-01-01T00:00:00Z', 1, 100)",
        [SOL],
    )
    db.execute(f"insert into users (id, email) values ({USER}, 'bench@example.org')")
    db.execute(
        f"insert into agents (id, user_id, name) select {AGENT.format('n')}, {USER}, 'agent ' || n"
        " from generate_series(1, %s) as n",
        [number],
    )
    db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type)"
        f" select {WALLET.format('n')}, {AGENT.format('n')}, 'simulation' from generate_series(1, %s) as n",
        [number],
    )
    db.execute(
        "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
        f" input_amount, value_usd) select {AGENT.format('n')}, {WALLET.format('n')}, 'DEPOSIT',"
        " '2025-06-01T00:00:00Z', %s, %s, 1 from generate_series(1, %s) as n",
        [SOL, sol, number],
    )


def open_positions(db: Db, wallets: int, each: int, tokens: int, *, at: str, amount: str = "100") -> None:
    """`each` positions in every wallet, spread over so many tokens, bought at 0.01 SOL."""
    for number in range(each):
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            f" input_amount, output_mint, output_amount) select {AGENT.format('n')}, {WALLET.format('n')}, 'SWAP', %s,"
            " %s, %s::numeric / 100, 'T' || ((n * %s + %s) %% %s), %s from generate_series(1, %s) as n",
            [at, SOL, amount, each, number, tokens, amount, wallets],
        )


def settle(db: Db) -> None:
    """As a server that has run for a while: statistics are there, and what is dead is gone."""
    db.commit()
    db.autocommit = True
    db.execute("vacuum analyze")
    db.autocommit = False
