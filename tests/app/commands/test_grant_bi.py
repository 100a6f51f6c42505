"""tradebook grant-bi: a login that reads the rows of one user, given and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import errors
from psycopg.conninfo import make_conninfo

from app.commands.grant_bi import grant_bi
from app.settings import SetupError
from tests.ledger import Ledger, value


@pytest.fixture
def login(postgres: Any) -> Iterator[str]:
    """A login's name, which has to be quoted; it is dropped at the end."""
    name = f"Ann {uuid4().hex[:8]}"
    yield name
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f'drop role if exists "{name}"')


@pytest.fixture
def email(db: psycopg.Connection) -> str:
    """A user with a trade."""
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")
    found: str = value(db, "select email from users where id = %s", ledger.user)
    db.commit()
    return found


def run(database_url: str, *arguments: str) -> Result:
    result = CliRunner().invoke(grant_bi, arguments, env={"DATABASE_URL": database_url})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_login_is_made_with_a_password_that_is_shown_once(
    database_url: str, db: psycopg.Connection, email: str, login: str
) -> None:
    Ledger(db)
    db.commit()
    password = run(database_url, email, login).output.strip()
    assert len(password) >= 20
    assert value(db, "select rolpassword from pg_authid where rolname = %s", login).startswith("SCRAM-SHA-256$")
    with psycopg.connect(make_conninfo(database_url, user=login)) as reader:
        assert value(reader, "select count(*) from users") == 1
        assert value(reader, "select count(*) from agent_transactions") == 2
        assert value(reader, "select count(*) from report.books") == 3
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("select password_hash from users")
    again = run(database_url, email, login)
    assert (again.stdout, again.stderr) == ("", f"{login} was there already: its password stays\n")


def test_it_is_taken_back_at_once(database_url: str, db: psycopg.Connection, email: str, login: str) -> None:
    run(database_url, email, login, "--no-password")
    assert value(db, "select rolpassword is null from pg_authid where rolname = %s", login)
    with psycopg.connect(make_conninfo(database_url, user=login), autocommit=True) as reader:
        assert value(reader, "select count(*) from agent_transactions") == 2
        run(database_url, email, login, "--revoke")
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("select from agent_transactions")
    with pytest.raises(psycopg.Error) as refusal:
        run(database_url, email, login, "--revoke")
    assert refusal.value.sqlstate == "TB007"


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ("login superuser", "superuser"),
        ("login bypassrls", "bypasses row security"),
        ("login createrole", "an administrator"),
        ("login replication", "an administrator"),
        ("nologin", "without login"),
        ("login in role tradebook_owner", "another role of tradebook"),
        ("login in role tradebook_api", "another role of tradebook"),
        ("login in role pg_read_all_data", "PostgreSQL's own"),
    ],
)
def test_a_login_that_can_do_more_is_refused(
    database_url: str, db: psycopg.Connection, email: str, login: str, attributes: str, why: str
) -> None:
    db.execute(f'create role "{login}" {attributes}')
    db.commit()
    with pytest.raises(psycopg.Error, match=why) as refusal:
        run(database_url, email, login)
    assert refusal.value.sqlstate == "TB016"
    assert value(db, "select count(*) from bi_logins") == 0


def test_a_login_reads_the_rows_of_one_user_only(
    database_url: str, db: psycopg.Connection, email: str, login: str
) -> None:
    run(database_url, email, login)
    other = Ledger(db)
    others = value(db, "select email from users where id = %s", other.user)
    db.commit()
    with pytest.raises(psycopg.Error, match="another user"):
        run(database_url, others, login)


def test_an_unknown_user_or_an_impossible_name_is_told(database_url: str, email: str) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        run(database_url, "nobody@example.org", "someone")
    assert refusal.value.sqlstate == "TB007"
    for name in ("", "x" * 64):
        with pytest.raises(SetupError):
            run(database_url, email, name)
    with pytest.raises(SetupError, match="pg_"):
        run(database_url, email, "pg_reader")
