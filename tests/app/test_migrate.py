"""The migration runner, on folders of migrations and code that each test writes for itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app import migrate as runner
from app.migrate import MigrationFailed, MigrationRefused, migrate, version_key

KEY = 42
"""The advisory lock at which the SQL of some tests waits, so that the test decides how long."""


@dataclass
class Program:
    """A program's two folders, and what it said."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    @property
    def code(self) -> Path:
        return self.folder / "sql"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def migrate(self, url: str) -> list[str]:
        """Run the program's migrations, and return what it said."""
        said: list[str] = []
        migrate(url, said.append, migrations=self.migrations, code=self.code)
        return said


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Two migrations, and code of every kind on the table that they make."""
    program = Program(tmp_path / "a [folder] of 100%")
    program.write("migrations/0001_items.sql", "create table items (id int primary key, price numeric not null);\n")
    program.write("migrations/0002_notes.sql", "-- 100% :sure, it's\n\nalter table items add note text default '%s';\n")
    program.write("sql/types/pair.sql", "create type book.pair as (one numeric, two numeric);\n")
    program.write(
        "sql/functions/double.sql",
        "create function book.double(n numeric) returns numeric language sql immutable\nas 'select n * 2';\n",
    )
    program.write(
        "sql/functions/double_price.sql",
        "create function book.double_price() returns trigger language plpgsql set search_path = book, pg_temp as $$\n"
        "begin\n    new.price := double(new.price);\n    return new;\nend\n$$;\n",
    )
    program.write(
        "sql/views/items.sql",
        "create view report.items as\nselect i.id, book.double(i.price) as twice\nfrom items as i\n"
        "where i.note like '%s:x%' or i.note = '%s';\n",
    )
    program.write(
        "sql/triggers/items.sql",
        "create trigger double_price before insert on items for each row execute function book.double_price();\n"
        "create policy prices_are_small on items using (book.double(price) < 100);\n"
        "create policy all_for_all on items using (true);\n",
    )
    program.write("sql/queries/items.sql", "-- name: items()\nselect :this is not code;\n")
    return program


@pytest.fixture
def url(postgres: Any) -> Iterator[str]:
    """A new, empty database."""
    with database(postgres, "encoding 'UTF8'") as made:
        yield made


class database:
    """A database of a random name with characters that need quoting, dropped at the end."""

    def __init__(self, postgres: Any, options: str) -> None:
        self.server = postgres.url()
        self.name = f"migrate %? {uuid.uuid4()}"
        self.options = options

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))

    def __enter__(self) -> str:
        self.execute(f"create database {{}} template template0 strategy file_copy {self.options}")
        return make_conninfo(self.server, dbname=self.name)

    def __exit__(self, *_: object) -> None:
        self.execute("drop database {} with (force)")


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


CATALOG = (
    "select n.nspname, obj_description(n.oid) from pg_namespace n where n.nspname !~ '^pg_'",
    "select c.oid::regclass::text, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) from pg_class c"
    " join pg_attribute a on a.attrelid = c.oid where c.oid >= 16384 and a.attnum > 0"
    " and c.relnamespace <> 'pg_toast'::regnamespace",
    "select pg_get_functiondef(p.oid) from pg_proc p where p.oid >= 16384",
    "select pg_get_viewdef(c.oid) from pg_class c where c.oid >= 16384 and c.relkind = 'v'",
    "select pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal",
    "select p.polname, p.polrelid::regclass::text, pg_get_expr(p.polqual, p.polrelid) from pg_policy p",
    "select conname, pg_get_constraintdef(oid) from pg_constraint where oid >= 16384",
    "select name, sha256 from installed.migrations",
    "select migration_id, migration_hash from installed._yoyo_migration",
    "select sha256, program_version from installed.code",
    "select kind, names, arguments from installed.code_objects",
    "select pid from installed.yoyo_lock",
)


def catalog(url: str) -> list[list[str]]:
    """Everything that a run makes, in an order of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        return [sorted(map(str, connection.execute(query))) for query in CATALOG]


