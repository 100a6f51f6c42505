"""API keys: who makes, sees and deletes them, what each scope reaches, and what a request costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import bcrypt
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import authentication, database
from app.authentication import PERSON, SCOPES
from tests.app.conftest import BASE, Person, Trader, make_person, make_trader
from tests.ledger import value

Db = psycopg.Connection[Any]


def name_of(response: TestResponse) -> str:
    """The name of the problem."""
    return str((response.json or {})["type"]).rpartition("/")[2]


def by_key(client: FlaskClient, key: str, method: str = "GET", path: str = "/agents", **options: Any) -> TestResponse:
    """A request with an API key."""
    return client.open(BASE + path, method=method, headers={"X-API-Key": key}, **options)


def make_key(person: Person, *scopes: str, name: str = "mine") -> dict[str, Any]:
    response = person.post("/api-keys", {"name": name, "scopes": list(scopes)})
    assert response.status_code == 201
    return response.json or {}


def test_a_key_is_told_once_and_works(client: FlaskClient, db: Db, person: Person) -> None:
    response = person.post("/api-keys", {"name": "mine", "scopes": ["trade", "agents", "trade"]})
    assert (response.status_code, response.headers["Cache-Control"]) == (201, "no-store")
    made = response.json or {}
    assert made.keys() == {"id", "key", "name", "keyPrefix", "scopes", "createdAt"}
    key = made.pop("key")
    assert re.fullmatch(r"nex_[A-Za-z0-9_-]{32}", key)
    assert (made["name"], made["keyPrefix"], made["scopes"]) == ("mine", key[:12], ["agents", "trade"])
    assert by_key(client, key).status_code == 200
    assert client.get(f"{BASE}/agents", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert person.get(f"/api-keys/{made['id']}").json == made
    assert person.get("/api-keys").json == [made]
    stored = value(db, "select key_hash from api_keys")
    assert bcrypt.checkpw(key.encode(), stored.encode())


def test_keys_are_listed_newest_first(person: Person) -> None:
    names = [make_key(person, "agents", name=name)["name"] for name in ("a", "b", "c")]
    assert [key["name"] for key in person.get("/api-keys").json or []] == names[::-1]
    assert [key["name"] for key in person.get("/api-keys?sort=name").json or []] == names


@pytest.mark.parametrize(
    ("request_", "status", "name", "field"),
    [
        ({"scopes": ["agents"]}, 400, "field_required", "/name"),
        ({"name": "x"}, 400, "field_required", "/scopes"),
        ({"name": "x", "scopes": []}, 400, "field_not_valid", "/scopes"),
        ({"name": "x", "scopes": "agents"}, 400, "field_not_valid", "/scopes"),
        ({"name": "x", "scopes": ["agents", None]}, 400, "field_not_valid", "/scopes"),
        ({"name": "x", "scopes": [["agents"]]}, 400, "field_not_valid", "/scopes"),
        ({"name": "x", "scopes": ["root"]}, 400, "field_not_valid", "/scopes"),
        ({"name": "x", "scopes": ["agents", "feed"]}, 422, "scope_not_granted", "/scopes"),
        ({"name": "x" * 101, "scopes": ["agents"]}, 400, "field_not_valid", "/name"),
        ({"name": " ", "scopes": ["agents"]}, 422, "rule_broken", "/name"),
        ({"name": "x", "scopes": ["agents"], "key": "nex_mine"}, 400, "field_unknown", "/key"),
    ],
)
def test_a_wrong_key_is_refused_by_its_field(
    db: Db, person: Person, request_: dict[str, Any], status: int, name: str, field: str
) -> None:
    response = person.post("/api-keys", request_)
    assert (response.status_code, name_of(response)) == (status, name)
    assert [error["pointer"] for error in (response.json or {})["errors"]] == [field]
    assert value(db, "select count(*) from api_keys") == 0


def test_a_deleted_key_is_refused_at_once_although_it_is_remembered(client: FlaskClient, person: Person) -> None:
    made = make_key(person, "agents")
    assert by_key(client, made["key"]).status_code == 200
    assert authentication.digest(made["key"]) in authentication._remembered
    deleted = person.ask("DELETE", f"/api-keys/{made['id']}")
    assert (deleted.status_code, deleted.data) == (204, b"")
    for method, path in [("GET", f"/agents/{uuid4()}?wrong=1"), ("GET", "/agents"), ("POST", "/agent-transactions")]:
        # Before what is wrong with the request, and before the scope.
        refused = by_key(client, made["key"], method, path)
        assert (refused.status_code, name_of(refused)) == (401, "not_authenticated"), path
    assert person.get(f"/api-keys/{made['id']}").status_code == 404
    assert person.ask("DELETE", f"/api-keys/{made['id']}").status_code == 404
    assert person.get("/api-keys").json == []


def test_scopes_that_are_changed_count_at_once(client: FlaskClient, db: Db, person: Person) -> None:
    key = make_key(person, "agents")["key"]
    assert by_key(client, key).status_code == 200
    for scopes, status in (("{history}", 403), ("{agents}", 200)):
        db.execute("update api_keys set scopes = %s", [scopes])
        db.commit()
        assert by_key(client, key).status_code == status


def test_anothers_key_is_not_there(client: FlaskClient, db: Db, person: Person) -> None:
    other = make_person(client, db)
    key = make_key(other, "agents")
    for identifier in (key["id"], str(uuid4())):
        assert person.get(f"/api-keys/{identifier}").status_code == 404
        assert person.ask("DELETE", f"/api-keys/{identifier}").status_code == 404
    assert person.get("/api-keys").json == []
    assert by_key(client, key["key"]).status_code == 200


def test_only_a_person_manages_keys(client: FlaskClient, trader: Trader) -> None:
    for method, path in [
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("GET", f"/api-keys/{uuid4()}"),
        ("DELETE", f"/api-keys/{uuid4()}"),
    ]:
        assert client.open(BASE + path, method=method).status_code == 401
        refused = by_key(client, trader.key, method, path)
        assert (refused.status_code, name_of(refused)) == (403, "scope_missing")
        assert "person" in (refused.json or {})["detail"]


# Scopes


def views(app: Flask) -> list[tuple[str, str, Callable[..., Any]]]:
    """Method, path with ids that nobody has, and view of every URL."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:\w+>", str(uuid4()), rule.rule).removeprefix(BASE)
        path = re.sub(r"<int:\w+>", "1", re.sub(r"<\w+>", "x", path))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, path, app.view_functions[rule.endpoint]))
    return found


