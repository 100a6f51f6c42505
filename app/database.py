"""The named queries, and the connections that carry them."""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Generator
from typing import TypeVar
from uuid import UUID

import aiosql
import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from app.paths import SQL

Connection = psycopg.Connection[DictRow]

queries = aiosql.from_path(SQL / "queries", "psycopg", mandatory_parameters=True)
"""Every query of sql/queries, by its name; arguments are keywords."""

NOT_MIGRATED = {"3F000", "42P01", "42703", "42883"}
"""SQLSTATEs of a schema, table, column or function that is not there."""

ATTEMPTS = 5
"""How often a unit of work is tried that loses to others."""
RETRY_SECONDS = 2.0
"""After this long it is not tried again: the client has waited enough."""
LONGEST_PAUSE = 0.02
"""Seconds before the second attempt; it doubles with each one, and chance takes a part of it."""

retried: Counter[str] = Counter()
"""How often this process has tried again, by SQLSTATE."""

Answer = TypeVar("Answer")

_pool: ConnectionPool[Connection] | None = None
_role = ""
_log = logging.getLogger(__name__)
_chance = secrets.SystemRandom()


def connect(url: str) -> Connection:
    """A connection of a command's own, whose rows are dictionaries. Raises psycopg.OperationalError."""
    return psycopg.connect(url, row_factory=dict_row, application_name="tradebook")


def open_pool(url: str, size: int, role: str) -> None:
    """Open this process's pool of at most `size` connections, which work as `role`; after the fork, and once."""
    global _pool, _role
    _role = role
    if _pool is None:
        _pool = ConnectionPool(
            url,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "application_name": "tradebook"},
            min_size=1,
            max_size=size,
            timeout=5,
            max_waiting=size * 8,
            check=ConnectionPool.check_connection,
            open=True,
        )


def close_pool() -> None:
    """Close this process's pool; left to the interpreter's end, that can take 20 s."""
    global _pool
    if _pool is not None:
        _pool.close()
        _pool = None


def transaction(
    work: Callable[[Connection], Answer],
    *,
    user: UUID | None = None,
    actor: str | None = None,
    read_only: bool = False,
    is_dry_run: bool = False,
) -> Answer:
    """Do a unit of work in a transaction of a pooled connection, as the service's role for one user; its result.

    `actor` is who it is for recorded_by: key or user, and its id. The transaction is committed at the end and rolled
    back by an exception. Work that loses to others (a deadlock, a serialization failure) is done again, so it must have
    no effect but on the database. A dry run is taken back when all is done, and all constraints have spoken.

    Raises psycopg_pool.PoolTimeout and TooManyRequests when no connection is to be had in time.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(work, user, actor, read_only, is_dry_run)
        except (errors.SerializationFailure, errors.DeadlockDetected) as error:
            pause = _chance.uniform(0, LONGEST_PAUSE * 2 ** (attempt - 1))
            if attempt == ATTEMPTS or time.monotonic() + pause > deadline:
                raise
            retried[str(error.sqlstate)] += 1
            _log.warning("attempt %d lost to others, trying again: %s", attempt, error.diag.message_primary)
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def copy_out(statement: Callable[[Connection], str], *, user: UUID | None, actor: str | None) -> Generator[bytes]:
    """What a COPY statement writes, bit by bit, in a read-only transaction of a pooled connection for one user.

    `statement` makes it in that transaction, which lasts until the generator ends or is closed. Raises as transaction.
    """
    assert _pool is not None, "open_pool comes first"
    with _pool.connection() as connection:
        connection.read_only = True
        with connection.transaction():
            queries.act_as(connection, role=_role, user_id=user, actor=actor)
            copying = statement(connection).encode()
            with connection.cursor() as cursor, cursor.copy(copying) as copy:
                for block in copy:
                    yield bytes(block)


def _once(
    work: Callable[[Connection], Answer], user: UUID | None, actor: str | None, read_only: bool, is_dry_run: bool
) -> Answer:
    assert _pool is not None, "open_pool comes first"
    with _pool.connection() as connection:
        connection.read_only = read_only
        with connection.transaction(force_rollback=is_dry_run):
            # For this transaction alone, so that nothing of it is left on the connection for the next user.
            queries.act_as(connection, role=_role, user_id=user, actor=actor)
            answer = work(connection)
            if is_dry_run:
                queries.check_constraints_now(connection)
            return answer
