"""Logins of people: register, log in, refresh, log out, change the password; locks, and what is told to whom."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import bcrypt
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import passwords
from app.authentication import digest
from tests.app.conftest import BASE, PASSWORD, Person, Trader, make_person, make_trader
from tests.ledger import new_user, value

EMAIL = "ann@example.org"
WRONG = "Wrong-horse-7"

Db = psycopg.Connection[Any]


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    return client.post(f"{BASE}/auth/{path}", json=fields)


def log_in(client: FlaskClient, email: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
    return post(client, "login", email=email, password=password, **fields)


def name_of(response: TestResponse) -> str:
    """The name of the problem."""
    return str((response.json or {})["type"]).rpartition("/")[2]


def fields_of(response: TestResponse) -> list[str]:
    """The fields that the problem is about."""
    return [error["pointer"] for error in (response.json or {})["errors"]]


def me(client: FlaskClient, token: str) -> int:
    """What GET /auth/me answers with that token."""
    return client.get(f"{BASE}/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code


def failures(db: Db, user: UUID) -> tuple[int, datetime | None]:
    """Failed logins in a row, and until when the account is locked."""
    row = db.execute("select failed_login_attempts, locked_until from users where id = %s", [user]).fetchone()
    db.rollback()
    assert row is not None
    return row


@contextmanager
def checks_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The hashes that bcrypt checks something against."""
    checked: list[bytes] = []
    check = bcrypt.checkpw

    def count(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return check(password, hashed)

    with monkeypatch.context() as patch:
        patch.setattr(bcrypt, "checkpw", count)
        yield checked


# Register


def test_who_registers_can_log_in(client: FlaskClient, db: Db) -> None:
    response = post(client, "register", email="Ann@Example.org", password=PASSWORD)
    assert response.status_code == 201
    account = response.json or {}
    assert account.keys() == {"id", "email", "createdAt"}
    assert account["email"] == EMAIL
    told = log_in(client, "ANN@example.ORG").json or {}
    mine = client.get(f"{BASE}/auth/me", headers={"Authorization": f"Bearer {told['accessToken']}"})
    assert (mine.status_code, mine.json) == (200, account)


def test_an_address_is_registered_once_whatever_its_case(client: FlaskClient) -> None:
    assert post(client, "register", email=EMAIL, password=PASSWORD).status_code == 201
    again = post(client, "register", email="ANN@example.org", password=PASSWORD)
    assert (again.status_code, name_of(again), fields_of(again)) == (409, "taken", ["/email"])


def test_registering_can_be_switched_off(client: FlaskClient, db: Db) -> None:
    db.execute("update settings set registration_is_open = false")
    db.commit()
    response = post(client, "register", email=EMAIL, password=PASSWORD)
    assert (response.status_code, name_of(response)) == (403, "registration_closed")
    assert value(db, "select count(*) from users") == 0


@pytest.mark.parametrize(
    ("password", "lacking"),
    [
        ("Aa1!aaa", ["8 to 72 bytes"]),
        ("Aa1!" + "a" * 69, ["8 to 72 bytes"]),
        ("Aa1!" + "ä" * 35, ["8 to 72 bytes"]),
        ("aaaa111!", ["upper-case"]),
        ("AAAA111!", ["lower-case"]),
        ("AAAAaaa!", ["a digit"]),
        ("AAAAaaa1", ["neither letter nor digit"]),
        ("AAAA aa1", ["neither letter nor digit"]),
        ("Aa1!aaa\0", ["control character"]),
        ("Aa1!aaa\n", ["control character"]),
        ("Aa1!aaa\ud800", ["Unicode"]),
        ("", ["8 to 72 bytes", "upper-case", "lower-case", "a digit", "neither letter nor digit"]),
    ],
)
def test_all_that_a_password_lacks_is_told(client: FlaskClient, db: Db, password: str, lacking: list[str]) -> None:
    response = post(client, "register", email=EMAIL, password=password)
    assert (response.status_code, name_of(response)) == (422, "password_not_valid")
    errors = (response.json or {})["errors"]
    assert [error["pointer"] for error in errors] == ["/password"] * len(lacking)
    assert all(part in error["detail"] for part, error in zip(lacking, errors, strict=True))
    assert value(db, "select count(*) from users") == 0


@pytest.mark.parametrize("password", ["Aa1!aaaa", "Aa1!" + "a" * 68, "Aa1!" + "ä" * 34, "Äß1 !äöü"])
def test_a_password_at_the_border_of_the_rules_is_taken(client: FlaskClient, password: str) -> None:
    assert post(client, "register", email=EMAIL, password=password).status_code == 201
    assert log_in(client, EMAIL, password).status_code == 200
    assert log_in(client, EMAIL, password + "x").status_code == 401


BAD_REQUESTS = [
    ("register", {"email": EMAIL}, 400, "field_required", ["/password"]),
    ("register", {"password": PASSWORD}, 400, "field_required", ["/email"]),
    ("register", {"email": EMAIL, "password": None}, 400, "field_required", ["/password"]),
    ("register", {"email": EMAIL, "password": 12345678}, 400, "field_not_valid", ["/password"]),
    ("register", {"email": 1, "password": PASSWORD}, 400, "field_not_valid", ["/email"]),
    ("register", {"email": "x" * 256, "password": PASSWORD}, 400, "field_not_valid", ["/email"]),
    ("register", {"email": "ann", "password": PASSWORD}, 422, "rule_broken", ["/email"]),
    ("register", {"email": "ann\0@x", "password": PASSWORD}, 400, "malformed", None),
    ("register", {"email": EMAIL, "password": PASSWORD, "admin": True}, 400, "field_unknown", ["/admin"]),
    ("login", {"email": EMAIL}, 400, "field_required", ["/password"]),
    ("login", {"email": EMAIL, "password": ["x"]}, 400, "field_not_valid", ["/password"]),
    ("login", {"email": {}, "password": "x"}, 400, "field_not_valid", ["/email"]),
    ("login", {"email": EMAIL, "password": "x", "rememberMe": 1}, 400, "field_not_valid", ["/rememberMe"]),
    ("login", {"email": EMAIL, "password": "x", "otp": "1"}, 400, "field_unknown", ["/otp"]),
    ("refresh", {}, 400, "field_required", ["/refreshToken"]),
    ("refresh", {"refreshToken": 7}, 400, "field_not_valid", ["/refreshToken"]),
    ("refresh", {"refreshToken": "x", "more": 1}, 400, "field_unknown", ["/more"]),
    ("refresh", {"refreshToken": "x"}, 401, "not_authenticated", []),
]


@pytest.mark.parametrize(("path", "fields", "status", "name", "told"), BAD_REQUESTS)
def test_a_wrong_request_is_told_by_its_field(
    client: FlaskClient, path: str, fields: dict[str, Any], status: int, name: str, told: list[str] | None
) -> None:
    response = post(client, path, **fields)
    assert (response.status_code, name_of(response)) == (status, name)
    assert told is None or fields_of(response) == told


@pytest.mark.parametrize("path", ["register", "login", "refresh"])
@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"email": NaN}', '{"email": "\\ud800"}', "[" * 100000])
def test_what_is_no_json_object_is_malformed(client: FlaskClient, path: str, body: str) -> None:
    response = client.post(f"{BASE}/auth/{path}", data=body, content_type="application/json")
    assert response.status_code == 400
    assert client.post(f"{BASE}/auth/{path}", data=body, content_type="text/plain").status_code == 415


