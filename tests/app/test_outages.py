"""The database is stopped, restarted, out of connections, slow or silent: 503 in time, and then it works again."""

from __future__ import annotations

import functools
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import bcrypt
import psycopg
import pytest

from app.authentication import create_key
from app.database import connect
from app.migrate import migrate
from tests import server
from tests.ledger import SOL, Ledger, audit, value
from tests.service import Answer, Service

WORKERS, THREADS = 2, 2
AT_ONCE = 8
"""More than there are threads, so that some wait for others that wait for the database."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")


@dataclass
class World:
    """A database server, the service on it, and a user's key and wallet."""

    postgres: server.DurableServer
    service: Service
    ledger: Ledger
    key: str

    def admin(self, **options: Any) -> psycopg.Connection:
        """A connection of the superuser's."""
        return psycopg.connect(self.postgres.url("book"), **options)

    def trade(self) -> dict[str, Any]:
        """A transaction that is not booked yet."""
        return {
            "id": str(uuid4()), "agentId": str(self.ledger.agent), "walletAddress": self.ledger.wallet,
            "transactionType": "SWAP", "transactionTime": "2026-02-01T00:00:00Z", "valueUsd": "1",
            "inputMint": SOL, "inputAmount": "0.001", "outputMint": "A", "outputAmount": "1",
        }  # fmt: skip

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """With the key."""
        return self.service.ask(method, path, body, X_API_Key=self.key)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The service logs in as a role of its own, which can be held short of connections."""
    running = server.start_durable()
    service = None
    try:
        with psycopg.connect(**running.dsn()) as admin:
            admin.execute("create database book")
        migrate(running.url("book"), lambda _words: None)
        with psycopg.connect(running.url("book")) as db, pytest.MonkeyPatch.context() as patch:
            patch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))
            db.execute("create role service login in role tradebook_api")
            ledger = Ledger(db)
            email = value(db, "select email from users")
            db.commit()
            with connect(running.url("book")) as connection:
                key = create_key(connection, email=email, name="test", scopes=["full_access"])
        assert key is not None
        service = Service(
            tmp_path_factory.mktemp("service") / "log",
            DATABASE_URL=running.url("book", "service"),
            TRADEBOOK_WORKERS=str(WORKERS),
            TRADEBOOK_THREADS=str(THREADS),
            TRADEBOOK_REQUEST_SECONDS="2",
        )
        service.start()
        yield World(running, service, ledger, key)
    finally:
        if service is not None:
            service.stop()
        running.stop()


# What can happen to a database


@contextmanager
def stopped(world: World, how: signal.Signals) -> Iterator[None]:
    world.postgres.terminate(how)
    yield
    world.postgres.start()


@contextmanager
def killed(world: World) -> Iterator[None]:
    world.postgres.kill()
    yield
    world.postgres.start()


@contextmanager
def without_connections(world: World) -> Iterator[None]:
    with world.admin(autocommit=True) as admin:
        admin.execute("alter role service connection limit 0")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'service'")
        yield
        admin.execute("alter role service connection limit -1")


@contextmanager
def locked(world: World) -> Iterator[None]:
    with world.admin() as admin:
        admin.execute("lock table api_keys, users")
        yield


@contextmanager
def silent(world: World) -> Iterator[None]:
    """Connections stay, and new ones come about, and nothing is ever said on them."""
    pids = world.postgres.processes()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


OUTAGES: dict[str, Callable[[World], AbstractContextManager[None]]] = {
    "stopped": lambda world: stopped(world, signal.SIGINT),
    "stopped at once": lambda world: stopped(world, signal.SIGQUIT),
    "killed": killed,
    "out of connections": without_connections,
    "locked": locked,
    "silent": silent,
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_is_a_503_in_time_and_over_with_the_outage(world: World, outage: str) -> None:
    trade = world.trade()
    assert world.service.becomes(200, "GET", "/agents", X_API_Key=world.key).status == 200
    with OUTAGES[outage](world), ThreadPoolExecutor(AT_ONCE) as clients:
        calls: list[tuple[Any, ...]] = [("GET", "/agents"), ("POST", "/agent-transactions", trade)] * (AT_ONCE // 2)
        answers = list(clients.map(lambda call: world.ask(*call), calls))
        assert [answer.status for answer in answers] == [503] * AT_ONCE
        for answer in answers:
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.body["requestId"] == answer.headers["X-Request-ID"]
        if outage != "locked":
            assert world.ask("GET", "/health").status == 503
            assert world.ask("GET", "/health/ready").status == 503
            figures = world.ask("GET", "/metrics")
            assert (figures.status, "tradebook_database_up 0.0" in figures.body) == (200, True)
        assert world.ask("GET", "/health/live").status == 200
    assert world.service.becomes(200, "GET", "/agents", X_API_Key=world.key).status == 200
    assert world.service.becomes(201, "POST", "/agent-transactions", trade, X_API_Key=world.key).status == 201
    with world.admin() as db:
        assert value(db, "select count(*) from agent_transactions where id = %s", trade["id"]) == 1
        assert audit(db) == []


def test_an_outage_in_the_middle_of_a_request_is_a_503_too(world: World) -> None:
    for end in (signal.SIGINT, signal.SIGQUIT, None):
        world.service.becomes(200, "GET", "/health/ready")
        trade = world.trade()
        try:
            with world.admin() as admin, ThreadPoolExecutor(1) as client:
                admin.execute("select from agent_wallets for update")
                answer = client.submit(world.ask, "POST", "/agent-transactions", trade)
                wait_for_lock(world)
                if end is None:
                    world.postgres.kill()
                else:
                    world.postgres.terminate(end)
                status = answer.result().status
                admin.close()
        finally:
            world.postgres.start()
        # A server that is shut down may end the holder of the lock first, and the request is booked before its turn.
        assert status == 503 or (end == signal.SIGINT and status == 201)
        with world.admin() as db:
            booked = value(db, "select count(*) from agent_transactions where id = %s", trade["id"])
            assert booked == 1 or status == 503
    assert world.service.becomes(200, "GET", "/agents", X_API_Key=world.key).status == 200


def test_a_stop_lets_what_is_under_way_end_and_takes_no_more(world: World) -> None:
    """This one stops the service, and starts it again."""
    trade = world.trade()
    world.service.becomes(200, "GET", "/health/ready")
    with world.admin() as admin, ThreadPoolExecutor(1) as client:
        admin.execute("select from agent_wallets for update")
        answer = client.submit(world.ask, "POST", "/agent-transactions", trade)
        wait_for_lock(world)
        assert world.service.process is not None
        world.service.process.terminate()
        wait_until_refused(world.service.port)
        assert not answer.done()
        admin.rollback()
        assert answer.result().status == 201
    assert world.service.stop() == 0
    world.service.start()
    assert world.ask("GET", f"/agent-transactions/{trade['id']}").status == 200


def test_the_figures_of_several_processes_come_once(world: World) -> None:
    """What PostgreSQL says is no process's."""
    for _ in range(2 * WORKERS):
        answer = world.ask("GET", "/metrics")
        told = re.findall(r"^# TYPE (\S+)", answer.body, re.MULTILINE)
        assert (answer.status, len(told)) == (200, len(set(told)))
        assert "pid=" not in answer.body
        assert re.search(r"^tradebook_facts \d", answer.body, re.MULTILINE)