@pytest.fixture
def clean(postgres: Any, program: Program) -> list[list[str]]:
    """The catalog of a database that the program made without any accident."""
    with database(postgres, "encoding 'UTF8'") as url:
        program.migrate(url)
        return catalog(url)


def test_a_new_database_gets_every_migration_and_the_code(url: str, program: Program) -> None:
    assert program.migrate(url) == [
        "made schema installed, which keeps what was applied",
        "applied 0001_items",
        "applied 0002_notes",
        "applied the code: 5 files",
        "the database is at 0002_notes and its code is current",
    ]
    run(url, "insert into items values (1, 1.5)")
    assert rows(url, "select id, twice::text from report.items") == [(1, "6.0")]
    comments = dict(rows(url, "select nspname, obj_description(oid) from pg_namespace where nspname !~ '^pg_'"))
    assert all(comments[name] for name in ("book", "report", "api", "jobs", "installed"))


def test_a_second_run_changes_nothing(url: str, program: Program) -> None:
    program.migrate(url)
    before = rows(url, "select oid from pg_proc where oid >= 16384 order by oid")
    assert program.migrate(url) == ["the database is at 0002_notes and its code is current"]
    assert rows(url, "select oid from pg_proc where oid >= 16384 order by oid") == before


@pytest.mark.parametrize("name", ["sql/functions/double.sql", "sql/views/a_new_one.sql"])
def test_the_code_is_made_again_when_a_file_of_it_changes(url: str, program: Program, name: str) -> None:
    program.migrate(url)
    program.write(name, "create function book.double(n numeric) returns numeric language sql return n + n;\n")
    if name.endswith("new_one.sql"):
        (program.code / "functions/double.sql").rename(program.code / "functions/double.txt")
        program.write("sql/types/double.sql", (program.folder / name).read_text())
        program.write(name, "create view report.a_new_one as select 1 as one;\n")
    assert "applied the code" in program.migrate(url)[0]
    run(url, "insert into items values (1, 1)")
    assert rows(url, "select price::text from items") == [("2",)]
    assert rows(url, "select count(*) from pg_policy") == [(2,)]


def test_the_order_of_the_files_is_part_of_the_code(url: str, program: Program) -> None:
    program.migrate(url)
    (program.code / "functions/double.sql").rename(program.code / "functions/a.sql")
    assert program.migrate(url)[0] == "applied the code: 5 files"


def test_code_that_is_no_longer_there_is_gone(url: str, program: Program) -> None:
    program.migrate(url)
    (program.code / "triggers/items.sql").unlink()
    (program.code / "views/items.sql").unlink()
    program.migrate(url)
    assert rows(url, "select 1 from pg_trigger where not tgisinternal union select 1 from pg_policy") == []
    assert rows(url, "select to_regclass('report.items')") == [(None,)]


def test_named_queries_are_not_code(url: str, program: Program) -> None:
    program.migrate(url)
    program.write("sql/queries/items.sql", "neither is this\n")
    assert program.migrate(url) == ["the database is at 0002_notes and its code is current"]


def test_a_program_without_code_folders_migrates(url: str, tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    assert Program(tmp_path).migrate(url)[-1] == "the database is at its beginning and its code is current"


def test_a_program_without_its_migrations_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match="not completely installed"):
        Program(tmp_path).migrate(url)


# What the URL may look like


def test_the_url_may_name_yoyos_driver(url: str, program: Program) -> None:
    given = urlencode(conninfo_to_dict(url), quote_via=quote)
    assert program.migrate("postgresql+psycopg:///?" + given)[-1].startswith("the database is at 0002_notes")