def is_open(view: Callable[..., Any]) -> bool:
    """Whether it needs neither key nor token."""
    return not hasattr(view, "scope")


def test_every_url_needs_a_login_or_is_known_to_need_none(app: Flask, client: FlaskClient) -> None:
    public = {path for method, path, view in views(app) if is_open(view) and not path.startswith("/static")}
    assert {"/auth/login", "/auth/register", "/auth/refresh", "/health", "/problems/x"} <= public
    assert not {path for path in public if re.search(r"agent|wallet|key|trade|order|position|signal", path)}
    guarded = [(method, path) for method, path, view in views(app) if not is_open(view)]
    assert ("GET", "/agents") in guarded
    for method, path in guarded:
        # Before anything that is wrong with the request.
        for bad in ("", "?wrong=1"):
            response = client.open(BASE + path + bad, method=method, data="{", content_type="text/plain")
            assert (response.status_code, name_of(response)) == (401, "not_authenticated"), (method, path)


@pytest.mark.parametrize("scope", [*SCOPES, PERSON])
def test_each_scope_reaches_what_its_routes_say_and_no_more(
    app: Flask, client: FlaskClient, db: Db, database_url: str, scope: str
) -> None:
    if scope == PERSON:
        headers = {"Authorization": f"Bearer {make_person(client, db).token}"}
    else:
        headers = {"X-API-Key": make_trader(client, db, database_url, scopes=(scope,)).key}
    for method, path, view in views(app):
        if is_open(view):
            continue
        needed = set(view.scope.split(" or "))  # type: ignore[attr-defined]
        reaches = {
            PERSON: needed != {"feed"},
            "full_access": not needed <= {"feed", PERSON},
        }.get(scope, scope in needed)
        response = client.open(f"{BASE}{path}?wrong=1", method=method, headers=headers)
        # It takes no such parameter, and says so to those who may ask.
        assert (response.status_code == 403) is not reaches, (method, path, response.status_code)
        assert response.status_code != 401


