"""`tradebook export view`: a view as CSV, whole or of one user or agent, which a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import io
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands.export_books import export
from app.settings import SetupError
from tests.ledger import Ledger, value

Db = psycopg.Connection[Any]


@pytest.fixture
def ledgers(db: Db, database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[Ledger]:
    """Two users with a closed trade each, and the commands work on their database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    ledgers = [Ledger(db), Ledger(db)]
    for ledger in ledgers:
        ledger.buy("A", "100", "1.5", output_symbol="=1+1")
        ledger.sell("A", "100", "0.5", input_symbol="=1+1")
    db.commit()
    return ledgers


def run(*arguments: str) -> Result:
    return CliRunner().invoke(export, ["view", *arguments], catch_exceptions=False)


def rows(*arguments: str) -> list[dict[str, str]]:
    result = run(*arguments)
    assert result.exit_code == 0
    return list(csv.DictReader(io.StringIO(result.output, newline="")))


def test_a_view_is_written_whole_and_exact(ledgers: list[Ledger], db: Db) -> None:
    found = {row["wallet_address"]: row for row in rows("trades")}
    assert found.keys() == {ledger.wallet for ledger in ledgers}
    row = found[ledgers[0].wallet]
    assert (row["invested_sol"], row["profit_sol"], row["return_percent"][:6]) == ("1.5", "-1", "-66.66")
    assert (row["opened_at"], row["closed_at"]) == ("2026-01-01T02:00:00Z", "2026-01-01T03:00:00Z")
    assert (row["close_reason"], row["outcome"]) == ("", "lost")
    columns = db.execute(
        "select array_agg(attname::text order by attnum) from pg_attribute"
        " where attrelid = 'report.trades'::regclass and attnum > 0"
    ).fetchall()[0][0]
    assert list(row) == columns


def test_what_a_spreadsheet_would_take_for_a_formula_is_not_one(ledgers: list[Ledger], db: Db) -> None:
    assert {row["token_symbol"] for row in rows("trades")} == {"'=1+1"}
    cells = db.execute(
        "select array(select book.plain_cell(t) from unnest(%s::text[]) as t)",
        [["=a", "+a", "-a", "@a", "\ta", "a=", ""]],
    ).fetchall()[0][0]
    assert cells == ["'=a", "'+a", "'-a", "'@a", "'\ta", "a=", ""]


def test_a_user_and_an_agent_have_their_own_rows(ledgers: list[Ledger], db: Db) -> None:
    email = value(db, "select email from users where id = %s", ledgers[0].user)
    db.execute("update agents set name = 'mine' where id = %s", [ledgers[1].agent])
    db.commit()
    assert [row["wallet_address"] for row in rows("trades", "--user", email)] == [ledgers[0].wallet]
    assert [row["wallet_address"] for row in rows("trades", "--agent", str(ledgers[0].agent))] == [ledgers[0].wallet]
    assert [row["wallet_address"] for row in rows("trades", "--agent", "mine")] == [ledgers[1].wallet]
    with pytest.raises(SetupError, match="There is no agent mine"):
        run("trades", "--user", email, "--agent", "mine")


def test_what_is_not_there_is_told(ledgers: list[Ledger], db: Db) -> None:
    with pytest.raises(psycopg.Error, match=r"there is no view tradez; there are: .*trades"):
        run("tradez")
    with pytest.raises(psycopg.Error, match="view error_codes is not about agents"):
        run("error_codes", "--agent", str(ledgers[0].agent))
    with pytest.raises(SetupError, match=r"There is no user a@b"):
        run("trades", "--user", "a@b")
    db.execute("update agents set name = 'same'")
    db.commit()
    with pytest.raises(SetupError, match="More than one agent is called same"):
        run("trades", "--agent", "same")


def test_every_view_can_be_written_whatever_the_session_is_set_to(
    ledgers: list[Ledger], db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = db.execute(
        "select relname from pg_class where relnamespace = 'report'::regnamespace and relkind = 'v'"
    ).fetchall()
    before = {view: run(view).output for (view,) in views}
    monkeypatch.setenv("PGTZ", "Asia/Kathmandu")
    monkeypatch.setenv("PGDATESTYLE", "German, DMY")
    assert {view: sorted(run(view).output) for (view,) in views} == {
        name: sorted(text) for name, text in before.items()
    }