def test_a_password_of_any_characters_reaches_yoyo_unchanged() -> None:
    url = make_conninfo("", host="/tmp/a b,c%d", user="o'neil@home", password="p@ss/w?o&r=d #+%", dbname="x y")
    args = runner.parse_uri(runner.yoyo_url(url)).args
    assert (args["host"], args["user"], args["password"], args["dbname"]) == (
        "/tmp/a b,c%d",
        "o'neil@home",
        "p@ss/w?o&r=d #+%",
        "x y",
    )


def test_a_search_path_of_the_roles_own_does_not_move_the_tables(url: str, program: Program) -> None:
    program.write("sql/views/here.sql", "create view here as select 1 as one;\n")
    run(url, "create schema theirs")
    program.migrate(make_conninfo(url, options="-c search_path=theirs,installed,public"))
    assert rows(url, "select to_regclass('public.items') is not null, to_regclass('public.here') is not null") == [
        (True, True)
    ]
    assert rows(url, "select to_regclass('installed._yoyo_migration') is not null") == [(True,)]


def test_a_uid_without_a_name_migrates(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nameless)
    program.migrate(url)
    assert rows(url, "select distinct username from installed._yoyo_log") == [(f"uid {os.getuid()}",)]


def test_the_limits_of_the_role_do_not_cut_a_migration(url: str, program: Program) -> None:
    program.write("migrations/0003_slow.sql", "do $$ begin perform pg_sleep(0.05); end $$;\n")
    program.migrate(make_conninfo(url, options="-c statement_timeout=40ms -c lock_timeout=40ms"))


# Refusals


def test_an_edited_migration_is_refused(url: str, program: Program) -> None:
    program.migrate(url)
    path = program.write("migrations/0001_items.sql", "create table items (id bigint primary key);\n")
    before = catalog(url)
    with pytest.raises(
        MigrationRefused, match=r"0001_items\.sql was edited after .* write the change as a new migration"
    ):
        program.migrate(url)
    assert catalog(url) == before
    path.write_text("create table items (id int primary key, price numeric not null);\r\n", newline="")
    program.migrate(url)


def test_a_migration_that_the_program_lacks_is_refused(url: str, program: Program) -> None:
    newer = program.write("migrations/0003_newer.sql", "create table newer ();\n")
    program.migrate(url)
    newer.unlink()
    program.write("sql/functions/double.sql", "broken")
    with pytest.raises(MigrationRefused, match="the database is newer than this program: 0003_newer"):
        program.migrate(url)


def test_code_of_a_newer_program_is_refused(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "program_version", lambda: "1.10.0")
    program.migrate(url)
    monkeypatch.setattr(runner, "program_version", lambda: "1.9.0")
    with pytest.raises(
        MigrationRefused, match=r"the database is newer than this program: .* 1\.10\.0, this is 1\.9\.0"
    ):
        program.migrate(url)


def test_a_newer_program_with_the_same_code_only_notes_its_version(
    url: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.migrate(url)
    monkeypatch.setattr(runner, "program_version", lambda: "99")
    assert program.migrate(url) == ["the database is at 0002_notes and its code is current"]
    assert rows(url, "select program_version from installed.code") == [("99",)]


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9", "1.10"), ("1.0.0.dev3", "1.0.0"), ("1.0rc1", "1.0"), ("0", "0.1.0"), ("1.0.1", "2")],
)
def test_versions_compare_by_their_numbers(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)
    assert version_key("1.0") == version_key("1.0.0+local")


def test_a_database_that_is_not_utf8_is_refused(postgres: Any, program: Program) -> None:
    with (
        database(postgres, "encoding 'LATIN1' locale 'C'") as url,
        pytest.raises(MigrationRefused, match="LATIN1, tradebook needs UTF8"),
    ):
        program.migrate(url)


def test_a_server_before_15_is_refused(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140011)
    with pytest.raises(MigrationRefused, match="the server is PostgreSQL 14, tradebook needs 15 or newer"):
        program.migrate(url)
    monkeypatch.undo()
    assert rows(url, "select 1 from pg_namespace where nspname = 'installed'") == []