# What it costs


def statements_of(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], TestResponse]) -> list[str]:
    """The statements that a request sends to PostgreSQL, those of the pool and of transactions included."""
    sent: list[str] = []
    command = psycopg.Connection._exec_command
    execute = psycopg.Cursor.execute

    def note_command(self: Any, statement: Any, *rest: Any, **options: Any) -> Any:
        sent.append(str(statement))
        return command(self, statement, *rest, **options)

    def note(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        sent.append(str(query))
        return execute(self, query, params, **options)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "_exec_command", note_command)
        patch.setattr(psycopg.Cursor, "execute", note)
        assert ask().status_code == 200
    return sent


def test_a_remembered_caller_costs_one_statement_and_no_bcrypt(
    client: FlaskClient, db: Db, trader: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person(client, db, trader.ledger.user)
    for ask in (lambda: trader.get("/agents"), lambda: person.get("/agents")):
        assert ask().status_code == 200

        def no_check(*_: object) -> bool:
            raise AssertionError("it is remembered")

        monkeypatch.setattr(bcrypt, "checkpw", no_check)
        sent = statements_of(monkeypatch, ask)
        monkeypatch.undo()
        assert sum("book.find_" in statement for statement in sent) == 1
        assert sum("list_page" in statement for statement in sent) == 1
        assert sum(statement.upper().startswith(("B'BEGIN", "BEGIN")) for statement in sent) == 1, sent


def test_bcrypt_runs_while_no_connection_is_held(
    client: FlaskClient, db: Db, trader: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(client, db, trader.ledger.user)
    idle: list[bool] = []
    check, make = bcrypt.checkpw, bcrypt.hashpw

    def look(given: bytes, hashed: bytes) -> bool:
        assert database._pool is not None
        stats = database._pool.get_stats()
        idle.append(stats["pool_available"] == stats["pool_size"])
        return check(given, hashed)

    def look_too(given: bytes, salt: bytes) -> bytes:
        assert database._pool is not None
        stats = database._pool.get_stats()
        idle.append(stats["pool_available"] == stats["pool_size"])
        return make(given, salt)

    monkeypatch.setattr(bcrypt, "checkpw", look)
    monkeypatch.setattr(bcrypt, "hashpw", look_too)
    authentication._remembered.clear()
    assert trader.get("/agents").status_code == 200
    email = value(db, "select email from users where id = %s", trader.ledger.user)
    for password in ("Correct-horse-7", "wrong"):
        client.post(f"{BASE}/auth/login", json={"email": email, "password": password})
    client.post(f"{BASE}/auth/register", json={"email": "new@example.org", "password": "Correct-horse-7"})
    assert idle == [True] * 4


def test_a_request_that_reads_writes_nothing(client: FlaskClient, db: Db, trader: Trader) -> None:
    person = make_person(client, db, trader.ledger.user)
    db.commit()
    before = value(db, "select array_agg((k.xmin, k.ctid)::text) from api_keys as k")
    sessions = value(db, "select array_agg((s.xmin, s.ctid)::text) from sessions as s")
    for _ in range(2):
        assert trader.get("/agents").status_code == person.get("/agents").status_code == 200
    assert value(db, "select array_agg((k.xmin, k.ctid)::text) from api_keys as k") == before
    assert value(db, "select array_agg((s.xmin, s.ctid)::text) from sessions as s") == sessions


def test_who_guesses_the_rest_of_a_key_is_stopped_and_its_owner_is_not(
    client: FlaskClient, trader: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each guess that begins like a key costs a bcrypt."""
    looks = Mock(wraps=bcrypt.checkpw)
    monkeypatch.setattr(bcrypt, "checkpw", looks)
    assert trader.get("/agents").status_code == 200
    guesses = [
        client.get(f"{BASE}/agents", headers={"X-API-Key": f"{trader.key[:12]}{number:024}"}).status_code
        for number in range(40)
    ]
    assert set(guesses) == {401, 429}
    assert looks.call_count <= 31
    assert trader.get("/agents").status_code == 200, "it is remembered"
