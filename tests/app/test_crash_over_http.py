"""What the service has acknowledged survives: PostgreSQL and the service are killed under load, again and again."""

from __future__ import annotations

import functools
import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import bcrypt
import psycopg
import pytest

from app.authentication import create_key
from app.database import connect
from tests import server
from tests.ledger import SOL, Ledger, audit, new_agent, new_user, value
from tests.service import Service

CLIENTS = 6
KILLS = 9
ACKNOWLEDGED_BETWEEN = 40
DEADLINE = 120
"""Seconds for all of it; about a quarter is needed."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")


class Client(threading.Thread):
    """Books trades one after the other, each one asked for again until it is acknowledged."""

    def __init__(self, service: Service, key: str, ledger: Ledger, stop: threading.Event) -> None:
        super().__init__()
        self.service, self.key, self.ledger, self.stop = service, key, ledger, stop
        self.asked: dict[str, str] = {}
        """The ids of all trades, and the token that each one buys and no other does."""
        self.acknowledged: dict[str, str] = {}
        self.repeated = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self._book(str(uuid4()), f"T{uuid4().hex}")
        except BaseException as failure:
            self.failure = failure

    def _book(self, fact: str, token: str) -> None:
        self.asked[fact] = token
        trade = {
            "agentId": str(self.ledger.agent), "walletAddress": self.ledger.wallet, "transactionType": "SWAP",
            "transactionTime": "2026-02-01T00:00:00Z", "valueUsd": "1",
            "inputMint": SOL, "inputAmount": "0.001", "outputMint": token, "outputAmount": "1",
        }  # fmt: skip
        while not self.stop.is_set():
            try:
                answer = self.service.ask(
                    "POST", "/agent-transactions", trade, X_API_Key=self.key, Idempotency_Key=fact
                )
            except (OSError, http.client.HTTPException):
                self.stop.wait(0.02)  # the service is away: it is tried again, as by any client
                continue
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) >= 1
                continue
            assert answer.status == 201, answer
            is_repeated = answer.headers.get("Idempotency-Replayed") == "true"
            self.repeated += is_repeated
            if not is_repeated and len(self.asked) % 10 == 0:
                continue  # as if this answer had been lost
            self.acknowledged[fact] = answer.body["outputMint"]
            return


def test_what_was_acknowledged_is_there_once_after_all_kills(durable: server.DurableServer, tmp_path: Path) -> None:
    stop = threading.Event()
    service = Service(tmp_path / "log", DATABASE_URL=durable.url("book"), TRADEBOOK_THREADS="4")
    with psycopg.connect(durable.url("book")) as db, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))
        user = new_user(db)
        ledgers = [Ledger(db, agent=new_agent(db, user)) for _ in range(CLIENTS)]
        email = value(db, "select email from users where id = %s", user)
        db.commit()
        with connect(durable.url("book")) as connection:
            key = create_key(connection, email=email, name="test", scopes=["full_access"])
    assert key is not None
    clients = [Client(service, key, ledger, stop) for ledger in ledgers]

    def restart_postgres() -> None:
        durable.kill()
        durable.start()

    def restart_service() -> None:
        service.kill()
        service.start()

    def restart_both() -> None:
        durable.kill()
        service.kill()
        durable.start()
        service.start()

    disasters: list[Callable[[], None]] = [restart_postgres, restart_service, restart_both]
    deadline = time.monotonic() + DEADLINE
    service.start()
    try:
        for client in clients:
            client.start()
        for kill in range(KILLS + 1):
            while _acknowledged(clients) < (kill + 1) * ACKNOWLEDGED_BETWEEN:
                assert time.monotonic() < deadline, f"{_acknowledged(clients)} acknowledged, {kill} kills"
                assert all(client.is_alive() for client in clients), [client.failure for client in clients]
                clients[0].join(0.02)
            if kill < KILLS:
                disasters[kill % len(disasters)]()
        stop.set()
        for client in clients:
            client.join()
            assert client.failure is None, client.failure
    finally:
        stop.set()
        service.stop()

    asked = {fact: token for client in clients for fact, token in client.asked.items()}
    acknowledged = {fact: token for client in clients for fact, token in client.acknowledged.items()}
    with psycopg.connect(durable.url("book")) as db:
        rows = db.execute(
            "select id::text, output_mint from agent_transactions where output_mint is not null"
        ).fetchall()
        assert audit(db) == []
    booked = dict(rows)
    assert len(booked) == len(rows) == len({token for _, token in rows}), "each trade is booked once"
    assert acknowledged.items() <= booked.items() <= asked.items()
    assert len(asked) - len(acknowledged) <= CLIENTS
    assert sum(client.repeated for client in clients) > 0


def _acknowledged(clients: list[Client]) -> int:
    return sum(len(client.acknowledged) for client in clients)