def test_a_standby_is_refused(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    told = psycopg.ConnectionInfo.parameter_status

    def standby(self: psycopg.ConnectionInfo, name: str) -> str | None:
        return "on" if name == "in_hot_standby" else told(self, name)

    monkeypatch.setattr(psycopg.ConnectionInfo, "parameter_status", standby)
    with pytest.raises(MigrationRefused, match="the server is a standby"):
        program.migrate(url)


def test_a_role_that_may_not_migrate_is_refused_in_words(url: str, program: Program) -> None:
    role = f"weak_{uuid.uuid4().hex}"
    run(url, f"create role {role} login")
    try:
        with pytest.raises(MigrationRefused, match=f"role {role} may not migrate .* connect as the owner"):
            program.migrate(make_conninfo(url, user=role))
    finally:
        run(url, f"drop role {role}")


def test_a_migration_that_commits_is_refused(url: str, program: Program) -> None:
    program.write("migrations/0003_two.sql", "create table two ();\n-- then\ncommit;\ncreate table three ();\n")
    with pytest.raises(
        MigrationRefused, match=r"0003_two\.sql:\d: the file is one transaction already: remove 'commit;'"
    ):
        program.migrate(url)
    assert rows(url, "select to_regclass('two')") == [(None,)]


LOSSES = {
    "view theirs": "create view theirs as select id from report.items",
    "materialized view theirs": "create materialized view theirs as select id from report.items",
    "constraint small on table theirs": "create table theirs (n numeric constraint small check (book.double(n) < 9))",
    "default value for column n of table theirs": "create table theirs (n numeric default book.double(1))",
    "column n of table theirs": "create table theirs (n book.pair)",
    "index theirs": "create index theirs on items (book.double(price))",
    "policy theirs on table items": "create policy theirs on items using (book.double(id) < 9)",
    "trigger theirs on table items": "create trigger theirs after update on items execute function book.double_price()",
    "function theirs(book.pair)": "create function theirs(p book.pair) returns int language sql return 1",
    "table report.theirs": "create table report.theirs (n int)",
    "view report.theirs": "create view report.theirs as select 1 as n",
    "function book.theirs()": "create function book.theirs() returns int language sql return 1",
}


@pytest.mark.parametrize("what", LOSSES)
def test_code_is_not_made_again_over_what_others_built_on_it(url: str, program: Program, what: str) -> None:
    program.migrate(url)
    run(url, LOSSES[what])
    assert program.migrate(url) == ["the database is at 0002_notes and its code is current"]
    program.write("sql/types/new.sql", "create type book.new as (n int);\n")
    before = catalog(url)
    with pytest.raises(MigrationRefused) as refusal:
        program.migrate(url)
    assert [line.replace("public.", "") for line in str(refusal.value).splitlines() if line.startswith("- ")] in (
        [f"- {what}, which uses an object of the code"],
        [f"- {what}, which lies in a schema of the code (book, report, api, jobs)"],
    )
    assert "drop them" in str(refusal.value)
    assert catalog(url) == before


def test_a_schema_of_someone_elses_with_the_name_of_one_of_the_codes_is_refused(url: str, program: Program) -> None:
    run(url, "create schema report", "create table report.sales (n int)")
    with pytest.raises(MigrationRefused, match=r"table report\.sales, which lies in a schema of the code"):
        program.migrate(url)


def test_triggers_and_policies_of_others_stay(url: str, program: Program) -> None:
    run(url, "create function mine() returns trigger language plpgsql as 'begin return new; end'")
    program.migrate(url)
    run(
        url,
        "create policy mine on items using (id > 0)",
        "create trigger mine before insert on items for each row execute function mine()",
    )
    for name in ("new", "newer"):
        program.write(f"sql/types/{name}.sql", f"create type book.{name} as (n int);\n")
        program.migrate(url)
    assert rows(url, "select tgname from pg_trigger where not tgisinternal order by 1") == [
        ("double_price",),
        ("mine",),
    ]
    assert rows(url, "select count(*) from pg_policy") == [(3,)]


# Errors


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("select 1;\n\n\ncreate tabel x ();\n", 4),
        ("select 1;\n\nselect\n    nothing\nfrom items;\n", 4),
        ("select 1;\n\nselect 1;\n-- twice\nselect 1;\ncreate table items ();\n", 6),
    ],
)
@pytest.mark.parametrize("name", ["migrations/0003_wrong.sql", "sql/functions/wrong.sql"])
def test_an_error_names_the_file_and_the_line(url: str, program: Program, name: str, text: str, line: int) -> None:
    path = program.write(name, text)
    with pytest.raises(MigrationFailed) as failure:
        program.migrate(url)
    assert str(failure.value).startswith(f"{path}:{line}: ")


