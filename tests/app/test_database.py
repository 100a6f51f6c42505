"""Connections: whose a transaction is, that nothing of it stays behind, and what is done again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from app import database
from app.metrics import PROCESSES as REGISTRY
from tests import server
from tests.ledger import Ledger


@pytest.fixture
def ledgers(db: psycopg.Connection) -> tuple[Ledger, Ledger]:
    """Two users with a wallet each."""
    made = Ledger(db), Ledger(db)
    db.commit()
    return made


@pytest.fixture
def pool(database_url: str) -> Iterator[None]:
    """A pool of one connection, so that whoever comes next gets the one before's."""
    database.open_pool(database_url, 1, "tradebook_api")
    yield
    database.close_pool()


def agents(connection: database.Connection) -> list[UUID]:
    return [row["id"] for row in connection.execute("select id from agents").fetchall()]


def retries(sqlstate: str) -> float:
    return REGISTRY.get_sample_value("tradebook_retries_total", {"sqlstate": sqlstate}) or 0.0


def identity(connection: database.Connection) -> tuple[str, str, str, str]:
    row = connection.execute(
        "select current_user::text as role, current_setting('role') as set_role,"
        " coalesce(current_setting('tradebook.user_id', true), '') as user_id,"
        " coalesce(current_setting('tradebook.actor', true), '') as actor"
    ).fetchone()
    assert row is not None
    return row["role"], row["set_role"], row["user_id"], row["actor"]


@pytest.mark.usefixtures("pool")
def test_two_users_of_one_connection_never_mix(ledgers: tuple[Ledger, Ledger]) -> None:
    one, other = (ledger.user for ledger in ledgers)
    backends = set()

    def look(connection: database.Connection) -> list[UUID]:
        backends.add(connection.info.backend_pid)
        return agents(connection)

    def fail(connection: database.Connection) -> None:
        assert look(connection) == [ledgers[0].agent]
        connection.execute("select 1 / 0")

    def give_up(connection: database.Connection) -> None:
        assert look(connection) == [ledgers[0].agent]
        raise psycopg.Rollback

    def set_for_good(connection: database.Connection) -> None:
        connection.execute("select set_config('tradebook.user_id', %s, false)", [str(one)])
        connection.execute("select 1 / 0")

    for leave in (look, fail, give_up, set_for_good):
        with suppress(errors.DivisionByZero, psycopg.Rollback):
            database.transaction(leave, user=one, actor="key 1")
        assert database.transaction(look, user=other) == [ledgers[1].agent], leave
        assert database.transaction(look) == [], leave
    assert len(backends) == 1


@pytest.mark.usefixtures("pool")
def test_a_transaction_is_the_services_for_its_user_and_leaves_nothing(ledgers: tuple[Ledger, Ledger]) -> None:
    one = ledgers[0].user
    assert database.transaction(identity, user=one, actor="key 1") == (
        "tradebook_api",
        "tradebook_api",
        str(one),
        "key 1",
    )
    assert database._pool is not None
    with database._pool.connection() as connection:
        assert identity(connection) == ("tradebook", "none", "", "")


@pytest.mark.usefixtures("pool")
def test_a_connection_that_was_in_use_just_now_is_not_asked_whether_it_is_there(
    db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> tuple[int, int]:
        """The server process that does a transaction, and how many questions there were before it."""
        del asked[:]
        return database.transaction(lambda connection: connection.info.backend_pid), len(asked)

    asked: list[object] = []
    really = database.ConnectionPool.check_connection

    def check(connection: database.PatientConnection) -> None:
        asked.append(connection)
        really(connection)

    monkeypatch.setattr(database.ConnectionPool, "check_connection", check)
    first, _ = look()
    assert look() == (first, 0)
    # After a while it is.
    with monkeypatch.context() as patch:
        patch.setattr(database, "FRESH_SECONDS", -1)
        assert look() == (first, 1)
    # One that the server has closed says so.
    db.autocommit = True
    assert look() == (first, 0)
    db.execute("select pg_terminate_backend(%s, 10000)", [first])
    second, questions = look()
    assert second != first
    assert questions > 0


def test_whoever_asked_in_vain_in_an_outage_keeps_nobody_from_the_server_that_is_back(
    durable: server.DurableServer,
) -> None:
    database.open_pool(durable.url("book"), 1, "tradebook_api")
    try:
        database.transaction(lambda _connection: None)
        durable.terminate(signal.SIGINT)
        # Until the pool has given up to connect by itself.
        given_up = time.monotonic() + 3
        while time.monotonic() < given_up:
            with suppress(psycopg.OperationalError):
                database.transaction(lambda _connection: None, seconds=0.05)
        durable.start()
        deadline = time.monotonic() + 30
        while True:
            try:
                database.transaction(lambda _connection: None, seconds=1)
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
    finally:
        database.close_pool()


@pytest.mark.usefixtures("pool")
def test_what_the_service_records_says_its_key(ledgers: tuple[Ledger, Ledger]) -> None:
    ledger = ledgers[0]

    def record(connection: database.Connection) -> None:
        connection.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            " input_amount, value_usd, value_sol) values (%s, %s, 'DEPOSIT', now(), 'A', 1, 1, 1)",
            [ledger.agent, ledger.wallet],
        )

    database.transaction(record, user=ledger.user, actor="key 7")
    assert {row["recorded_by"] for row in ledger.rows("select recorded_by from agent_transactions")} == {
        "login tradebook",
        "key 7",
    }