# Log in


@pytest.mark.parametrize(("remember", "lasts"), [({}, 24), ({"rememberMe": False}, 24), ({"rememberMe": True}, 720)])
def test_a_login_gives_two_tokens_that_are_stored_as_hashes(
    client: FlaskClient, db: Db, person: Person, remember: dict[str, bool], lasts: int
) -> None:
    db.execute("delete from sessions")
    db.commit()
    response = log_in(client, person.email, **remember)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    told = response.json or {}
    assert told.keys() == {"accessToken", "refreshToken", "tokenType", "accessExpiresAt", "refreshExpiresAt"}
    access, refresh = told["accessToken"], told["refreshToken"]
    assert re.fullmatch(r"tba_[A-Za-z0-9_-]{64}", access)
    assert re.fullmatch(r"tbr_[A-Za-z0-9_-]{64}", refresh)
    row = db.execute(
        "select access_hash, refresh_hash, access_expires_at - created_at, refresh_expires_at - created_at,"
        " book.plain_time(access_expires_at), book.plain_time(refresh_expires_at), s::text from sessions as s"
    ).fetchone()
    assert row is not None
    assert row[:4] == (digest(access), digest(refresh), timedelta(minutes=15), timedelta(hours=lasts))
    assert row[4:6] == (told["accessExpiresAt"], told["refreshExpiresAt"])
    secret = base64.urlsafe_b64decode(access[4:])[16:]
    assert len(secret) * 8 == 256
    assert secret.hex() not in row[6]
    assert me(client, access) == 200