def test_a_migration_that_fails_leaves_nothing(url: str, program: Program) -> None:
    path = program.write("migrations/0003_wrong.sql", "create table three ();\nselect 1 / 0;\n")
    with pytest.raises(MigrationFailed, match="division by zero"):
        program.migrate(url)
    assert rows(url, "select to_regclass('three')") == [(None,)]
    assert rows(url, "select count(*) from installed.migrations") == [(2,)]
    path.write_text("create table three ();\n")
    assert "applied 0003_wrong" in program.migrate(url)


def test_code_that_fails_leaves_the_code_that_was_there(url: str, program: Program) -> None:
    program.migrate(url)
    before = catalog(url)
    program.write("sql/views/wrong.sql", "create view report.wrong as select 1 as one;\nselect 1 / 0;\n")
    with pytest.raises(MigrationFailed, match=r"wrong\.sql:2: division by zero"):
        program.migrate(url)
    assert catalog(url) == before


@pytest.mark.parametrize(
    "text",
    [
        "create function book.wrong() returns int language sql as 'select one from nowhere';\n",
        "create function book.wrong() returns int language plpgsql as 'begin retrun 1; end';\n",
    ],
)
def test_functions_may_call_later_ones_and_are_checked_at_the_end(url: str, program: Program, text: str) -> None:
    program.write(
        "sql/functions/a.sql",
        "create function book.a() returns numeric language sql as 'select book.double(1)';\n"
        "create function book.b() returns numeric language sql set search_path = book, pg_temp\n"
        "as 'select double(1)';\n",
    )
    program.migrate(url)
    program.write("sql/functions/wrong.sql", text)
    with pytest.raises(MigrationFailed, match=r"function book\.wrong\(\): "):
        program.migrate(url)


def test_settings_of_one_file_of_code_do_not_reach_the_next(url: str, program: Program) -> None:
    program.write("sql/functions/a.sql", "set local search_path = book;\nset local role pg_monitor;\n")
    program.migrate(url)


def test_code_that_commits_fails_in_words(url: str, program: Program) -> None:
    program.write("sql/functions/a.sql", "commit;\n")
    with pytest.raises(MigrationFailed, match="must not begin or end a transaction"):
        program.migrate(url)


def test_a_locked_table_is_tried_again_and_its_holder_named(
    url: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.migrate(url)
    program.write("sql/types/new.sql", "create type book.new as (n int);\n")
    program.write("migrations/0003_more.sql", "alter table items add more text;\n")
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "10ms")
    monkeypatch.setattr(runner, "PAUSE", 0)
    monkeypatch.setattr(runner, "ATTEMPTS", 3)
    holder = psycopg.connect(url, application_name="a report")
    holder.execute("select * from items")
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("migration 0003_more waits") and "1 more" in line:
            holder.commit()
        if line.startswith("applied 0003_more"):
            holder.execute("select * from items")

    with pytest.raises(
        MigrationFailed, match=rf"end these transactions and run again: {holder.info.backend_pid} \(a report"
    ):
        migrate(url, say, migrations=program.migrations, code=program.code)
    assert [line.split(" waits")[0] for line in said] == [
        "migration 0003_more",
        "migration 0003_more",
        "applied 0003_more",
        "the code",
        "the code",
    ]
    holder.close()
    program.migrate(url)


