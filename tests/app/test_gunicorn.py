"""gunicorn's worker and log, as far as they are ours."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from app import gunicorn_config, gunicorn_worker
from app.gunicorn_logger import Logger


class Client:
    """A connection to a worker that has one thread and answers a byte by nothing, and what it has read."""

    def __init__(self, worker: Any) -> None:
        self.socket, its_end = socket.socketpair()
        self.worker, self.read = worker, b""
        self.connection = SimpleNamespace(sock=its_end, client=self)

    def send(self, requests: bytes) -> Any:
        """Send requests, have the first one handled: whether the connection is kept."""
        self.socket.sendall(requests)
        return self.worker.handle(self.connection)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    def handle(_worker: Any, connection: Any) -> bool:
        request = connection.sock.recv(1)
        connection.client.read += request
        return bool(request != b"!")

    monkeypatch.setattr(ThreadWorker, "handle", handle)
    worker: Any = object.__new__(gunicorn_worker.Worker)
    worker.alive = True
    with ThreadPoolExecutor(1) as worker.tpool:
        made = Client(worker)
        yield made
        made.socket.close()
        made.connection.sock.close()


def test_a_client_that_asks_again_at_once_keeps_its_thread(client: Client) -> None:
    assert client.send(b"abc") is True
    assert client.read == b"abc"


def test_one_that_leaves_or_is_refused_does_not(client: Client) -> None:
    assert client.send(b"a!b") is False
    assert client.read == b"a!"


def test_nor_while_another_client_waits_for_a_thread(client: Client) -> None:
    end = threading.Event()
    for _ in range(2):
        client.worker.tpool.submit(end.wait)
    try:
        assert client.send(b"abc") is True
        assert client.read == b"a"
    finally:
        end.set()


def test_nor_in_a_worker_that_is_to_stop(client: Client) -> None:
    client.worker.alive = False
    assert client.send(b"abc") is True
    assert client.read == b"a"


def test_a_connection_that_is_silent_is_given_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_worker, "MOMENT_MS", 0)
    assert client.send(b"a") is True
    assert client.read == b"a"


def test_no_line_of_a_request_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Config()
    made.set("logger_class", gunicorn_config.logger_class)
    assert made.logger_class is Logger
    made.set("logconfig_dict", gunicorn_config.logconfig_dict)
    log = Logger(made)
    monkeypatch.setattr(log, "atoms", lambda *_: pytest.fail("for nobody"))
    log.access(None, None, None, None)
