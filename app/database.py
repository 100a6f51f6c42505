"""The named queries, and the connections that carry them."""

from __future__ import annotations

import logging
import math
import secrets
import select
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

import aiosql
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from app.paths import SQL

Connection = psycopg.Connection[DictRow]

queries = aiosql.from_path(SQL / "queries", "psycopg", mandatory_parameters=True)
"""Every query of sql/queries, by its name; arguments are keywords."""

NOT_MIGRATED = {"3F000", "42P01", "42703", "42883"}
"""SQLSTATEs of a schema, table, column or function that is not there."""

FORGETS = (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement)
"""What a pooler in transaction mode says that keeps no prepared statements; none are made after the first time."""
LOSSES = (errors.SerializationFailure, errors.DeadlockDetected, *FORGETS)
"""After which a unit of work is tried again."""
PREPARED_AFTER = 5
"""How often a statement comes on a connection before it is prepared."""
ATTEMPTS = 5
"""How often a unit of work is tried that loses to others."""
RETRY_SECONDS = 2.0
"""After this long it is not tried again: the client has waited enough."""
LONGEST_PAUSE = 0.02
"""Seconds before the second attempt; it doubles with each one, and chance takes a part of it."""

STREAM_SECONDS = 3600
"""How long a list may be sent: it is of any size, and clients are as slow as they are."""
LONGEST_WAIT = 5.0
"""Seconds that a unit of work waits for a connection."""
WAIT_WHILE_AWAY = 1.0
"""The same where the last one has waited in vain: else the requests of an outage would queue up for each other."""
LONGEST_LOCK = 10
"""Seconds that one statement waits for a lock; fewer where fewer are left."""
SERVER_HEAD_START = 1.0
"""Seconds after a time limit that PostgreSQL is left to say so itself, before the connection is given up as silent."""
CHECK_SECONDS = 2.0
"""Seconds in which a connection that was lying idle has to answer."""
FRESH_SECONDS = 1.0
"""For this long after its last use a connection is believed to be there, unless it says something itself."""

