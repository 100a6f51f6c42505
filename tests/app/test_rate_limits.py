"""How often one may ask: of an address, for an e-mail address, of a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.authentication import needs_scope
from app.database import close_pool
from app.rate_limits import limited_by_user
from tests.app.conftest import BASE, make_trader
from tests.ledger import value

Db = psycopg.Connection[Any]
Serve = Callable[..., Any]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def serve(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Makes the service with other limits."""

    @contextmanager
    def with_settings(**settings: str) -> Iterator[Flask]:
        for name, content in settings.items():
            monkeypatch.setenv(f"TRADEBOOK_{name}", content)
        try:
            yield create_app(database_url)
        finally:
            close_pool()

    return with_settings


def ask(client: FlaskClient, path: str, address: str = "10.0.0.1", forwarded: str = "", **fields: Any) -> TestResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    where = {"REMOTE_ADDR": address}
    return client.post(f"{BASE}/auth/{path}", json=fields, headers=headers, environ_overrides=where)


def log_in(client: FlaskClient, email: str, address: str = "10.0.0.1", forwarded: str = "") -> int:
    return ask(client, "login", address, forwarded, email=email, password="x").status_code


def test_logins_are_limited_for_each_address_and_each_e_mail(serve: Serve, db: Db) -> None:
    with serve(LOGINS_PER_MINUTE="3") as app:
        client = app.test_client()
        assert [log_in(client, f"{n}@example.org") for n in range(4)] == [401, 401, 401, 429]
        assert log_in(client, "a@example.org", "10.0.0.2") == 401
        # One address that is refused has not used up what others may ask for that e-mail address.
        assert [log_in(client, "x@example.org") for _ in range(9)] == [429] * 9
        answers = [
            log_in(client, email, f"10.0.1.{n}") for n, email in enumerate(["x@example.org", "X@Example.ORG"] * 2)
        ]
        assert answers == [401, 401, 401, 429]
        refused = ask(client, "login", "10.0.0.1", email="y@example.org", password="x")
        told = refused.json or {}
        assert told["type"] == "/api/v1/problems/too_many_requests"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        db.execute("update request_counts set ends_at = now()")
        db.commit()
        assert log_in(client, "y@example.org") == 401


def test_what_is_refused_makes_no_check_of_bcrypt(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(LOGINS_PER_MINUTE="1") as app:
        client = app.test_client()
        assert log_in(client, "a@example.org") == 401
        monkeypatch.setattr("bcrypt.checkpw", lambda *_: pytest.fail("it was refused"))
        assert log_in(client, "a@example.org") == 429


def test_registrations_and_refreshes_are_limited(serve: Serve) -> None:
    with serve(REGISTRATIONS_PER_HOUR="2", REFRESHES_PER_MINUTE="2") as app:
        client = app.test_client()
        good = {"password": "Correct-horse-7"}
        answers = [ask(client, "register", email=f"{n}@example.org", **good) for n in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert 60 < int(answers[-1].headers["Retry-After"]) <= 3600
        assert [ask(client, "refresh", refreshToken="x").status_code for _ in range(3)] == [401, 401, 429]
        assert ask(client, "refresh", "10.0.0.2", refreshToken="x").status_code == 401
        assert log_in(client, "a@example.org") == 401


def test_zero_is_no_limit(serve: Serve, db: Db) -> None:
    with serve(REFRESHES_PER_MINUTE="0") as app:
        assert {ask(app.test_client(), "refresh", refreshToken="x").status_code for _ in range(70)} == {401}
        assert value(db, "select count(*) from request_counts") == 0


def test_requests_at_the_same_time_are_all_counted(serve: Serve) -> None:
    together = Barrier(8, timeout=60)
    with serve(REFRESHES_PER_MINUTE="5") as app:

        def refresh(_number: int) -> int:
            together.wait()
            return ask(app.test_client(), "refresh", refreshToken="x").status_code

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(refresh, range(8))) == [401] * 5 + [429] * 3


@pytest.mark.parametrize(
    ("proxies", "forwarded", "answers"),
    [
        ("0", ["1.1.1.1", "2.2.2.2"], [401, 429]),
        ("1", ["1.1.1.1", "2.2.2.2"], [401, 401]),
        ("1", ["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], [401, 429]),
        ("2", ["1.1.1.1, 7.7.7.7", "2.2.2.2, 7.7.7.7"], [401, 401]),
        ("1", ["2001:db8:1:2::3", "2001:db8:1:2:4::5"], [401, 429]),
        ("1", ["2001:db8:1:2::3", "2001:db8:1:3::3"], [401, 401]),
        ("1", ["nonsense", "other nonsense"], [401, 429]),
    ],
)
def test_an_address_is_what_the_trusted_proxies_say(
    serve: Serve, proxies: str, forwarded: list[str], answers: list[int]
) -> None:
    with serve(REFRESHES_PER_MINUTE="1", TRUSTED_PROXIES=proxies) as app:
        client = app.test_client()
        told = [ask(client, "refresh", "10.0.0.1", each, refreshToken="x").status_code for each in forwarded]
        assert told == answers


def test_a_view_is_limited_for_each_user(serve: Serve, db: Db, database_url: str) -> None:
    with serve(SIGNALS_PER_MINUTE="2") as app:

        @app.post(f"{BASE}/limited")
        @needs_scope("signals")
        @limited_by_user("signals")
        def limited() -> Any:
            return jsonify(done=True)

        client = app.test_client()
        one, other = (make_trader(client, db, database_url, scopes=("signals",)) for _ in range(2))
        none = make_trader(client, db, database_url, scopes=("trade",))
        assert [one.post("/limited").status_code for _ in range(3)] == [200, 200, 429]
        assert other.post("/limited").status_code == 200
        assert {none.post("/limited").status_code for _ in range(5)} == {403}


def count(db: Db, who: str, at: datetime, most: int = 1) -> int | None:
    wait = value(db, "select book.count_request('login', array[%s], %s, interval '1 minute', %s)", who, most, at)
    assert wait is None or isinstance(wait, int)
    return wait


def test_a_period_begins_with_the_first_request_and_is_half_open(db: Db) -> None:
    seconds = [count(db, "a", NOW + timedelta(seconds=s)) for s in (0, 0, 59, 59.999, 60, 60)]
    assert seconds == [None, 60, 1, 1, None, 60]


def test_counts_that_are_over_go_away_by_themselves(db: Db) -> None:
    for number in range(100):
        count(db, f"early {number}", NOW)
    for number in range(50):
        count(db, f"late {number}", NOW + timedelta(minutes=2))
    assert value(db, "select count(*) from request_counts where ends_at <= %s", NOW + timedelta(minutes=2)) == 0
    assert value(db, "select count(*) from request_counts") == 50


def test_no_address_is_stored(serve: Serve, db: Db) -> None:
    with serve() as app:
        log_in(app.test_client(), "ann@example.org", "10.11.12.13")
    stored = str(db.execute("select encode(bucket, 'escape'), c::text from request_counts as c").fetchall())
    assert "ann" not in stored
    assert "10.11" not in stored
