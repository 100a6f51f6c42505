"""Random histories, in any order of arrival and statements of any size, give the oracle's fold of the sorted facts."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import oracle
from tests.ledger import SOL, START, USDC, Ledger

TOKENS = ["A", "B", USDC]


def random_history(chance: random.Random, wallets: list[str], length: int) -> list[oracle.Transaction]:
    """Trades that can all be booked, in order; with full exits, crumbs, ties in time, fees, and every type."""
    books: oracle.Books = {}
    history: list[oracle.Transaction] = []
    time = START

    def number(most: int, places: int) -> Decimal:
        return Decimal(chance.randrange(1, most * 10**places)).scaleb(-places)

    with oracle.exact():
        while len(history) < length:
            time += timedelta(seconds=chance.choice([0, 1, 60]))
            wallet = chance.choice(wallets)
            held = books[wallet].balances if wallet in books else {}
            token, other = chance.sample(TOKENS, 2)
            places = chance.choice([0, 6, 9, 18])
            owned = held.get(token, Decimal(0))
            part = chance.choice([owned, owned * 999999 / 1000000, owned / 2, number(1000, places)])
            part = part.quantize(oracle.PLACES)
            tx = oracle.Transaction(
                id=str(UUID(int=chance.getrandbits(128))),
                wallet=wallet,
                type="SWAP",
                time=time,
                input_mint=SOL,
                input_amount=number(3, places),
                output_mint=token,
                output_amount=number(1000, places),
                fees_sol=chance.choice([Decimal(0), number(1, 9) / 1000]),
                value_usd=number(500, 8),
                fees_usd=number(1, 18),
            )
            kind = chance.choice(["buy", "buy", "buy", "sell", "sell", "swap", "deposit", "withdraw", "burn", "sol"])
            if kind in ("sell", "swap"):
                received = SOL if kind == "sell" else other
                tx = replace(tx, input_mint=token, input_amount=part, output_mint=received)
            elif kind in ("deposit", "withdraw", "burn"):
                amount = part if kind != "deposit" else tx.output_amount
                kinds: dict[str, oracle.Type] = {"deposit": "DEPOSIT", "withdraw": "WITHDRAWAL", "burn": "BURN"}
                tx = replace(tx, type=kinds[kind], input_mint=token, input_amount=amount)
                tx = replace(tx, output_mint="", output_amount=Decimal(0))
            elif kind == "sol":
                tx = replace(tx, type=chance.choice(["DEPOSIT", "WITHDRAWAL", "BURN"]), output_mint="",
                             output_amount=Decimal(0))  # fmt: skip
            value = (
                tx.input_amount if tx.input_mint == SOL
                else tx.output_amount if tx.output_mint == SOL
                else Decimal(0) if tx.type == "BURN"
                else number(3, places)
            )  # fmt: skip
            tx = replace(tx, value_sol=value)
            if tx.input_amount <= 0:
                continue
            try:
                books = oracle.fold([*history, tx])
            except oracle.Refused:
                continue
            history.append(tx)
    return history


def insert(db: psycopg.Connection[Any], agents: dict[str, UUID], batch: list[oracle.Transaction]) -> None:
    columns = (
        "id, agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, output_mint,"
        " output_amount, fees_sol, value_sol, value_usd, fees_usd"
    )
    values = [
        (tx.id, agents[tx.wallet or ""], tx.wallet, tx.type, tx.time, tx.input_mint, tx.input_amount,
         tx.output_mint or None, tx.output_amount or None, tx.fees_sol, tx.value_sol, tx.value_usd, tx.fees_usd)
        for tx in batch
    ]  # fmt: skip
    row = '(%s, %s, %s, %s::"TransactionType", %s, %s, %s::numeric, %s, %s::numeric, %s, %s, %s, %s)'
    db.execute(
        f"insert into agent_transactions ({columns}) values {', '.join([row] * len(batch))}",
        [value for each in values for value in each],
    )


@pytest.mark.parametrize("seed", range(12))
def test_state_is_the_oracle_s_fold_of_the_sorted_facts(db: psycopg.Connection[Any], seed: int) -> None:
    chance = random.Random(seed)
    ledgers = [Ledger(db, sol=None) for _ in range(2)]
    agents = {ledger.wallet: ledger.agent for ledger in ledgers}
    # Enough SOL for any order of arrival.
    history = [
        oracle.Transaction(id=str(UUID(int=chance.getrandbits(128))), wallet=wallet, type="DEPOSIT", time=START,
                           input_mint=SOL, input_amount=Decimal(1000), value_sol=Decimal(1000), value_usd=Decimal(1))
        for wallet in agents
    ]  # fmt: skip
    insert(db, agents, history)
    history += random_history(chance, list(agents), 60)

    late = 0
    waiting = history[2:]
    arrived: list[oracle.Transaction] = []
    while waiting:
        # A few of the next ones, in any order but for ties in time, which arrival breaks; what comes too early for the
        # book waits for what it needs.
        times = [tx.time for tx in waiting[:12]]
        first = [tx for place, tx in enumerate(waiting[:12]) if tx.time not in times[:place]]
        batch = chance.sample(first, min(len(first), chance.choice([1, 1, 2, 8])))
        try:
            with db.transaction():
                insert(db, agents, batch)
        except psycopg.Error as refusal:
            assert refusal.sqlstate in ("TB002", "TB003"), refusal
            batch = waiting[:12]
            insert(db, agents, batch)
        late += sum(any(tx.time < other.time for other in arrived) for tx in batch)
        arrived += batch
        waiting = [tx for tx in waiting if tx not in batch]
    assert late > 5

    order = dict(db.execute("select id::text, ledger_order from agent_transactions").fetchall())
    books = oracle.fold(sorted(history, key=lambda tx: (tx.time, order[tx.id])))
    with db.cursor(row_factory=dict_row) as cursor:
        lines = [row["line"] for row in cursor.execute('select line from report.books order by line collate "C"')]
        positions = cursor.execute("select * from agent_positions").fetchall()
        swaps = {str(row["id"]): row for row in cursor.execute("select * from agent_historical_swaps")}
        dca = {str(row["id"]) for row in cursor.execute("select id from agent_transactions where is_dca")}
    assert lines == oracle.book_lines(books)

    held = {(book.address, token): each for book in books.values() for token, each in book.positions.items()}
    assert {(row["wallet_address"], row["token_address"]) for row in positions} == held.keys()
    for row in positions:
        position = held[row["wallet_address"], row["token_address"]]
        stored = (row["purchase_amount"], row["invested_sol"], row["realized_profit_sol"], row["realized_profit_usd"])
        folded = (position.purchase_amount, position.invested_sol, position.realized_sol, position.realized_usd)
        assert stored == folded
        assert (str(row["id"]), row["managed"], row["is_dust"]) == (position.id, position.managed, position.is_dust)
        assert [str(each) for each in row["dca_transaction_ids"]] == position.dca_ids
        assert row["created_at"] == position.opened_at
        assert set(position.dca_ids) <= dca
    sales = [sale for book in books.values() for sale in book.sales]
    assert len(sales) == len(swaps) > 5
    for sale in sales:
        swap = swaps[sale.transaction_id]
        assert (str(swap["position_id"]), swap["closes_position"]) == (sale.position_id, sale.closes_position)
        closing = (swap["position_profit_sol"], swap["position_profit_usd"], swap["position_invested_sol"])
        assert closing == (sale.position_gain_sol, sale.position_gain_usd, sale.position_invested_sol)
