"""Sessions that work at the same time, and who of them waits for whom, as PostgreSQL tells it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

import psycopg

from tests.ledger import Ledger

Result = TypeVar("Result")


class Session:
    """A connection with a thread of its own, which keeps its transaction open until it is told to end it."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self._watch = psycopg.connect(url, autocommit=True)
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.execute("select pg_terminate_backend(%s)", [self.pid])
        self._thread.shutdown()
        self.connection.close()
        self._watch.close()

    @property
    def pid(self) -> int:
        """Its server process."""
        return self.connection.info.backend_pid

    def ledger(self, ledger: Ledger) -> Ledger:
        """A ledger's wallet as this session writes to it."""
        return ledger.on(self.connection)

    def start(self, action: Callable[..., Result], *arguments: Any, **options: Any) -> Future[Result]:
        """Begin something that may have to wait."""
        return self._thread.submit(action, *arguments, **options)

    def waits_for(self, running: Future[Any], *others: Session) -> bool:
        """Whether it comes to wait for just these sessions before it is done."""
        wanted = sorted(other.pid for other in others)
        while not running.done():
            row = self._watch.execute("select pg_blocking_pids(%s)", [self.pid]).fetchone()
            if row is not None and sorted(row[0]) == wanted:
                return True
        return False

    def commit(self) -> None:
        """End the transaction."""
        self.connection.commit()


def refusal(running: Future[Any]) -> str | None:
    """The SQLSTATE that something ended with; None where it went well."""
    error = running.exception()
    if error is None:
        return None
    assert isinstance(error, psycopg.Error), error
    return error.sqlstate
