"""Setting up the roles: by a superuser, by a role that may make roles, by one that may not, and by two at once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app import database, roles
from app.doctor import State, diagnose
from app.migrate import migrate
from app.settings import Settings, SetupError
from tests.ledger import SOL, Ledger, value


@dataclass
class Place:
    """An empty database, whose owner is a role of its own, and a prefix that no role has yet."""

    url: str
    owner: str
    prefix: str
    admin: psycopg.Connection[Any]
    name: str

    def as_owner(self) -> str:
        return make_conninfo(self.url, user=self.owner)


def make_place(postgres: Any, prefix: str, attributes: str) -> Iterator[Place]:
    name = f"roles_{uuid.uuid4().hex[:12]}"
    owner = f"owner_{name}"
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create role {owner} login {attributes}")
        admin.execute(f"create database {name} encoding 'UTF8' template template0 strategy file_copy owner {owner}")
        try:
            yield Place(postgres.url(name), owner, prefix, admin, name)
        finally:
            admin.execute(f"drop database {name} with (force)")
            admin.execute(f"drop role {owner}")


@pytest.fixture
def place(postgres: Any, prefix: str) -> Iterator[Place]:
    """The database's owner may make roles, and is no superuser."""
    yield from make_place(postgres, prefix, "createrole")


@pytest.fixture
def weak_place(postgres: Any, prefix: str) -> Iterator[Place]:
    """The database's owner may not even make roles."""
    yield from make_place(postgres, prefix, "")


def run(url: str, role_prefix: str) -> list[str]:
    said: list[str] = []
    migrate(url, said.append, role_prefix=role_prefix)
    return said


def trade_and_look(url: str, prefix: str) -> None:
    """As that login: a trade is booked, the service's role sees its user's rows, and the audit is empty."""
    with psycopg.connect(url) as connection:
        ledger, other = Ledger(connection), Ledger(connection)
        ledger.buy("A", "100", "1")
        ledger.sell("A", "50", "1")
        assert value(connection, "select count(*) from agent_transactions") == 4
        assert value(connection, "select count(*) from report.ledger_audit") == 0
        connection.commit()
        connection.execute("select set_config('tradebook.user_id', %s, true)", [str(ledger.user)])
        connection.execute(f"set local role {prefix}_api")
        assert value(connection, "select count(*) from agent_transactions") == 3
        ledger.deposit(SOL, "1")
        assert ledger.balance() == 1001
        assert ledger.rows("select 1 from agents where id = %s", other.agent) == []
        connection.rollback()
        connection.execute("delete from users")
        assert value(connection, "select count(*) from agent_transactions") == 0


def test_a_role_that_may_make_roles_sets_up_everything(place: Place, tmp_path: Path) -> None:
    said = run(place.as_owner(), place.prefix)
    assert f"create role {place.prefix}_owner nologin" in said
    trade_and_look(place.as_owner(), place.prefix)
    again = run(place.as_owner(), place.prefix)
    assert len(again) == 1, "nothing is left to do"
    settings = Settings.from_environment(
        {
            "DATABASE_URL": place.as_owner(),
            "TRADEBOOK_ROLE_PREFIX": place.prefix,
            "TRADEBOOK_DATA_DIR": str(tmp_path),
            "TRADEBOOK_PORT": "0",
        }
    )
    found = {finding.check: finding for finding in diagnose(settings)}
    assert found["roles"].state is State.OK
    assert found["code"].state is State.OK


def test_a_second_database_is_set_up_by_the_login_that_made_the_roles(place: Place) -> None:
    """Or the same one again, once it was dropped: roles are global to a server, and rights on a schema are not."""
    run(place.as_owner(), place.prefix)
    second = f"{place.name}_2"
    place.admin.execute(f"create database {second} template template0 strategy file_copy owner {place.owner}")
    try:
        url = make_conninfo(place.as_owner(), dbname=second)
        assert f"grant usage, create on schema public to {place.prefix}_owner" in run(url, place.prefix)
        trade_and_look(url, place.prefix)
    finally:
        place.admin.execute(f"drop database {second} with (force)")


def test_code_is_made_again_by_a_role_that_may_make_roles(place: Place) -> None:
    run(place.as_owner(), place.prefix)
    with psycopg.connect(place.as_owner()) as connection:
        connection.execute("update installed.code set sha256 = 'of an older program'")
    assert any("applied the code" in words for words in run(place.as_owner(), place.prefix))
    trade_and_look(place.as_owner(), place.prefix)


