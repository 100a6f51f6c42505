"""tradebook user: accounts, their passwords and locks, without a password on a command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands import user as commands
from app.commands.user import user
from app.settings import SetupError
from tests.ledger import value

GOOD = "Correct-horse-7"

Db = psycopg.Connection[Any]
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command with a line on standard input."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TRADEBOOK_DATA_DIR", str(tmp_path))

    def run(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(user, arguments, input=given)

    return run


def stored_hash(db: Db) -> bytes:
    found = value(db, "select password_hash from users where email = 'ann@example.org'")
    db.commit()
    assert isinstance(found, str)
    return found.encode()


def test_an_account_is_made_with_a_password_from_standard_input(run: Run, db: Db) -> None:
    assert run("add", "Ann@example.org", given=GOOD + "\n").exit_code == 0
    assert bcrypt.checkpw(GOOD.encode(), stored_hash(db))
    again = run("add", "ANN@example.org", given=GOOD + "\n")
    assert isinstance(again.exception, psycopg.Error)
    assert again.exception.sqlstate == "TB012"


def test_it_is_made_although_nobody_may_register(run: Run, db: Db) -> None:
    db.execute("update settings set registration_is_open = false")
    db.commit()
    assert run("add", "ann@example.org", given=GOOD).exit_code == 0


def test_a_password_that_is_not_good_is_told_and_nothing_is_made(run: Run, db: Db) -> None:
    for given in ("", "short\n"):
        refused = run("add", "ann@example.org", given=given)
        assert isinstance(refused.exception, SetupError)
        assert "it has to have an upper-case letter" in str(refused.exception)
        assert "short" not in str(refused.exception)
    assert value(db, "select count(*) from users") == 0


def test_a_terminal_is_asked_twice_and_shows_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, db: Db) -> None:
    monkeypatch.setattr(commands, "is_asked_on_a_terminal", lambda: True)
    result = run("add", "ann@example.org", given=f"{GOOD}\nother\n{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0
    assert GOOD not in result.output
    assert bcrypt.checkpw(GOOD.encode(), stored_hash(db))


def test_a_new_password_opens_the_lock_and_ends_the_sessions(run: Run, db: Db) -> None:
    run("add", "ann@example.org", given=GOOD)
    db.execute("update users set failed_login_attempts = 7, locked_until = 'infinity'")
    db.execute("select book.store_session(gen_random_uuid(), id, false, sha256('a'), sha256('b'), now()) from users")
    db.commit()
    assert run("password", "Ann@example.org", given="New-password-8\n").exit_code == 0
    assert bcrypt.checkpw(b"New-password-8", stored_hash(db))
    row = db.execute("select failed_login_attempts, locked_until from users").fetchone()
    assert row == (0, None)
    assert value(db, "select count(*) from sessions") == 0


def test_a_lock_is_opened(run: Run, db: Db) -> None:
    run("add", "ann@example.org", given=GOOD)
    db.execute("update users set failed_login_attempts = 7, locked_until = 'infinity'")
    db.commit()
    assert run("unlock", "ANN@example.org").exit_code == 0
    assert db.execute("select failed_login_attempts, locked_until from users").fetchone() == (0, None)


@pytest.mark.parametrize("arguments", [("password", "nobody@example.org"), ("unlock", "nobody@example.org")])
def test_an_unknown_account_is_told(run: Run, arguments: tuple[str, str]) -> None:
    refused = run(*arguments, given=GOOD)
    assert str(refused.exception) == "There is no user nobody@example.org"