def test_tokens_are_good_for_what_they_are_for_alone(client: FlaskClient, person: Person) -> None:
    assert me(client, person.refresh_token) == 401
    assert post(client, "refresh", refreshToken=person.token).status_code == 401
    assert me(client, person.token) == 200
    for forged in (person.token[:-1] + ("A" if person.token[-1] != "A" else "B"), person.token + "A", "tba_", "x"):
        assert me(client, forged) == 401
    told = client.get(f"{BASE}/auth/me")
    assert (told.status_code, name_of(told)) == (401, "not_authenticated")
    assert told.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_address_is_answered_and_costs_as_a_wrong_password(
    client: FlaskClient, db: Db, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = value(db, "select email from users where id = %s", new_user(db))
    db.commit()
    hashed = value(db, "select password_hash from users where id = %s", person.user)
    answers = []
    for email, password in [
        (person.email, WRONG),
        ("nobody@example.org", WRONG),
        (without, WRONG),
        (without, "nobody's password"),
        (person.email, "x" * 73),
        (person.email, "x\0"),
        (person.email, ""),
    ]:
        with checks_counted(monkeypatch) as checked:
            response = log_in(client, email, password)
        assert len(checked) == 1, "one check of bcrypt, whoever it is"
        # Of the same cost.
        assert checked[0][:7] == hashed.encode()[:7]
        body = dict(response.json or {})
        body.pop("requestId")
        answers.append((response.status_code, body, sorted(response.headers.keys())))
        db.execute("update users set failed_login_attempts = 0")
        db.commit()
    assert answers == [answers[0]] * len(answers)
    assert answers[0][0] == 401


def test_an_unknown_address_is_locked_as_a_known_one(client: FlaskClient, person: Person, db: Db) -> None:
    """Else five tries would tell which addresses have an account."""

    def tries(email: str) -> list[tuple[int, str]]:
        return [(answer.status_code, name_of(answer)) for answer in (log_in(client, email, WRONG) for _ in range(7))]

    assert tries("nobody@example.org") == tries(person.email)
    told = log_in(client, "NOBODY@example.org", WRONG).json or {}
    locked = datetime.fromisoformat(told["lockedUntil"]) - datetime.now(UTC)
    assert timedelta(minutes=10) < locked <= timedelta(minutes=15)
    db.execute("update request_counts set ends_at = now() where requests > 5")
    db.commit()
    assert tries("nobody@example.org")[:4] == [(401, "login_failed")] * 4


# Locks


def test_the_fifth_failure_in_a_row_locks_for_15_minutes(client: FlaskClient, db: Db, person: Person) -> None:
    for _ in range(4):
        assert log_in(client, person.email, WRONG).status_code == 401
    before = datetime.now(UTC)
    fifth = log_in(client, person.email, WRONG)
    assert (fifth.status_code, name_of(fifth)) == (423, "account_locked")
    count, until = failures(db, person.user)
    assert until is not None
    assert count == 5
    assert before + timedelta(minutes=15) <= until <= datetime.now(UTC) + timedelta(minutes=15)
    assert (fifth.json or {})["lockedUntil"] == value(db, "select book.plain_time(%s)", until)

    right = log_in(client, person.email)
    assert (right.status_code, (right.json or {})["lockedUntil"]) == (423, (fifth.json or {})["lockedUntil"])
    assert log_in(client, person.email, WRONG).status_code == 423
    assert failures(db, person.user) == (6, until), "it is counted, and locks no longer"


def test_success_starts_the_count_again(client: FlaskClient, db: Db, person: Person) -> None:
    for _ in range(4):
        log_in(client, person.email, WRONG)
    assert log_in(client, person.email).status_code == 200
    assert failures(db, person.user) == (0, None)
    assert [log_in(client, person.email, WRONG).status_code for _ in range(5)] == [401] * 4 + [423]


@pytest.mark.parametrize(("password", "status", "count"), [(PASSWORD, 200, 0), (WRONG, 401, 1)])
def test_a_lock_that_is_over_starts_the_count_again(
    client: FlaskClient, db: Db, person: Person, password: str, status: int, count: int
) -> None:
    db.execute("update users set failed_login_attempts = 7, locked_until = now() where id = %s", [person.user])
    db.commit()
    assert log_in(client, person.email, password).status_code == status
    assert failures(db, person.user) == (count, None)


def test_failures_at_the_same_time_are_all_counted(app: Flask, db: Db, person: Person) -> None:
    together = Barrier(8, timeout=60)

    def fail(_number: int) -> int:
        together.wait()
        return log_in(app.test_client(), person.email, WRONG).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(fail, range(8)))
    assert statuses == [401] * 4 + [423] * 4
    assert failures(db, person.user)[0] == 8


