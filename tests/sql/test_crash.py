"""What was acknowledged survives: the server is killed ten times under load, and every promise is found kept."""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests import server
from tests.ledger import SOL, START, Ledger, audit, new_agent, new_user

KILLS = 10
ACKNOWLEDGED_BETWEEN = 1000
LOADERS = 8

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")


class Journal:
    """A file outside the database: a line is there once `write` has returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, fact: str) -> None:
        os.write(self._file, f"{fact}\n".encode())

    def lines(self) -> list[str]:
        return self.path.read_text().split()


class Loader(threading.Thread):
    """Books trades until the server is gone. What was asked for when it went is asked for again the next time."""

    def __init__(self, url: str, ledger: Ledger, user: UUID, acknowledged: Journal, refused: Journal) -> None:
        super().__init__()
        self.url, self.ledger, self.user = url, ledger, user
        self.acknowledged, self.refused = acknowledged, refused
        self.pending: list[dict[str, Any]] = []
        self.count = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                assert connection.execute("show synchronous_commit").fetchone() == ("on",)
                while True:
                    self._book(connection)
        except psycopg.OperationalError:
            pass
        except BaseException as failure:
            self.failure = failure

    def _book(self, connection: psycopg.Connection) -> None:
        if not self.pending:
            self.count += 1
            size = 1 + self.count % 8
            # Every tenth asks for more than there is.
            amount = "1000000" if self.count % 10 == 0 else "0.001"
            self.pending = [self._request(amount) for _ in range(size)]
        try:
            connection.execute(
                "select * from book.record_transactions(%s, %s, false)", [self.user, json.dumps(self.pending)]
            )
            journal = self.acknowledged
        except psycopg.Error as error:
            if error.sqlstate != "TB002":
                raise
            journal = self.refused
        for request in self.pending:
            journal.write(request["id"])
        self.pending = []

    def _request(self, amount: str) -> dict[str, Any]:
        return {
            "id": str(uuid4()), "agentId": str(self.ledger.agent), "walletAddress": self.ledger.wallet,
            "transactionType": "SWAP", "transactionTime": (START + timedelta(seconds=self.count)).isoformat(),
            "inputMint": SOL, "inputAmount": amount, "outputMint": f"T{self.count % 7}", "outputAmount": "1",
            "valueUsd": "1",
        }  # fmt: skip


def test_what_was_acknowledged_is_there_once_after_each_kill(durable: server.DurableServer, tmp_path: Path) -> None:
    url = durable.url("book")
    acknowledged, refused = Journal(tmp_path / "acknowledged"), Journal(tmp_path / "refused")
    with psycopg.connect(url) as db:
        user = new_user(db)
        ledgers = [Ledger(db, agent=new_agent(db, user)) for _ in range(LOADERS)]
        db.commit()
        before = _booked(db)
    loaders = [Loader(url, ledger, user, acknowledged, refused) for ledger in ledgers]
    for kill in range(1, KILLS + 1):
        loaders = [_again(loader) for loader in loaders]
        for loader in loaders:
            loader.start()
        enough = kill * ACKNOWLEDGED_BETWEEN
        while len(acknowledged.lines()) < enough and any(loader.is_alive() for loader in loaders):
            loaders[0].join(0.05)
        durable.kill()
        for loader in loaders:
            loader.join()
            if loader.failure is not None:
                raise loader.failure
        assert len(acknowledged.lines()) >= enough
        durable.start()

        with psycopg.connect(url) as db:
            booked = _booked(db)
            promised = acknowledged.lines()
            assert len(promised) == len(set(promised))
            assert set(promised) <= booked
            assert not set(refused.lines()) & booked
            # The rest was asked for when the server went: whole batches, or nothing of them.
            in_flight = [{request["id"] for request in loader.pending} for loader in loaders]
            assert booked - before - set(promised) <= set().union(*in_flight)
            assert all(batch <= booked or not batch & booked for batch in in_flight)
    with psycopg.connect(url) as db:
        assert refused.lines()
        assert audit(db) == []


def _again(loader: Loader) -> Loader:
    """A loader for the server's next life, which asks again for what it has no answer to."""
    next_one = Loader(loader.url, loader.ledger, loader.user, loader.acknowledged, loader.refused)
    next_one.pending, next_one.count = loader.pending, loader.count
    return next_one


def _booked(db: psycopg.Connection) -> set[str]:
    rows = db.execute("select id::text from agent_transactions").fetchall()
    assert len(rows) == len(set(rows))
    return {fact for (fact,) in rows}