# More than one run, and runs that are killed


def test_three_started_at_once_take_turns(url: str, program: Program, clean: list[list[str]]) -> None:
    together = threading.Barrier(3)

    def one(_: int) -> list[str]:
        together.wait()
        return program.migrate(url)

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(one, range(3)))
    assert catalog(url) == clean
    lines = [line for one_said in said for line in one_said]
    assert lines.count("applied 0001_items") == lines.count("applied the code: 5 files") == 1
    assert [one_said[-1] for one_said in said] == ["the database is at 0002_notes and its code is current"] * 3


def test_who_waits_is_told_for_whom(url: str, program: Program) -> None:
    said: list[str] = []
    with psycopg.connect(url, autocommit=True, application_name="an operator") as holder:
        holder.execute("select pg_advisory_lock(%s)", [runner.RUN_LOCK])

        def say(line: str) -> None:
            said.append(line)
            holder.execute("select pg_advisory_unlock(%s)", [runner.RUN_LOCK])

        migrate(url, say, migrations=program.migrations, code=program.code)
    assert said[0].startswith("waiting for another migration to end: an operator of role ")


def child(url: str, program: Program, before: Callable[[], None] = lambda: None) -> multiprocessing.Process:
    """A process that migrates, started."""

    def body() -> None:
        before()
        migrate(url, lambda _: None, migrations=program.migrations, code=program.code)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=body, daemon=True)
    process.start()  # type: ignore[attr-defined]
    return process  # type: ignore[return-value]


def kill_at(number: int) -> Callable[[], None]:
    """Have the process kill itself just before its exchange of that number with the server."""

    def before() -> None:
        exchange = psycopg.Connection.wait
        count = 0

        def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal count
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return exchange(self, *args, **kwargs)

        psycopg.Connection.wait = wait  # type: ignore[method-assign]

    return before


def moments(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exchanges of a run that begin outside a transaction or end one.

    Those within a transaction do not differ from its last: the server rolls all of it back.
    """
    within: list[bool] = []
    exchange = psycopg.Connection.wait

    def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
        within.append(self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE)
        result = exchange(self, *args, **kwargs)
        ended.append(within[-1] and self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE)
        return result

    ended: list[bool] = []
    monkeypatch.setattr(psycopg.Connection, "wait", wait)
    program.migrate(url)
    monkeypatch.undo()
    return [number for number, inside in enumerate(within) if not inside or ended[number]]


def test_a_run_killed_at_any_moment_is_completed_by_the_next(
    postgres: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(tmp_path / "small")
    program.write("migrations/0001_items.sql", "create table items (id int primary key);\n")
    program.write("sql/views/items.sql", "create view report.items as select i.id from items as i;\n")
    program.write("sql/triggers/items.sql", "create policy all_for_all on items using (true);\n")
    numbers = moments(url, program, monkeypatch)
    clean = catalog(url)
    assert len(numbers) > 30
    for number in numbers:
        with database(postgres, "encoding 'UTF8'") as other:
            process = child(other, program, kill_at(number))
            process.join()
            assert process.exitcode == -signal.SIGKILL
            program.migrate(other)
            assert catalog(other) == clean, f"killed before exchange {number}"


UNTIL_GONE = """
do $$
begin
    while exists (select 1 from pg_stat_activity where pid = {pid}) loop
        perform pg_stat_clear_snapshot();
        perform pg_sleep(0.01);
    end loop;
end
$$"""


def waiting_at_the_gate(url: str) -> int:
    """The server process that waits for the advisory lock KEY, once there is one."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            found = connection.execute(
                "select pid from pg_locks where locktype = 'advisory' and objid = %s and not granted"
                " and database = (select oid from pg_database where datname = current_database())",
                [KEY],
            ).fetchone()
            if found:
                return int(found[0])


