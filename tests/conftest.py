"""A migrated database for every test that asks for one, and the audit of its book afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from app import roles
from app.postgres import place
from app.postgres.programs import find_binaries
from tests import server

# scripts/mutate lends a server that runs, and the database on it to make the others from.
_lent = {name: os.environ.get(f"TRADEBOOK_TEST_{name}") for name in ("SERVER", "TEMPLATE")}

# What a person has set must not change what the tests see.
for _name in [name for name in os.environ if name.startswith(("PG", "TRADEBOOK_")) and name != "PGBINDIR"]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)

_numbers = count(1)


def pytest_report_header() -> str:
    """Which PostgreSQL the tests run on."""
    found = find_binaries()
    return f"PostgreSQL {found.version} ({found.source}), {found.directory}"


@pytest.fixture(scope="session", autouse=True)
def _kept_elsewhere() -> Iterator[None]:
    """As root, the clusters of data directories that PostgreSQL cannot reach, as pytest's are, must go with them."""
    with tempfile.TemporaryDirectory(prefix="tradebook-state-", dir=server.fastest_directory()) as directory:
        place.STATE = Path(directory)
        place.STATE.chmod(0o755)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[server.Place]:
    """The session's PostgreSQL server."""
    if _lent["SERVER"]:
        yield server.Place(_lent["SERVER"])
        return
    running = server.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def template(postgres: server.Place) -> str:
    """The name of a migrated database that nobody is connected to, to make others from."""
    if _lent["TEMPLATE"]:
        return _lent["TEMPLATE"]
    from app.migrate import migrate

    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute("create database template_tradebook")
    migrate(postgres.url("template_tradebook"), lambda _words: None)
    return "template_tradebook"


@pytest.fixture
def prefix(postgres: server.Place) -> Iterator[str]:
    """A prefix of role names that no role has yet; the roles that get it are dropped at the end."""
    made = f"tb_{uuid4().hex[:8]}"
    yield made
    with psycopg.connect(**postgres.dsn()) as admin:
        for name in roles.names(made):
            admin.execute(f"drop role if exists {name}")


@pytest.fixture
def durable() -> Iterator[server.DurableServer]:
    """A server of its own that keeps what it has acknowledged, with the product's schema in database `book`."""
    from app.migrate import migrate

    running = server.start_durable()
    try:
        with psycopg.connect(**running.dsn()) as admin:
            admin.execute("create database book")
        migrate(running.url("book"), lambda _words: None)
        yield running
    finally:
        running.stop()


@pytest.fixture
def database_url(postgres: server.Place, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database, as its superuser."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database {name} template {template} strategy file_copy")
        try:
            yield postgres.url(name)
        finally:
            admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to a fresh database; what the test does not commit is audited too, and lost."""
    connection = psycopg.connect(database_url)
    try:
        yield connection
    finally:
        connection.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After every test on a database, the audit of the book must be empty, or the test fails."""
    result = yield
    funcargs = getattr(item, "funcargs", {})
    if "database_url" in funcargs and item.get_closest_marker("spoils_the_book") is None:
        connection = funcargs.get("db")
        if connection is not None and not connection.closed:
            if connection.info.transaction_status == TransactionStatus.INTRANS:
                _require_empty_audit(connection, "in the test's open transaction")
            # Else a lock that the test left would hold up the audit from outside.
            connection.rollback()
        with psycopg.connect(funcargs["database_url"]) as other:
            _require_empty_audit(other, "of what the test committed")
    return result


def _require_empty_audit(connection: psycopg.Connection, which: str) -> None:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("reset role")
        findings = cursor.execute("select * from report.ledger_audit limit 20").fetchall()
    lines = "".join(f"\n  {finding}" for finding in findings)
    assert not findings, f"report.ledger_audit is not empty, {which}:{lines}"
