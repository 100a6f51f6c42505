"""What holds for all of the SQL: it compiles, it is documented, named after its files, and called as it is declared."""

from __future__ import annotations

import ast
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import aiosql
import psycopg
import pytest
from psycopg import sql

from app.paths import MIGRATIONS, SQL
from tests.ledger import Ledger, acting_as

APP = Path(__file__).parents[2] / "app"

CODE_SCHEMAS = ["book", "report", "api", "jobs"]

MADE = re.compile(
    r"^create\s+(?:or\s+replace\s+)?([a-z]+(?:\s+view)?)\s+(?:if\s+not\s+exists\s+)?(?:(\w+)\.)?(\w+)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a statement at the beginning of a line makes: its kind, schema and name."""

HEADER = re.compile(
    r"^create\s+(?:or\s+replace\s+)?(?:function)\s+([\w.]+)(.*?)(?:^as\b|^begin\s+atomic\b|^return\b)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
"""A function's name, and what is said of it before its body."""

PARAMETER = re.compile(r"%\((\w+)\)s")


def sql_files(*folders: str) -> list[Path]:
    """The files of sql/, or of some of its folders."""
    return sorted(path for folder in folders or ("",) for path in (SQL / folder).rglob("*.sql"))


def without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def names(db: psycopg.Connection[Any], query: str, *parameters: Any) -> list[str]:
    return [name for (name,) in db.execute(query, parameters)]


# Objects in the database


def test_every_function_compiles_when_all_that_it_calls_is_there(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        """
        select
            p.oid::regprocedure::text,
            pg_get_functiondef(p.oid)
        from pg_proc as p
        where p.pronamespace::regnamespace::text = any (%s) and p.prokind in ('f', 'p')
        """,
        [CODE_SCHEMAS],
    ).fetchall()
    failures = {}
    for name, definition in rows:
        try:
            with db.transaction(force_rollback=True):
                db.execute("set local check_function_bodies = on")
                db.execute("set local plpgsql.extra_errors = 'shadowed_variables'")
                db.execute(definition)
        except psycopg.Error as error:
            failures[name] = str(error)
    assert failures == {}
    assert "book.tg_set_updated_at()" in {name for name, _ in rows}


def test_every_table_and_every_column_has_a_comment(db: psycopg.Connection[Any]) -> None:
    bare = names(
        db,
        """
        select c.relname || coalesce('.' || a.attname, '')
        from pg_class as c
        left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where
            c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)
        order by c.relname, a.attnum
        """,
    )
    assert bare == []


def test_every_view_has_a_comment(db: psycopg.Connection[Any]) -> None:
    bare = names(
        db,
        """
        select c.oid::regclass::text
        from pg_class as c
        where
            c.relnamespace::regnamespace::text = any (%s) and c.relkind in ('v', 'm')
            and obj_description(c.oid, 'pg_class') is null
        order by 1
        """,
        [*CODE_SCHEMAS, "public"],
    )
    assert bare == []


def test_every_column_of_a_view_for_people_has_a_comment(db: psycopg.Connection[Any]) -> None:
    bare = names(
        db,
        """
        select c.relname || '.' || a.attname
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where
            c.relnamespace = 'report'::regnamespace and c.relkind in ('v', 'm')
            and col_description(c.oid, a.attnum) is null
        order by c.relname, a.attnum
        """,
    )
    assert bare == []


def test_every_function_and_aggregate_has_a_comment(db: psycopg.Connection[Any]) -> None:
    bare = names(
        db,
        """
        select p.oid::regprocedure::text
        from pg_proc as p
        where
            p.pronamespace::regnamespace::text = any (%s)
            and obj_description(p.oid, 'pg_proc') is null
        order by 1
        """,
        [*CODE_SCHEMAS, "public"],
    )
    assert bare == []


def test_every_type_has_a_comment(db: psycopg.Connection[Any]) -> None:
    bare = names(
        db,
        """
        select t.oid::regtype::text
        from pg_type as t
        left join pg_class as c on c.oid = t.typrelid
        where
            t.typnamespace::regnamespace::text = any (%s)
            and (t.typtype in ('d', 'e', 'r') or c.relkind = 'c')
            -- A comment on a composite type is kept with the type.
            and obj_description(t.oid, 'pg_type') is null
        order by 1
        """,
        [*CODE_SCHEMAS, "public"],
    )
    assert bare == []


def test_a_trigger_function_is_named_after_its_table_and_rule(db: psycopg.Connection[Any]) -> None:
    """Few serve more than one table."""
    shared = {"tg_set_updated_at", "tg_refuse_derived_row", "tg_refuse_truncate"}
    rows = db.execute(
        """
        select
            p.proname::text,
            array_agg(c.relname::text) filter (where c.relname is not null)
        from pg_proc as p
        left join pg_trigger as t on t.tgfoid = p.oid
        left join pg_class as c on c.oid = t.tgrelid
        where p.pronamespace::regnamespace::text = any (%s) and p.prorettype = 'trigger'::regtype
        group by p.proname
        """,
        [[*CODE_SCHEMAS, "public"]],
    ).fetchall()
    misnamed = [
        (name, tables)
        for name, tables in rows
        if name not in shared
        and not (tables and len(set(tables)) == 1 and re.fullmatch(rf"tg_{tables[0]}__[a-z][a-z0-9_]*", name))
    ]
    assert misnamed == []
    assert shared <= {name for name, _ in rows}


def test_every_table_with_updated_at_gets_the_time_of_the_change(db: psycopg.Connection[Any]) -> None:
    """Whatever the change itself says that it is."""
    changes = {
        "agents": "name = 'renamed'",
        "agent_wallets": "wallet_type = wallet_type",
        "agent_positions": "peak_price = 1",
        "agent_transactions": "routes = '{}'",
        "agent_balance_snapshots": "unrealized_pnl_sol = 0",
        "trading_signals": "source = 'elsewhere'",
    }
    tables = names(
        db,
        """
        select c.relname::text
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attname = 'updated_at' and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        """,
    )
    # Of an order it is the instant that the book's functions are given, which alone write it.
    assert set(tables) - {"trade_orders"} == changes.keys()
    ledger = Ledger(db)
    ledger.buy("A", "1", "1")
    db.execute("insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'buy', 3)")
    ledger.snapshots()
    derived = names(db, "select table_name from report.table_classes where is_derived")
    for table, change in changes.items():
        (before,) = names(db, "select clock_timestamp()")
        with acting_as(db, "book") if table in derived else nullcontext():
            stamps = names(db, f"update {table} set {change}, updated_at = 'epoch' returning updated_at")
        assert stamps, table
        assert min(stamps) >= before, table


# Files


def test_a_file_of_code_makes_one_object_of_its_own_name() -> None:
    """Beside an aggregate may stand the function that it is made of."""
    kinds = {
        "types": {"type", "domain"},
        "documents": {"type"},
        "functions": {"function", "aggregate"},
        "views": {"view", "materialized view"},
        "api": {"view", "materialized view", "function"},
        "jobs": {"procedure"},
    }
    wrong = {}
    files = sql_files(*kinds)
    for path in files:
        text = path.read_text()
        made = MADE.findall(text)
        if any(kind == "aggregate" for kind, _, _ in made):
            made = [one for one in made if not re.search(rf"\bsfunc\s*=\s*{one[1]}\.{one[2]}\b", text)]
        folder = path.relative_to(SQL).parts[0]
        if [name for _, _, name in made] != [path.stem] or not {kind for kind, _, _ in made} <= kinds[folder]:
            wrong[path.relative_to(SQL).as_posix()] = made
    assert wrong == {}
    assert SQL / "functions" / "fold_position.sql" in files


def test_no_sql_selects_all_columns_whatever_they_are() -> None:
    wrong = [
        path.name
        for path in [*sql_files(), *sorted(MIGRATIONS.glob("*.sql"))]
        if re.search(r"\bselect\s+(?:all\s+|distinct\s+)?\*", without_comments(path.read_text()), re.IGNORECASE)
    ]
    assert wrong == []


def test_every_function_declares_its_volatility() -> None:
    texts = [path.read_text() for path in sql_files() if path.parent.name != "queries"]
    headers = [found for text in texts for found in HEADER.findall(text)]
    silent = [
        name for name, header in headers if not re.search(r"^(?:immutable|stable|volatile)\b", header, re.MULTILINE)
    ]
    assert silent == []
    made = [name for text in texts for kind, _, name in MADE.findall(text) if kind == "function"]
    assert [name.rpartition(".")[2] for name, _ in headers] == made


# Named queries


@pytest.fixture(scope="module")
def named() -> dict[str, Any]:
    """Every query of sql/queries as aiosql loads it, by name."""
    loaded = aiosql.from_path(SQL / "queries", "psycopg", mandatory_parameters=True)
    return {name: getattr(loaded, name) for name in loaded.available_queries if not name.endswith("_cursor")}


def test_no_two_named_queries_have_one_name(named: dict[str, Any]) -> None:
    declared = [
        name for path in sql_files("queries") for name in re.findall(r"^-- name: (\w+)", path.read_text(), re.MULTILINE)
    ]
    assert sorted(declared) == sorted(named)


def test_every_named_query_says_what_it_is_for(named: dict[str, Any]) -> None:
    assert [name for name, query in named.items() if not (query.__doc__ or "").strip()] == []


def test_every_parameter_of_a_named_query_has_a_type() -> None:
    """Without one, PostgreSQL guesses, and fails where it is null."""
    untyped = [
        (path.name, found)
        for path in sql_files("queries")
        for found in re.findall(r"(?<![:\w]):([a-z_]+)\b(?!::)", without_comments(path.read_text()))
    ]
    assert untyped == []


def test_every_named_query_can_be_prepared_on_a_migrated_database(
    db: psycopg.Connection[Any], named: dict[str, Any]
) -> None:
    failures = {}
    for name, query in named.items():
        # A call of a procedure cannot be prepared.
        if query.operation.name == "SCRIPT" or query.sql.startswith("call "):
            continue
        text = PARAMETER.sub("null", query.sql).replace("%%", "%")
        try:
            with db.transaction(force_rollback=True):
                db.execute(sql.SQL("prepare of_a_name as {}").format(sql.SQL(text)))
        except psycopg.Error as error:
            failures[name] = str(error)
        db.execute("deallocate all")
    assert failures == {}


def query_references() -> list[tuple[str, str, ast.Call | None]]:
    """Where app/ names a query: place, query, and the call, if it is one."""
    found = []
    for path in sorted(APP.rglob("*.py")):
        tree = ast.parse(path.read_text())
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            owner = node.value
            if getattr(owner, "id", getattr(owner, "attr", None)) == "queries":
                place = f"{path.relative_to(APP.parent)}:{node.lineno}"
                found.append((place, node.attr, calls.get(id(node))))
    return found


def test_every_query_that_the_program_names_exists_and_every_one_is_used(named: dict[str, Any]) -> None:
    references = query_references()
    assert [(place, name) for place, name, _ in references if name not in named] == []
    assert named.keys() - {name for _, name, _ in references} == set()


def test_a_query_is_called_with_the_parameters_that_it_declares_and_no_others(named: dict[str, Any]) -> None:
    """aiosql passes over those that it does not know."""
    wrong = []
    calls = [(place, name, call) for place, name, call in query_references() if call is not None and name in named]
    for place, name, call in calls:
        # The terms of every transaction of the service are handed on as they are.
        terms = ["role", "application_name", "statement_ms", "lock_ms"]
        given = [name for keyword in call.keywords for name in ([keyword.arg] if keyword.arg else terms)]
        declared = named[name].parameters or []
        if len(call.args) != 1 or set(given) != set(declared):
            wrong.append((place, name, given, declared))
    assert wrong == []
    assert calls
