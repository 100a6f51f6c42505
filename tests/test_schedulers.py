"""What scripts/schedulers tells people to paste works: each SQL block and file, each cron line, each unit."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.cli import tradebook
from app.postgres.programs import find_binaries
from tests.ledger import Ledger, value
from tests.server import Place

FOLDER = Path(__file__).parents[1] / "scripts" / "schedulers"
PAGE = (FOLDER / "README.md").read_text()
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
UNITS = sorted(path.name for path in FOLDER.glob("tradebook-*"))


@pytest.fixture
def scheduler(postgres: Place) -> Iterator[str]:
    """The login of the page, which the test makes."""
    yield "tradebook_scheduler"
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute("drop role if exists tradebook_scheduler")


def in_this_database(statements: str, database_url: str) -> str:
    return statements.replace("in database tradebook", f"in database {conninfo_to_dict(database_url)['dbname']}")


def test_every_block_of_the_page_runs_as_its_login(
    db: psycopg.Connection[Any], database_url: str, scheduler: str
) -> None:
    Ledger(db)
    db.commit()
    db.autocommit = True
    login, *others = BLOCKS
    for statement in in_this_database(login, database_url).split(";"):
        db.execute(statement)
    with psycopg.connect(make_conninfo(database_url, user=scheduler), autocommit=True) as session:
        assert value(session, "show statement_timeout") == "50min"
        for block in others:
            for statement in block.strip().rstrip(";").split(";\n"):
                session.execute(statement)
    assert len(others) == 3
    assert value(db, "select count(*) from job_runs where outcome = 'done'") == 2


def test_pg_cron_is_told_a_call_that_its_login_may_make(
    db: psycopg.Connection[Any], database_url: str, scheduler: str
) -> None:
    """With a function in the place of pg_cron's, which keeps what it is told."""
    db.autocommit = True
    db.execute("create schema cron")
    db.execute("create table cron.job (name text, schedule text, command text, database text, username text)")
    db.execute(
        "create function cron.schedule_in_database(text, text, text, text, text) returns void language sql"
        " as 'insert into cron.job values ($1, $2, $3, $4, $5)'"
    )
    text = re.sub(r"--[^\n]*", "", (FOLDER / "pg_cron.sql").read_text())
    for statement in in_this_database(text, database_url).split(";"):
        if statement.strip():
            db.execute(statement)
    (job,) = db.execute("select schedule, command, database, username from cron.job").fetchall()
    assert (job[0], *job[2:]) == ("* * * * *", "tradebook", scheduler)
    with psycopg.connect(make_conninfo(database_url, user=scheduler), autocommit=True) as session:
        session.execute(job[1])
    assert value(db, "select bool_and(outcome = 'done') from job_runs")


def test_every_cron_line_does_what_is_due(db: psycopg.Connection[Any], database_url: str) -> None:
    lines = [line.lstrip("#") for line in (FOLDER / "crontab").read_text().splitlines() if "* * * *" in line]
    assert len(lines) == 2
    for line in lines:
        assert re.match(r"\* \* \* \* \*  \S", line)
        command = line.split("  ", 1)[1]
        if "tradebook jobs" in command:
            is_a_command(command.split("bin/tradebook ")[1])
            continue
        command = re.sub(r"postgresql://\S+", shlex.quote(database_url), command)
        command = command.replace("psql", find_binaries().program("psql"), 1)
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert value(db, "select bool_and(outcome = 'done') from job_runs")


def is_a_command(arguments: str) -> None:
    """That `tradebook` takes these arguments."""
    command: click.Command = tradebook
    context = click.Context(tradebook)
    words = shlex.split(arguments)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, arguments
        command = found
    command.make_context(arguments, words)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_there_is(unit: str) -> None:
    text = (FOLDER / unit).read_text()
    for arguments in re.findall(r"^ExecStart=\S+/tradebook (.*)$", text, re.MULTILINE):
        is_a_command(arguments)
    assert ("ExecStart=" in text) == unit.endswith(".service")
    assert unit in PAGE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (FOLDER / unit).read_text()
        (tmp_path / unit).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "tradebook" in line]
    assert (ours, done.returncode) == ([], 0), done.stderr


def test_the_page_names_what_is_there() -> None:
    for arguments in re.findall(r"`tradebook (jobs [^`]*)`", PAGE):
        is_a_command(arguments + (" audit_wallets" if arguments == "jobs run" else ""))
    for file in re.findall(r"\]\((\w[\w.]*)\)", PAGE):
        assert (FOLDER / file).is_file()
