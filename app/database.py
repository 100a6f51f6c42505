"""The named queries, and the connections that carry them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiosql
import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from app.paths import SQL

Connection = psycopg.Connection[DictRow]

queries = aiosql.from_path(SQL / "queries", "psycopg", mandatory_parameters=True)
"""Every query of sql/queries, by its name; arguments are keywords."""

NOT_MIGRATED = {"3F000", "42P01", "42703", "42883"}
"""SQLSTATEs of a schema, table, column or function that is not there."""

_pool: ConnectionPool[Connection] | None = None


def connect(url: str) -> Connection:
    """A connection of a command's own, whose rows are dictionaries. Raises psycopg.OperationalError."""
    return psycopg.connect(url, row_factory=dict_row, application_name="tradebook")


def open_pool(url: str, size: int) -> None:
    """Open this process's pool of at most `size` connections; after the fork, and once."""
    global _pool
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


@contextmanager
def transaction(*, read_only: bool = False) -> Iterator[Connection]:
    """A pooled connection in a transaction, which is committed at the end and rolled back by an exception.

    Raises psycopg_pool.PoolTimeout and TooManyRequests when no connection is to be had in time.
    """
    assert _pool is not None, "open_pool comes first"
    with _pool.connection() as connection:
        connection.read_only = read_only
        with connection.transaction():
            yield connection
