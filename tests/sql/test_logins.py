"""Logins in the database: at the same time, and of whom."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from tests.ledger import acting_as, new_user, value

Db = psycopg.Connection[Any]
DEADLINE = 60.0
BCRYPT = "$2b$04$" + "a" * 53


@pytest.fixture
def user(db: Db) -> UUID:
    """A user with a session, whose refresh token is r."""
    user = new_user(db)
    db.execute("update users set password_hash = %s", [BCRYPT])
    db.execute("select book.store_session(gen_random_uuid(), %s, false, sha256('a'), sha256('r'), now())", [user])
    db.commit()
    return user


def session_of(db: Db, user: UUID) -> UUID:
    session = value(db, "select id from sessions where user_id = %s", user)
    db.commit()
    assert isinstance(session, UUID)
    return session


@contextmanager
def all_waiting(db: Db, lock: str, calls: list[Callable[[], Any]]) -> Iterator[list[Any]]:
    """What calls answer that have all begun, and wait, before the first of them may go on."""
    answers: list[Any] = []
    with ThreadPoolExecutor(len(calls)) as threads:
        db.execute(lock)
        begun = [threads.submit(call) for call in calls]
        deadline = time.monotonic() + DEADLINE
        waiting = 0
        with psycopg.connect(db.info.dsn, autocommit=True) as other:
            while waiting < len(calls) and time.monotonic() < deadline:
                waiting = value(
                    other,
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'",
                )
        db.rollback()
        answers += [each.result(DEADLINE) for each in begun]
    assert waiting == len(calls)
    yield answers


def test_wrong_passwords_at_the_same_time_are_all_counted(database_url: str, db: Db, user: UUID) -> None:
    email = value(db, "select email from users")
    db.commit()
    request = json.dumps({"email": email, "password": ""})

    def fail() -> Any:
        with psycopg.connect(database_url) as connection:
            return value(
                connection,
                "select verdict from book.log_in(%s, %s, false, gen_random_uuid(), sha256('x'), sha256('y'), now())",
                request,
                BCRYPT,
            )

    with all_waiting(db, "select from users for update", [fail] * 8) as verdicts:
        assert sorted(verdicts) == ["locked"] * 4 + ["wrong"] * 4
    assert value(db, "select failed_login_attempts from users") == 8


def test_of_refreshes_at_the_same_time_one_gets_tokens(database_url: str, db: Db, user: UUID) -> None:
    session = session_of(db, user)

    def refresh() -> Any:
        with psycopg.connect(database_url) as connection:
            return connection.execute(
                """
                select (tokens)."tokenType", reused_by
                from book.refresh_session(
                    '{"refreshToken": ""}', %s, sha256('r'), sha256(%s::text::bytea), sha256(%s::text::bytea), now()
                )
                """,
                [session, "new a", "new r"],
            ).fetchone()

    with all_waiting(db, "select from sessions for update", [refresh] * 2) as answers:
        assert sorted(answers, key=str) == [("Bearer", None), (None, user)]
    assert value(db, "select count(*) from sessions") == 0


def test_nobody_ends_anothers_session_or_changes_his_password(db: Db, user: UUID) -> None:
    session = session_of(db, user)
    other = new_user(db)
    db.commit()
    with acting_as(db, "api", other):
        db.execute("select book.log_out(%s)", [session])
    assert session_of(db, user) == session
    with pytest.raises(psycopg.Error) as refusal, acting_as(db, "api", other):
        db.execute("select book.change_password(%s, %s, true, %s, now())", [user, BCRYPT, BCRYPT])
    assert refusal.value.sqlstate == "TB007"
    db.rollback()
    with acting_as(db, "api", user):
        db.execute("select book.log_out(%s)", [session])
    assert value(db, "select count(*) from sessions") == 0


@pytest.mark.parametrize("purpose", ["bi", "jobs", "feed"])
def test_logins_are_the_service_s_alone(db: Db, purpose: str) -> None:
    for statement in (
        "select book.find_login('{}')",
        "select book.find_session(gen_random_uuid(), '', now())",
        "select book.register('{}', '')",
        "select from sessions",
        "select from request_counts",
    ):
        with pytest.raises(errors.InsufficientPrivilege), db.transaction(), acting_as(db, purpose):
            db.execute(statement)


def test_the_service_reads_and_writes_no_session_by_itself(db: Db, user: UUID) -> None:
    for statement in (
        "select from sessions",
        "delete from sessions",
        "update users set password_hash = null",
        "insert into users (email) values ('x@example.org')",
        "delete from request_counts",
    ):
        with pytest.raises(errors.InsufficientPrivilege), db.transaction(), acting_as(db, "api", user):
            db.execute(statement)