NETWORK = {
    "application_name": "tradebook",
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""What libpq is told unless the URL says otherwise: a host that has vanished is noticed within seconds."""

Answer = TypeVar("Answer")
Enter = Callable[[Connection, dict[str, Any]], None]
"""Makes a transaction somebody's, by one of the queries serve_as..., given the arguments that all of these take."""


class ServerSilentError(psycopg.OperationalError):
    """PostgreSQL has said nothing for longer than a unit of work may take; its connection is closed."""


class PatientConnection(psycopg.Connection[DictRow]):
    """A connection on which nothing waits beyond a deadline, also where the other side has vanished or stands still."""

    deadline = math.inf
    """By time.monotonic()."""
    used_at = -math.inf
    """When it was last given back in good order, by time.monotonic()."""

    def is_fresh(self) -> bool:
        """Whether it was in use just now, and has been neither closed nor spoken to by the server since."""
        if time.monotonic() - self.used_at > FRESH_SECONDS:
            return False
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return not poll.poll(0)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, which every exchange with the server goes through. Raises ServerSilentError."""
        left = max(self.deadline - time.monotonic(), 0.001)
        if left == math.inf or (timeout is not None and timeout < left):
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, left)
        except errors._WaitTimeout:
            # What the server would still say belongs to nobody.
            self.close()
            raise ServerSilentError("the server has not answered in time") from None


@dataclass(frozen=True)
class Call:
    """What a unit of work is done for: a request."""

    name: str
    """Its id, which PostgreSQL shows as the application's name."""
    deadline: float
    """When it has to be done, by time.monotonic()."""


_call: ContextVar[Call | None] = ContextVar("call", default=None)
_pool: ConnectionPool[PatientConnection] | None = None
_role = ""
_seconds = 30
_is_away = False
_prepares = True
_log = logging.getLogger(__name__)
_chance = secrets.SystemRandom()


def connect(url: str) -> Connection:
    """A connection of a command's own, whose rows are dictionaries. Raises psycopg.OperationalError."""
    return psycopg.connect(url, row_factory=dict_row, application_name="tradebook")


def open_pool(url: str, size: int, role: str, seconds: int = 30) -> None:
    """Open this process's pool of at most `size` connections; after the fork, and once.

    They work as `role`, and a unit of work that states no time of its own has so many seconds.
    """
    global _pool, _role, _seconds
    _role, _seconds = role, seconds
    if _pool is None:
        _pool = ConnectionPool(
            url,
            connection_class=PatientConnection,
            kwargs={"row_factory": dict_row} | NETWORK | conninfo_to_dict(url),
            min_size=1,
            max_size=size,
            timeout=LONGEST_WAIT,
            # No limit to those that wait, who are the process's threads: the pool also counts those that have given
            # up, and with a limit it would not even try to connect again after an outage.
            # Whoever needs a connection asks again; a longer one would still be pausing when the server is back.
            reconnect_timeout=1,
            check=_check,
            open=True,
        )


def close_pool() -> None:
    """Close this process's pool; left to the interpreter's end, that can take 20 s."""
    global _pool
    if _pool is not None:
        _pool.close()
        _pool = None


def pool_stats() -> dict[str, int]:
    """Figures of this process's pool: pool_size, pool_available, requests_waiting and others; {} without one."""
    return {} if _pool is None else _pool.get_stats()


def begin_call(name: str) -> None:
    """What this thread does from now on belongs to the request of that id, and has its seconds, all together."""
    _call.set(Call(name, time.monotonic() + _seconds))


def current_call() -> Call | None:
    """The request that this thread works on; None where there is none."""
    return _call.get()


def end_call() -> None:
    """What this thread does from now on belongs to no request."""
    _call.set(None)


def transaction(
    work: Callable[[Connection], Answer],
    *,
    user: UUID | None = None,
    actor: str | None = None,
    enter: Enter | None = None,
    read_only: bool = False,
    is_dry_run: bool = False,
    seconds: float | None = None,
) -> Answer:
    """Do a unit of work in a transaction of a pooled connection, as the service's role for one user; its result.

    `actor` is who it is for recorded_by: key or user, and its id. Instead of both, `enter` may make the transaction
    somebody's, given the connection and the terms of all transactions (role, limits and
    the name for the server's log), by one of the queries serve_as_...

    The transaction is committed at the end and rolled back by an exception. Work that loses to others (a deadlock, a
    serialization failure) is done again, so it must have no effect but on the database. A dry run is taken back when
    all is done, and all constraints have spoken.

    It may take so many seconds; by default what is left of the request's.

    Raises psycopg_pool.PoolTimeout when no connection is to be had in time, errors.QueryCanceled
    and ServerSilentError when the time is over.
    """

    def act_as(connection: Connection, terms: dict[str, Any]) -> None:
        queries.serve_as(connection, user_id=user, actor=actor, **terms)

    global _prepares
    begun = time.monotonic()
    call = _call.get()
    deadline = call.deadline if call is not None and seconds is None else begun + (seconds or _seconds)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer: Any = None  # what a unit of work answers that takes itself back with psycopg.Rollback
            with _work(enter or act_as, read_only, deadline, is_dry_run=is_dry_run) as connection:
                answer = work(connection)
                if is_dry_run:
                    queries.check_constraints_now(connection)
            return cast(Answer, answer)
        except LOSSES as error:
            _prepares = _prepares and not isinstance(error, FORGETS)
            pause = _chance.uniform(0, LONGEST_PAUSE * 2 ** (attempt - 1))
            if attempt == ATTEMPTS or time.monotonic() + pause > min(begun + RETRY_SECONDS, deadline):
                raise
            _metrics().RETRIES.labels(str(error.sqlstate)).inc()
            _log.warning("attempt %d lost to others, trying again: %s", attempt, error.diag.message_primary)
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def copy_out(statement: Callable[[Connection], str], *, enter: Enter) -> Generator[bytes]:
    """What a COPY statement writes, bit by bit, in a read-only transaction of a pooled connection.

    `enter` makes that transaction somebody's, as for transaction, and `statement` says in it what to copy. It lasts
    until the generator ends or is closed. All of it may take STREAM_SECONDS, and each bit as long as a request. Raises
    as transaction.
    """
    with _work(enter, True, time.monotonic() + STREAM_SECONDS) as connection:
        connection.deadline = time.monotonic() + _seconds + SERVER_HEAD_START
        copying = statement(connection).encode()
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            for block in copy:
                yield bytes(block)
                connection.deadline = time.monotonic() + _seconds + SERVER_HEAD_START


@contextmanager
def _work(enter: Enter, read_only: bool, deadline: float, *, is_dry_run: bool = False) -> Iterator[PatientConnection]:
    """A pooled connection in a transaction, which `enter` makes somebody's, and until a deadline."""
    global _is_away
    assert _pool is not None, "open_pool comes first"
    with ExitStack() as stack:
        left = max(deadline - time.monotonic(), 0.01)
        try:
            wait = min(left, WAIT_WHILE_AWAY if _is_away else LONGEST_WAIT)
            connection = stack.enter_context(_pool.connection(timeout=wait))
        except PoolTimeout:
            _is_away = True
            _metrics().POOL_TIMEOUTS.inc()
            raise
        _is_away = False
        left = max(deadline - time.monotonic(), 0.01)
        connection.deadline = time.monotonic() + left + SERVER_HEAD_START
        connection.read_only = read_only
        connection.prepare_threshold = PREPARED_AFTER if _prepares else None
        stack.enter_context(connection.transaction(force_rollback=is_dry_run))
        # For this transaction alone, so that nothing of it is left on the connection for the next user.
        call = _call.get()
        terms = {
            "role": _role,
            "application_name": "tradebook" if call is None else f"tradebook {call.name}",
            "statement_ms": math.ceil(left * 1000),
            "lock_ms": math.ceil(min(left, LONGEST_LOCK) * 1000),
        }
        enter(connection, terms)
        yield connection
        connection.used_at = time.monotonic()


def _check(connection: PatientConnection) -> None:
    """Raises psycopg.OperationalError where an idle connection is one no more, and the pool takes another."""
    if connection.is_fresh():
        return
    connection.deadline = time.monotonic() + CHECK_SECONDS
    ConnectionPool.check_connection(connection)


def _metrics() -> Any:
    """Where it is counted; imported here, since a command that serves nothing starts without it."""
    from app import metrics

    return metrics