@pytest.mark.parametrize("name", ["migrations/0003_gate.sql", "sql/views/gate.sql"])
def test_a_run_killed_in_a_statement_is_completed_by_the_next(
    postgres: Any, url: str, program: Program, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that the orphan ends because it is noticed, and not because it has waited long enough.
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "0")
    gate = f"do $$ begin perform pg_advisory_xact_lock({KEY}); end $$;\n"
    schema = "report" if name.startswith("sql") else "public"
    program.write(name, f"create table {schema}.before_gate ();\n{gate}create table {schema}.after_gate ();\n")
    with database(postgres, "encoding 'UTF8'") as other:
        program.migrate(other)
        clean = catalog(other)
    with psycopg.connect(url) as keeper:
        keeper.execute("select pg_advisory_xact_lock(%s)", [KEY])
        process = child(url, program)
        orphan = waiting_at_the_gate(url)
        process.kill()
        process.join()
        # The server has not noticed: its process still waits, with the locks of its transaction.
        assert rows(url, f"select 1 from pg_stat_activity where pid = {orphan}")
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(program.migrate, url)
            try:
                run(url, "set statement_timeout = '1min'", UNTIL_GONE.format(pid=orphan))
            finally:
                keeper.commit()
            said = second.result()
    if schema == "public":
        assert f"ended what an interrupted migration had left running (server process {orphan})" in said
    assert catalog(url) == clean


def test_a_run_whose_server_process_is_killed_fails_in_words_and_is_completed_by_the_next(
    url: str, program: Program
) -> None:
    path = program.write("migrations/0003_gate.sql", f"select 1;\nselect pg_advisory_xact_lock({KEY});\n")
    with psycopg.connect(url) as keeper:
        keeper.execute("select pg_advisory_xact_lock(%s)", [KEY])
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(program.migrate, url)
            run(url, f"select pg_terminate_backend({waiting_at_the_gate(url)})")
            with pytest.raises(MigrationFailed, match=r"0003_gate\.sql:2: .*(terminat|clos)"):
                first.result()
    assert "applied 0003_gate" in program.migrate(url)
    assert path.exists()


def test_a_migration_that_was_applied_and_not_marked_is_marked(
    url: str, program: Program, clean: list[list[str]]
) -> None:
    program.migrate(url)
    run(url, "delete from installed._yoyo_migration where migration_id = '0002_notes'")
    assert program.migrate(url)[0] == "0002_notes had been applied by a run that did not end: marked"
    assert catalog(url) == clean


def test_a_lock_row_that_a_killed_run_left_is_removed(url: str, program: Program, clean: list[list[str]]) -> None:
    program.migrate(url)
    run(url, "insert into installed.yoyo_lock (locked, ctime, pid) values (1, now(), 1)")
    program.write("migrations/0003_three.sql", "create table three ();\n")
    assert program.migrate(url)[0] == "applied 0003_three"
    assert rows(url, "select * from installed.yoyo_lock") == []


def test_what_yoyo_itself_applied_is_recorded(url: str, program: Program, clean: list[list[str]]) -> None:
    program.migrate(url)
    run(url, "delete from installed.migrations where name = '0002_notes'")
    assert program.migrate(url)[0] == "0002_notes had been applied by yoyo itself: recorded"
    assert catalog(url) == clean


def test_a_migration_without_a_transaction_can_index_concurrently_while_others_wait(url: str, program: Program) -> None:
    program.write(
        "migrations/0003_index.sql",
        "-- transactional: false\ncreate index concurrently if not exists items_by_price on items (price);\n",
    )
    with ThreadPoolExecutor(3) as pool:
        said = [line for one in pool.map(program.migrate, [url] * 3) for line in one]
    assert said.count("applied 0003_index") == 1
    assert rows(url, "select count(*) from installed.migrations") == [(3,)]