def test_work_that_meets_a_deadlock_is_done_again(database_url: str, ledgers: tuple[Ledger, Ledger]) -> None:
    """Two units of work lock two rows in opposite order; one of them loses, and both are done."""
    ledger = ledgers[0]
    live = "W" * 44
    ledger.db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [live, ledger.agent],
    )
    ledger.db.commit()
    database.open_pool(database_url, 2, "tradebook_api")
    before = retries("40P01")
    both_have_one = threading.Barrier(2)
    runs: list[str] = []

    def work(first: str, second: str) -> None:
        tries: list[int] = []

        def lock(connection: database.Connection) -> None:
            tries.append(1)
            runs.append(first)
            query = "select from agent_wallets where wallet_address = %s for update"
            connection.execute(query, [first])
            if len(tries) == 1:
                both_have_one.wait(30)
            connection.execute(query, [second])

        database.transaction(lock, user=ledger.user)

    threads = [threading.Thread(target=work, args=pair) for pair in ((ledger.wallet, live), (live, ledger.wallet))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        database.close_pool()
    assert len(runs) == 3
    assert retries("40P01") == before + 1


@pytest.mark.usefixtures("pool")
def test_a_pooler_that_forgets_prepared_statements_is_noticed_and_none_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "_prepares", True)
    before = retries("26000")

    def prepared(connection: database.Connection) -> int:
        row = connection.execute("select count(*)::int as n from pg_prepared_statements").fetchone()
        assert row is not None
        return int(row["n"])

    for _ in range(2 * database.PREPARED_AFTER):
        made = database.transaction(prepared)
    assert made > 0
    # Behind psycopg's back, as when the next transaction is on another connection of the pooler's.
    database.transaction(lambda connection: connection.pgconn.exec_(b"deallocate all"))
    assert [database.transaction(prepared) for _ in range(2 * database.PREPARED_AFTER)] == [0] * 10
    assert retries("26000") == before + 1


@pytest.mark.usefixtures("pool")
def test_work_that_loses_each_time_is_given_up_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LONGEST_PAUSE", 0.0)
    before = retries("40001")
    runs: list[int] = []

    def lose(connection: database.Connection) -> None:
        runs.append(1)
        connection.execute("do $$ begin raise exception using errcode = '40001'; end $$")

    with pytest.raises(errors.SerializationFailure):
        database.transaction(lose)
    assert len(runs) == database.ATTEMPTS
    assert retries("40001") == before + database.ATTEMPTS - 1

    monkeypatch.setattr(database, "RETRY_SECONDS", 0.0)
    runs.clear()
    with pytest.raises(errors.SerializationFailure):
        database.transaction(lose)
    assert len(runs) == 1, "nor is it tried again when its time is over"


@pytest.mark.usefixtures("pool")
def test_what_is_simply_wrong_is_not_done_again() -> None:
    runs: list[int] = []

    def fail(connection: database.Connection) -> None:
        runs.append(1)
        connection.execute("select 1 / 0")

    with pytest.raises(errors.DivisionByZero):
        database.transaction(fail)
    assert len(runs) == 1


def test_the_service_reaches_the_database_by_this_function_alone() -> None:
    """Whoever takes a connection from the pool by another way would be the login itself."""
    from app.paths import CHECKOUT

    assert CHECKOUT is not None
    takers = [
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / "app").rglob("*.py")
        if "_pool.connection(" in path.read_text()
    ]
    assert takers == ["app/database.py"]