def test_a_password_that_was_changed_while_it_was_checked_is_wrong(db: Db, person: Person) -> None:
    old = value(db, "select password_hash from users where id = %s", person.user)
    db.execute("update users set password_hash = %s", [bcrypt.hashpw(b"other", bcrypt.gensalt()).decode()])
    request = json.dumps({"email": person.email, "password": ""})
    row = db.execute(
        "select verdict, (tokens).\"tokenType\" from book.log_in(%s, %s, true, %s, sha256('a'), sha256('b'), now())",
        [request, old, uuid4()],
    ).fetchone()
    assert row == ("wrong", None)


# Refresh


def refresh(client: FlaskClient, token: str) -> TestResponse:
    return post(client, "refresh", refreshToken=token)


def test_a_refresh_gives_both_tokens_anew(client: FlaskClient, db: Db, person: Person) -> None:
    assert me(client, person.token) == 200
    response = refresh(client, person.refresh_token)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    told = response.json or {}
    assert me(client, told["accessToken"]) == 200
    assert me(client, person.token) == 401, "although it was remembered"
    assert refresh(client, told["refreshToken"]).status_code == 200
    assert value(db, "select count(*) from sessions") == 1


def test_a_refresh_lasts_as_the_login_said(client: FlaskClient, db: Db, person: Person) -> None:
    told = log_in(client, person.email, rememberMe=True).json or {}
    assert refresh(client, told["refreshToken"]).status_code == 200
    assert refresh(client, person.refresh_token).status_code == 200
    lasts = db.execute("select refresh_expires_at - access_expires_at from sessions where remember_me").fetchall()
    assert lasts == [(timedelta(days=30) - timedelta(minutes=15),)]
    lasts = db.execute("select refresh_expires_at - access_expires_at from sessions where not remember_me").fetchall()
    assert lasts == [(timedelta(hours=24) - timedelta(minutes=15),)]


def test_a_refresh_token_that_comes_again_ends_its_session_and_no_other(
    client: FlaskClient, db: Db, person: Person
) -> None:
    other = log_in(client, person.email).json or {}
    first = refresh(client, person.refresh_token).json or {}
    second = refresh(client, first["refreshToken"]).json or {}
    assert me(client, second["accessToken"]) == 200
    assert refresh(client, person.refresh_token).status_code == 401
    assert me(client, second["accessToken"]) == 401
    assert refresh(client, second["refreshToken"]).status_code == 401
    assert me(client, other["accessToken"]) == 200
    assert refresh(client, other["refreshToken"]).status_code == 200


