"""The HTTP service on a book, and clients that cost little, since they share the processors with what is measured."""

from __future__ import annotations

import re
import selectors
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.authentication import create_key
from app.database import connect
from tests.bench.books import EMAIL
from tests.bench.place import Load
from tests.service import Service

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
LINK = re.compile(rb'\r\nlink: <([^>]+)>; rel="next"', re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """The service as it answers, and a key of the user of the book."""

    port: int
    key: str

    def request(self, method: str, path: str, body: str = "") -> bytes:
        """A request, ready to be sent."""
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {self.key}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n{body}".encode()

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """To send requests on, one after the other."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection


@contextmanager
def serving(url: str) -> Iterator[Site]:
    """`tradebook serve` on a book, with its own defaults: 2 processes with 8 threads each."""
    with connect(url) as db:
        key = create_key(db, email=EMAIL, name="bench", scopes=["full_access"])
    assert key is not None
    with tempfile.TemporaryDirectory(prefix="tradebook-bench-") as directory:
        service = Service(Path(directory, "log"), DATABASE_URL=url)
        service.start()
        try:
            yield Site(service.port, key)
        finally:
            service.stop()


def answer_to(connection: socket.socket, request: bytes) -> bytes:
    """The whole answer, head and body. Raises RuntimeError where it tells of a failure."""
    connection.sendall(request)
    answer = b""
    while not is_whole(answer):
        answer += _received(connection)
    return answer


def _received(connection: socket.socket) -> bytes:
    received = connection.recv(1 << 20)
    if not received:
        raise RuntimeError("the service has hung up")
    return received


def is_whole(answer: bytes) -> bool:
    """Whether nothing of an answer is missing. Raises RuntimeError where it tells of a failure."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    if not end or length is None or len(body) < int(length[1]):
        return False
    if not answer.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(answer.decode())
    return True


def load(site: Site, clients: int, seconds: int, next_request: Callable[[], bytes]) -> tuple[Load, float]:
    """What so many clients get answered, each of which sends its next request when it has its answer.

    Also the share of a processor that these clients took, all of them together: they are one thread.
    """
    times: list[float] = []
    with ExitStack() as stack:
        watched = stack.enter_context(selectors.DefaultSelector())
        connections = [stack.enter_context(site.connection()) for _ in range(clients)]
        for connection in connections:
            answer_to(connection, next_request())
        sent, answers = {}, dict.fromkeys(connections, b"")
        begun, worked = time.perf_counter(), time.thread_time()
        for connection in connections:
            watched.register(connection, selectors.EVENT_READ)
            sent[connection] = time.perf_counter()
            connection.sendall(next_request())
        while time.perf_counter() - begun < seconds:
            for key, _ in watched.select():
                ready = key.fileobj
                answers[ready] += _received(ready)
                if is_whole(answers[ready]):
                    now = time.perf_counter()
                    times.append(1000 * (now - sent[ready]))
                    answers[ready], sent[ready] = b"", now
                    ready.sendall(next_request())
        took, share = time.perf_counter() - begun, time.thread_time() - worked
        # What is still under way is answered, so that the service is idle when the next load begins.
        for connection in connections:
            while not is_whole(answers[connection]):
                answers[connection] += _received(connection)
    return Load(len(times) / took, times), share / took