def test_a_request_is_known_by_its_id_to_postgresql_and_in_the_log(world: World) -> None:
    world.service.becomes(200, "GET", "/health/ready")
    with world.admin() as admin, ThreadPoolExecutor(1) as client:
        admin.execute("select from agent_wallets for update")
        answer = client.submit(
            world.service.ask, "POST", "/agent-transactions?", world.trade(), X_API_Key=world.key, X_Request_ID="my-1"
        )
        assert wait_for_lock(world) == "tradebook my-1"
        admin.rollback()
        assert answer.result().headers["X-Request-ID"] == "my-1"
    with world.admin() as admin:
        left = admin.execute("select distinct application_name from pg_stat_activity where usename = 'service'")
        assert left.fetchall() == [("tradebook",)]
    deadline = time.monotonic() + 10
    while not (told := [line for line in world.service.lines() if line.get("requestId") == "my-1"]):
        assert time.monotonic() < deadline
    line = told[0]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/v1/agent-transactions", 201)
    assert line["userId"] == str(world.ledger.user)
    assert line["ms"] > 0
    assert line["bytes"] > 0


def wait_for_lock(world: World) -> str:
    """Until a request waits for a lock; the name that PostgreSQL knows it by."""
    deadline = time.monotonic() + 30
    with world.admin(autocommit=True) as admin:
        while time.monotonic() < deadline:
            row = admin.execute(
                "select application_name from pg_stat_activity where usename = 'service' and wait_event_type = 'Lock'"
            ).fetchone()
            if row is not None:
                return str(row[0])
    raise AssertionError("no request waits for a lock")


def wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            pass  # it came while the port was being closed
    raise AssertionError("the port is still open")


def test_an_embedded_database_that_is_killed_comes_back(tmp_path: Path) -> None:
    """`tradebook run` watches the server that it has started."""
    service = Service(tmp_path / "log", TRADEBOOK_DATA_DIR=str(tmp_path / "data"), TRADEBOOK_REQUEST_SECONDS="2")
    service.start("run")
    try:
        lines = (tmp_path / "data" / "cluster" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
        wait_until_another_runs(tmp_path / "data", lines[0])
        service.becomes(200, "GET", "/health/ready")
    finally:
        assert service.stop() == 0
    assert "PostgreSQL has ended by itself, and is started again" in service.log.read_text()


def wait_until_another_runs(data: Path, pid: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, IndexError):
            if (data / "cluster" / "postmaster.pid").read_text().splitlines()[0] != pid:
                return
        time.sleep(0.05)
    raise AssertionError("no other server was started")