def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(app: Flask, db: Db, person: Person) -> None:
    together = Barrier(2, timeout=60)

    def ask(_number: int) -> TestResponse:
        together.wait()
        return refresh(app.test_client(), person.refresh_token)

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(ask, range(2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 401]
    # Nobody knows which of the two was the thief.
    assert me(app.test_client(), (answers[0].json or {})["accessToken"]) == 401
    assert value(db, "select count(*) from sessions") == 0


def test_tokens_expire(client: FlaskClient, db: Db, person: Person) -> None:
    assert me(client, person.token) == 200
    earlier = "created_at = created_at - %s, access_expires_at = access_expires_at - %s"
    db.execute(f"update sessions set {earlier}", [timedelta(minutes=15)] * 2)
    db.commit()
    assert me(client, person.token) == 401
    assert refresh(client, person.refresh_token).status_code == 200
    told = log_in(client, person.email).json or {}
    db.execute(
        f"update sessions set {earlier}, refresh_expires_at = refresh_expires_at - %s", [timedelta(hours=24)] * 3
    )
    db.commit()
    assert refresh(client, told["refreshToken"]).status_code == 401
    assert value(db, "select count(*) from sessions") == 1
    db.commit()
    log_in(client, person.email)
    assert value(db, "select count(*) from sessions") == 1, "a login takes away those of its user that are over"


# Log out, password


def test_who_has_logged_out_is_out_at_once(client: FlaskClient, person: Person) -> None:
    other = log_in(client, person.email).json or {}
    assert me(client, person.token) == 200
    assert person.post("/auth/logout").status_code == 204
    assert me(client, person.token) == 401
    assert refresh(client, person.refresh_token).status_code == 401
    assert me(client, other["accessToken"]) == 200
    assert person.post("/auth/logout").status_code == 401


def test_a_new_password_ends_every_session_and_no_key(client: FlaskClient, db: Db, trader: Trader) -> None:
    person = make_person(client, db, trader.ledger.user)
    other = log_in(client, person.email).json or {}
    assert me(client, other["accessToken"]) == 200
    new = "New-password-8"
    changed = person.post("/auth/password", {"currentPassword": PASSWORD, "newPassword": new})
    assert (changed.status_code, changed.data) == (204, b"")
    assert me(client, person.token) == 401
    assert me(client, other["accessToken"]) == 401
    assert refresh(client, other["refreshToken"]).status_code == 401
    assert trader.get("/agents").status_code == 200
    assert log_in(client, person.email).status_code == 401
    assert log_in(client, person.email, new).status_code == 200


def test_a_password_is_changed_by_who_knows_it(client: FlaskClient, db: Db, person: Person) -> None:
    request = {"currentPassword": WRONG, "newPassword": "New-password-8"}
    wrong = person.post("/auth/password", request)
    assert (wrong.status_code, name_of(wrong), fields_of(wrong)) == (422, "password_wrong", ["/currentPassword"])
    assert failures(db, person.user)[0] == 1, "else a stolen token could try passwords without end"
    for _ in range(3):
        person.post("/auth/password", request)
    assert person.post("/auth/password", request).status_code == 423
    assert person.post("/auth/password", request | {"currentPassword": PASSWORD}).status_code == 423
    assert log_in(client, person.email).status_code == 423
    assert me(client, person.token) == 200


@pytest.mark.parametrize(
    ("request_", "status", "told"),
    [
        ({"newPassword": "New-password-8"}, 400, ["/currentPassword"]),
        ({"currentPassword": PASSWORD}, 400, ["/newPassword"]),
        ({"currentPassword": PASSWORD, "newPassword": 7}, 400, ["/newPassword"]),
        ({"currentPassword": PASSWORD, "newPassword": "New-password-8", "x": 1}, 400, ["/x"]),
        ({"currentPassword": PASSWORD, "newPassword": "New-password"}, 422, ["/newPassword"]),
    ],
)
def test_a_wrong_change_of_the_password_changes_nothing(
    client: FlaskClient, person: Person, request_: dict[str, Any], status: int, told: list[str]
) -> None:
    response = person.post("/auth/password", request_)
    assert (response.status_code, fields_of(response)) == (status, told)
    assert me(client, person.token) == 200
    assert log_in(client, person.email).status_code == 200


def test_an_api_key_is_no_person(trader: Trader) -> None:
    for method, path in [("GET", "/auth/me"), ("POST", "/auth/logout"), ("POST", "/auth/password")]:
        response = trader.client.open(BASE + path, method=method, headers={"X-API-Key": trader.key})
        assert (response.status_code, name_of(response)) == (403, "scope_missing")
        assert "person" in (response.json or {})["detail"]


def test_what_a_person_records_says_so(client: FlaskClient, db: Db, trader: Trader) -> None:
    person = make_person(client, db, trader.ledger.user)
    recorded = person.post("/agent-transactions", trader.ledger.request()).json or {}
    assert recorded["recordedBy"] == f"user {person.user}"


def test_a_person_sees_his_own(client: FlaskClient, db: Db, database_url: str, person: Person) -> None:
    other = make_trader(client, db, database_url)
    mine = make_person(client, db, other.ledger.user)
    assert [agent["id"] for agent in mine.get("/agents").json or []] == [str(other.ledger.agent)]
    assert person.get("/agents").json == []
    assert (person.get("/auth/me").json or {})["email"] == person.email


# What is nowhere to be found


def test_no_password_token_or_key_is_told_or_logged(
    client: FlaskClient, db: Db, trader: Trader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = make_person(client, db, trader.ledger.user)
    made = person.post("/api-keys", {"name": "mine", "scopes": ["trade"]}).json or {}
    secrets = [PASSWORD, WRONG, person.token, person.refresh_token, made["key"], trader.key]
    answers = [
        log_in(client, person.email, WRONG),
        log_in(client, person.email, PASSWORD, more=PASSWORD),
        post(client, "register", email=person.email, password=PASSWORD),
        post(client, "register", email="x", password=PASSWORD),
        post(client, "register", email=EMAIL, password=PASSWORD[:-1]),
        person.post("/auth/password", {"currentPassword": WRONG, "newPassword": PASSWORD}),
        person.get("/auth/me"),
        person.get("/api-keys"),
        person.get(f"/api-keys/{made['id']}"),
        client.get(f"{BASE}/auth/me", headers={"X-API-Key": trader.key}),
        client.get(f"{BASE}/auth/me", headers={"X-API-Key": trader.key + "x"}),
        refresh(client, person.refresh_token),
        refresh(client, person.refresh_token),
    ]
    # The one that succeeds answers new tokens, and no old one.
    told = "".join(answer.get_data(as_text=True) for answer in answers)
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "was used again" in logged
    for secret in secrets:
        assert secret not in told
        assert secret not in logged
    tables = [name for (name,) in db.execute("select table_name from report.table_classes")]
    stored = "".join(str(db.execute(f"select t::text from {table} as t").fetchall()) for table in tables)
    for secret in secrets:
        assert secret not in stored


def test_postgresql_is_never_handed_a_password_or_token(
    client: FlaskClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is handed can come to stand in its log, and is seen in pg_stat_activity."""
    handed: list[str] = []
    execute = psycopg.Cursor.execute

    def look(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        handed.append(f"{query!r} {params!r}")
        return execute(self, query, params, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", look)
    new = "New-password-8"
    log_in(client, person.email)
    log_in(client, person.email, WRONG)
    post(client, "register", email=EMAIL, password=new)
    person.get("/auth/me")
    made = person.post("/api-keys", {"name": "mine", "scopes": ["agents"]}).json or {}
    client.get(f"{BASE}/agents", headers={"X-API-Key": made["key"]})
    told = refresh(client, person.refresh_token).json or {}
    person.token = told["accessToken"]
    assert person.post("/auth/password", {"currentPassword": PASSWORD, "newPassword": new}).status_code == 204
    everything = "".join(handed)
    assert "book.log_in" in everything
    for secret in (PASSWORD, WRONG, new, person.token, person.refresh_token, told["refreshToken"], made["key"]):
        assert secret not in everything


def test_nobodys_hash_is_made_when_the_service_starts(app: Flask) -> None:
    """Else the first login of an unknown address would take twice as long."""
    assert app is not None
    before = passwords.nobodys_hash.cache_info().misses
    passwords.nobodys_hash()
    assert passwords.nobodys_hash.cache_info().misses == before
