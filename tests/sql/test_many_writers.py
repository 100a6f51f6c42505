"""Sixteen clients on four wallets: what was acknowledged is booked, exactly, whatever came between what."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests import oracle
from tests.histories import Fact, compare, fold
from tests.ledger import SOL, START, Ledger, audit, new_agent, new_user

CLIENTS = 16
SECONDS = 20.0


def test_sixteen_clients_on_four_wallets_leave_the_oracle_s_books(db: psycopg.Connection, database_url: str) -> None:
    assert work_at_once(db, database_url, range(CLIENTS), SECONDS) > CLIENTS * 10


def work_at_once(db: psycopg.Connection[Any], database_url: str, seeds: Sequence[int], seconds: float) -> int:
    """Clients with these seeds work so long on four new wallets; the transactions of theirs that the books hold."""
    user = new_user(db)
    ledgers = [Ledger(db, sol="1000", agent=new_agent(db, user)) for _ in range(4)]
    db.commit()
    enough = Event()
    with ThreadPoolExecutor(max_workers=len(seeds)) as threads:
        clients = [threads.submit(Client(database_url, user, ledgers, seed).work, enough) for seed in seeds]
        try:
            wait(clients, timeout=seconds, return_when=FIRST_EXCEPTION)
        finally:
            enough.set()
        acknowledged = [tx for client in clients for tx in client.result()]

    wallets = [ledger.wallet for ledger in ledgers]
    rows = db.execute(
        "select id::text, ledger_order, voided_at is not null from agent_transactions where wallet_address = any (%s)",
        [wallets],
    )
    order = {row[0]: row for row in rows}
    assert {tx.id for tx in acknowledged} <= order.keys()
    assert len(order) == len(acknowledged) + len(ledgers), "what was refused is not there"
    facts = [Fact(tx, order[tx.id][1]) for tx in acknowledged if not order[tx.id][2]]
    facts += [
        Fact(deposit(ledger, str(fact)), number)
        for ledger in ledgers
        for fact, number in db.execute(
            "select id, ledger_order from agent_transactions where wallet_address = %s and origin = 'direct'",
            [ledger.wallet],
        )
    ]
    books = fold(facts)
    assert books is not None
    compare(db, books, wallets)
    findings = audit(db)
    assert findings == [], findings[:5]
    return len(acknowledged)


def deposit(ledger: Ledger, fact: str) -> oracle.Transaction:
    return oracle.Transaction(
        id=fact, wallet=ledger.wallet, type="DEPOSIT", time=START + timedelta(hours=1), input_mint=SOL,
        input_amount=Decimal(1000), value_sol=Decimal(1000), value_usd=Decimal(100000),
    )  # fmt: skip


class Client:
    """Trades without looking: buys, sells, late ones, batches, voids and corrections of its own trades."""

    def __init__(self, url: str, user: UUID, ledgers: list[Ledger], seed: int) -> None:
        self.url = url
        self.user = user
        self.ledgers = ledgers
        self.chance = random.Random(seed)
        self.acknowledged: list[oracle.Transaction] = []

    def work(self, enough: Event) -> list[oracle.Transaction]:
        """What was acknowledged until it was enough, voided ones and their corrections included."""
        actions: list[Callable[[], list[oracle.Transaction]]] = [
            self._record, self._record, self._batch, self._void, self._correct
        ]  # fmt: skip
        with psycopg.connect(self.url, autocommit=True) as self.connection:
            while not enough.is_set():
                try:
                    self.acknowledged += self.chance.choice(actions)()
                except psycopg.Error as refusal:
                    assert refusal.sqlstate in ("TB002", "TB003", "TB008"), refusal
        return self.acknowledged

    def _trade(self) -> tuple[oracle.Transaction, dict[str, Any]]:
        ledger = self.chance.choice(self.ledgers)
        sol, tokens = (Decimal(self.chance.randint(1, 10**9)).scaleb(-9) for _ in range(2))
        token = self.chance.choice("ABC")
        buys = self.chance.random() < 0.6
        tx = oracle.Transaction(
            id=str(uuid4()), wallet=ledger.wallet, type="SWAP",
            time=START + timedelta(seconds=self.chance.randint(3600, 100_000)),
            input_mint=SOL if buys else token, input_amount=sol if buys else tokens,
            output_mint=token if buys else SOL, output_amount=tokens if buys else sol,
            value_sol=sol, value_usd=Decimal(1),
        )  # fmt: skip
        request = {
            "id": tx.id, "agentId": str(ledger.agent), "walletAddress": tx.wallet, "transactionType": "SWAP",
            "transactionTime": tx.time.isoformat(), "inputMint": tx.input_mint, "outputMint": tx.output_mint,
            "inputAmount": oracle.plain(tx.input_amount), "outputAmount": oracle.plain(tx.output_amount),
            "valueUsd": "1",
        }  # fmt: skip
        return tx, request

    def _record(self) -> list[oracle.Transaction]:
        tx, request = self._trade()
        self.connection.execute("select book.record_transaction(%s, %s, null)", [self.user, json.dumps(request)])
        return [tx]

    def _batch(self) -> list[oracle.Transaction]:
        trades = [self._trade() for _ in range(4)]
        each = self.chance.random() < 0.5
        rows = self.connection.execute(
            "select error from book.record_transactions(%s, %s, %s) order by item",
            [self.user, json.dumps([request for _, request in trades]), each],
        ).fetchall()
        return [tx for (tx, _), (error,) in zip(trades, rows, strict=True) if error is None]

    def _void(self) -> list[oracle.Transaction]:
        if self.acknowledged:
            fact = self.chance.choice(self.acknowledged)
            self.connection.execute("select book.void_transaction(%s, 'wrong')", [fact.id])
        return []

    def _correct(self) -> list[oracle.Transaction]:
        if not self.acknowledged:
            return []
        tx, request = self._trade()
        fact = self.chance.choice([old for old in self.acknowledged if old.wallet == tx.wallet] or [None])
        if fact is None:
            return []
        self.connection.execute("select book.correct_transaction(%s, %s, 'mistyped')", [fact.id, json.dumps(request)])
        return [tx]
