"""What scripts/bi tells people works as a login of `tradebook grant-bi`: its psql session, its SQL, its dashboard."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.cli import COMMANDS
from app.demo import make_demo
from app.postgres.programs import find_binaries
from tests.ledger import Ledger, value
from tests.server import Place

FOLDER = Path(__file__).parents[1] / "scripts" / "bi"
PAGE = (FOLDER / "README.md").read_text()
FRONT_PAGE = (FOLDER.parents[1] / "README.md").read_text()
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}


@pytest.fixture
def reader(db: psycopg.Connection[Any], database_url: str, postgres: Place) -> Iterator[str]:
    """The URL of a login that reads the demo, in a database where another user trades too."""
    make_demo(database_url, days=7, agents=4, until=datetime(2026, 1, 31, tzinfo=UTC))
    Ledger(db).buy("A", "1", "1")
    login = f"reader_{uuid4().hex[:8]}"
    db.execute("select book.grant_bi('demo@tradebook.example', %s, null)", [login])
    db.commit()
    yield make_conninfo(database_url, user=login)
    db.close()
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"drop role {login}")


def as_grafana_sends_it(query: str, agent: str) -> str:
    """With its macros and variables replaced: January 2026, the demo's agent."""
    start, end = "'2026-01-01T00:00:00Z'", "'2026-02-01T00:00:00Z'"
    query = query.replace("${agent:sqlstring}", f"'{agent}'")
    query = re.sub(r"\$__timeFilter\((.*?)\)", rf"\1 BETWEEN {start} AND {end}", query)
    query = query.replace("$__timeFrom()", start).replace("$__timeTo()", end)
    assert "$" not in query
    return query


@pytest.mark.parametrize("title", PANELS)
def test_every_panel_of_the_dashboard_has_a_query_that_runs(reader: str, title: str) -> None:
    panel = PANELS[title]
    assert panel["datasource"]["uid"] == "${DS_TRADEBOOK}"
    (target,) = panel["targets"]
    with psycopg.connect(reader, autocommit=True) as session:
        agent = value(session, "select id::text from agents where name = 'Careful'")
        cursor = session.execute(as_grafana_sends_it(target["rawSql"], agent))
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    assert len(set(names)) == len(names)
    if target["format"] == "time_series":
        assert names[0] == "time"
        assert rows == sorted(rows)
    assert rows


def test_the_dashboard_is_one_that_grafana_imports(reader: str) -> None:
    assert [entry["name"] for entry in DASHBOARD["__inputs"]] == ["DS_TRADEBOOK"]
    assert [panel["id"] for panel in DASHBOARD["panels"]] == list(range(1, len(PANELS) + 1))
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["description"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    (variable,) = DASHBOARD["templating"]["list"]
    with psycopg.connect(reader, autocommit=True) as session:
        agents = session.execute(variable["query"]).fetchall()
    assert [name for name, _ in agents] == ["Careful", "Eager", "Reckless", "Steady"]


@pytest.mark.parametrize(("page", "length"), [(PAGE, 4), (FRONT_PAGE, 1)], ids=["scripts/bi", "front page"])
def test_the_psql_session_of_the_page_is_what_psql_shows(reader: str, page: str, length: int) -> None:
    (session,) = re.findall(r"```psql\n(.*?)```", page, re.DOTALL)
    statements = re.findall(r"^tradebook=> (.*?;)$", session, re.DOTALL | re.MULTILINE)
    assert len(statements) == length
    for statement in statements:
        text = statement.replace("\ntradebook-> ", "\n")
        done = subprocess.run(
            [find_binaries().program("psql"), "-X", "-d", reader, "-c", text],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert f"tradebook=> {statement}\n{done.stdout.rstrip()}\n" in session


def test_every_report_that_the_front_page_names_is_there(reader: str) -> None:
    section = FRONT_PAGE.split("## What was earned\n")[1].split("\n## ")[0]
    rows = [line.split("|")[2:4] for line in section.splitlines() if line.startswith("| ")][1:]
    views = {name for views, _ in rows for name in re.findall(r"`([a-z]\w+)`", views)}
    functions = {name for _, functions in rows for name in re.findall(r"`(\w+)\(", functions)}
    with psycopg.connect(reader) as session:
        for name in views:
            assert value(session, "select to_regclass('report.' || %s) is not null", name), name
        for name in functions:
            assert value(session, "select to_regproc('report.' || %s) is not null", name), name
    assert len(views) > 10 < len(functions)


def test_every_query_of_the_page_runs(reader: str) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    with psycopg.connect(reader, autocommit=True) as session:
        agent = value(session, "select id::text from agents where name = 'Careful'")
        for block in blocks:
            session.execute(as_grafana_sends_it(block.replace("{{agent}}", "'Careful'"), agent))


def test_the_page_names_what_is_there(reader: str) -> None:
    with psycopg.connect(reader, autocommit=True) as session:
        for name in re.findall(r"`report\.(\w+)`", PAGE):
            known = "select to_regclass('report.' || %s) is not null or to_regproc('report.' || %s) is not null"
            assert value(session, known, name, name), name
    for command in re.findall(r"^    tradebook ([\w-]+)", PAGE, re.MULTILINE):
        assert command in COMMANDS
    for file in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (FOLDER / file).is_file()