def test_a_role_that_may_not_make_roles_is_told_what_an_administrator_has_to_run(weak_place: Place) -> None:
    place = weak_place
    with pytest.raises(SetupError) as refusal:
        run(place.as_owner(), place.prefix)
    statements = [line.strip() for line in str(refusal.value).splitlines() if line.startswith("    ")]
    assert f"create role {place.prefix}_api nologin;" in statements
    assert f"grant {place.prefix}_owner to {place.owner};" in statements
    with psycopg.connect(place.url) as administrator:
        for statement in statements:
            administrator.execute(statement)
    run(place.as_owner(), place.prefix)
    trade_and_look(place.as_owner(), place.prefix)


def test_a_role_that_can_log_in_is_not_taken_for_one_of_ours(place: Place) -> None:
    place.admin.execute(f"create role {place.prefix}_owner login")
    with pytest.raises(SetupError, match="can log in"):
        run(place.as_owner(), place.prefix)


def test_two_databases_of_one_server_are_set_up_at_once(postgres: Any, prefix: str) -> None:
    places = [make_place(postgres, prefix, "superuser") for _ in range(2)]
    made = [next(place) for place in places]
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def set_up(place: Place) -> None:
        try:
            start.wait(30)
            run(place.as_owner(), prefix)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=set_up, args=[place]) for place in made]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        for place in made:
            trade_and_look(place.as_owner(), prefix)
    finally:
        for place in places:
            next(place, None)


def test_roles_that_another_run_has_just_made_are_not_made_again(
    postgres: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race itself: what is missing is asked, and then another run makes it."""
    with psycopg.connect(**postgres.dsn()) as admin:
        ask, raced = roles.missing, []

        def missing_and_then_made(connection: roles.Connection, name: str) -> list[str]:
            found = ask(connection, name)
            if not raced:
                raced.append(found[0])
                connection.execute(found[0].encode())
            return found

        monkeypatch.setattr(roles, "missing", missing_and_then_made)
        roles.make_roles(admin, prefix, lambda _words: None)
        assert raced
        assert ask(admin, prefix) == []
        # Of a database that others use too.
        admin.execute(f"revoke all on schema public from {roles.names(prefix)[0]}")


def test_roles_that_were_made_again_get_their_rights_back(place: Place) -> None:
    run(place.as_owner(), place.prefix)
    with psycopg.connect(place.url, autocommit=True) as administrator:
        administrator.execute(f"drop owned by {place.prefix}_api")
        administrator.execute(f"drop role {place.prefix}_api")
    assert any("applied the code" in words for words in run(place.as_owner(), place.prefix))
    trade_and_look(place.as_owner(), place.prefix)


def test_the_doctor_tells_a_table_whose_policies_are_not_forced(place: Place, tmp_path: Path) -> None:
    run(place.as_owner(), place.prefix)
    with psycopg.connect(place.url, autocommit=True) as administrator:
        administrator.execute("alter table agents no force row level security")
        administrator.execute(f"revoke {place.prefix}_api from {place.owner} cascade")
    environment = {"DATABASE_URL": place.as_owner(), "TRADEBOOK_ROLE_PREFIX": place.prefix}
    settings = Settings.from_environment(environment | {"TRADEBOOK_DATA_DIR": str(tmp_path), "TRADEBOOK_PORT": "0"})
    told = [finding.found for finding in diagnose(settings) if finding.state is State.PROBLEM]
    assert f"not done: grant {place.prefix}_api to {place.owner}" in told
    assert "tables without forced policies: agents" in told


def test_a_login_of_its_own_serves(place: Place) -> None:
    """It is no administrator: it is a member of the service's role alone."""
    run(place.as_owner(), place.prefix)
    login = f"svc_{place.name}"
    place.admin.execute(f"create role {login} login in role {place.prefix}_api")
    try:
        database.open_pool(make_conninfo(place.url, user=login), 1, roles.role_of_service(place.prefix))
        answer = database.transaction(lambda connection: connection.execute("select current_user").fetchone())
        assert answer == {"current_user": f"{place.prefix}_api"}
        keys = database.transaction(lambda connection: list(database.queries.find_api_keys(connection, prefix="x")))
        assert keys == []
        with psycopg.connect(make_conninfo(place.url, user=login)) as connection:
            assert value(connection, "select count(*) from users") == 0
    finally:
        database.close_pool()
        place.admin.execute(f"drop role {login}")
