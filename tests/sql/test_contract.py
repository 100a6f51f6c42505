"""The contract's tables, columns, keys, indexes, cascades and enum exist in schema public under its names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.sql.contract import ENUMS, TABLES, Column, Table, groups

CONTRACT = Path(__file__).parents[3] / "shared" / "contract"

# Names of the contract that PostgreSQL spells otherwise; amounts are wider, as settled.
SPELLINGS = {
    "int": "integer",
    "serial": "integer",
    "timestamptz": "timestamp with time zone",
    "decimal(30,18)": "numeric(38,18)",
    "TransactionType": '"TransactionType"',
}

ON_DELETE = {"cascade": "c", "null": "n", "refuse": "a"}

COLUMNS = {f"{table}.{name}": column for table, known in TABLES.items() for name, column in known.columns.items()}
"""Every column of the contract, by table and name."""


def rows_of(db: psycopg.Connection[Any], query: str) -> list[dict[str, Any]]:
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def columns_of(db: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """The columns of the tables of schema public, by table and name."""
    rows = rows_of(
        db,
        """
        select
            c.relname || '.' || a.attname as name,
            format_type(a.atttypid, a.atttypmod) as type,
            not a.attnotnull as is_nullable,
            -- 'simulation'::character varying is simulation.
            regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(.*)''::.*$', '\\1') as default,
            pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null as is_serial
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        """,
    )
    return {row["name"]: row for row in rows}


def keys_of(db: psycopg.Connection[Any], kind: str) -> dict[str, set[tuple[str, ...]]]:
    """The primary keys (kind p) or unique constraints (u) of each table, a key as its columns in order."""
    rows = rows_of(
        db,
        """
        select
            t.relname as table_name,
            c.contype::text as kind,
            array(
                select a.attname::text
                from unnest(c.conkey) with ordinality as k (number, place)
                join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.number
                order by k.place
            ) as columns
        from pg_constraint as c
        join pg_class as t on t.oid = c.conrelid
        where t.relnamespace = 'public'::regnamespace and c.convalidated and not c.condeferrable
        """,
    )
    return {
        table: {tuple(row["columns"]) for row in rows if (row["table_name"], row["kind"]) == (table, kind)}
        for table in TABLES
    }


def postgres_type(column: Column) -> str:
    renamed = column.type.replace("varchar", "character varying").replace("decimal", "numeric")
    return SPELLINGS.get(column.type, renamed)


def test_every_enum_has_the_values_of_the_contract_in_their_order(db: psycopg.Connection[Any]) -> None:
    rows = rows_of(
        db,
        """
        select
            t.typname as name,
            array_agg(e.enumlabel::text order by e.enumsortorder) as labels
        from pg_enum as e
        join pg_type as t on t.oid = e.enumtypid
        where t.typnamespace = 'public'::regnamespace
        group by t.typname
        """,
    )
    found = {row["name"]: row["labels"] for row in rows}
    assert {name: found.get(name) for name in ENUMS} == ENUMS


def test_every_column_exists_with_its_type(db: psycopg.Connection[Any]) -> None:
    found = columns_of(db)
    expected = {name: postgres_type(column) for name, column in COLUMNS.items()}
    assert {name: found[name]["type"] if name in found else "is missing" for name in COLUMNS} == expected


def test_a_column_is_nullable_where_the_contract_says_so_and_nowhere_else(db: psycopg.Connection[Any]) -> None:
    found = columns_of(db)
    expected = {name for name, column in COLUMNS.items() if column.is_nullable}
    assert {name for name in COLUMNS if found[name]["is_nullable"]} == expected


def test_every_default_of_the_contract_exists(db: psycopg.Connection[Any]) -> None:
    found = columns_of(db)
    expected = {name: column.default for name, column in COLUMNS.items() if column.default is not None}
    assert {name: found[name]["default"] for name in expected} == expected


def test_the_database_makes_ids_and_updated_at_itself(db: psycopg.Connection[Any]) -> None:
    found = columns_of(db)
    for name, column in COLUMNS.items():
        if name.endswith(".id") and column.type == "serial":
            assert found[name]["is_serial"], name
            assert found[name]["default"].startswith("nextval("), name
        elif name.endswith(".id"):
            assert found[name]["default"] == "gen_random_uuid()", name
        elif name.endswith(".updated_at"):
            assert found[name]["default"] == "now()", name


def test_every_primary_key_is_that_of_the_contract(db: psycopg.Connection[Any]) -> None:
    assert keys_of(db, "p") == {name: {table.primary_key} for name, table in TABLES.items()}


def test_every_unique_constraint_of_the_contract_exists(db: psycopg.Connection[Any]) -> None:
    found = keys_of(db, "u")
    assert {(name, key) for name, table in TABLES.items() for key in table.unique - found[name]} == set()


def test_every_index_of_the_contract_exists_or_another_begins_with_its_columns(db: psycopg.Connection[Any]) -> None:
    rows = rows_of(
        db,
        """
        select
            t.relname as table_name,
            array(
                select a.attname::text
                from unnest(i.indkey::int2[]) with ordinality as k (number, place)
                join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
                where k.place <= i.indnkeyatts
                order by k.place
            ) as columns
        from pg_index as i
        join pg_class as t on t.oid = i.indrelid
        join pg_class as c on c.oid = i.indexrelid
        join pg_am as m on m.oid = c.relam
        where
            t.relnamespace = 'public'::regnamespace and m.amname = 'btree'
            and i.indisvalid and i.indpred is null and i.indexprs is null
        """,
    )
    missing = [
        (name, wanted)
        for name, table in TABLES.items()
        for wanted in table.indexes
        if not any(row["table_name"] == name and tuple(row["columns"][: len(wanted)]) == wanted for row in rows)
    ]
    assert missing == []


def test_every_foreign_key_of_the_contract_exists_and_does_on_delete_what_it_says(db: psycopg.Connection[Any]) -> None:
    """A key may have more columns than the contract's, but none that is null: it would check nothing."""
    rows = rows_of(
        db,
        """
        select
            t.relname || '.' || a.attname as name,
            o.relname as target,
            c.confdeltype::text as on_delete,
            c.confdelsetcols = array[a.attnum] as sets_it_alone
        from pg_constraint as c
        join pg_class as t on t.oid = c.conrelid
        join pg_class as o on o.oid = c.confrelid
        cross join lateral unnest(c.conkey, c.confkey) as k (number, target_number)
        join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.number
        join pg_index as i
            on i.indrelid = c.confrelid and i.indisprimary and i.indnatts = 1 and i.indkey[0] = k.target_number
        where
            t.relnamespace = 'public'::regnamespace and c.contype = 'f' and c.convalidated
            and not exists (
                select from pg_attribute as other
                where
                    other.attrelid = c.conrelid and other.attnum = any (c.conkey) and other.attnum <> a.attnum
                    and not other.attnotnull
            )
        """,
    )
    found = {(row["name"], row["target"]): row for row in rows}
    for name, column in COLUMNS.items():
        if column.references is not None:
            key = found.get((name, column.references))
            assert key is not None, f"{name} refers to no {column.references}"
            assert key["on_delete"] == ON_DELETE[str(column.on_delete)], name
            assert column.on_delete != "null" or key["sets_it_alone"], name


# The document itself, whose tables have lost the marks between their cells.

_HEADING = re.compile(r"\n([a-z_]+)\n\n[^\n]+\n\n(?=(?:[^\n]*\n\n)?ColumnTypeConstraintsDescription\n)")
_CELLS = re.compile(
    r"(?P<name>[a-z_]+?)"
    r"(?P<type>uuid\[\]|uuid|varchar\(\d+\)|timestamptz|int|serial|text\[\]|text|boolean|jsonb|enum|decimal\(\d+,\d+\))"
    r"(?P<constraints>(?:PK|UNIQUE|NOT NULL|NULLABLE|FK).*)"
)


def read_document(text: str) -> dict[str, Table]:
    """The tables of the tables reference; on_delete stands in the other document."""
    parts = _HEADING.split(text)
    tables = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: read_table(body) for name, body in tables.items()}


def read_table(body: str) -> Table:
    table = Table()
    lines = iter(body.splitlines())
    for line in lines:
        if line == "ColumnTypeConstraintsDescription":
            break
    for line in lines:
        if not line:
            break
        cells = _CELLS.fullmatch(line)
        assert cells is not None, f"not a column: {line}"
        constraints = cells["constraints"]
        default = re.search(r"DEFAULT (now\(\)|\d+|\[\]|true|false|'\w+?')", constraints)
        target = re.search(r"FK → ([a-z_]+)", constraints)
        table.columns[cells["name"]] = Column(
            "TransactionType" if cells["type"] == "enum" else cells["type"],
            "NULLABLE" in constraints,
            default[1].strip("'").replace("[]", "{}") if default else None,
            target[1] if target else None,
        )
        if constraints.startswith("PK"):
            table.primary_key = (cells["name"],)
        if "UNIQUE" in constraints:
            table.unique.add((cells["name"],))
    for line in lines:
        kind, _, rest = line.partition(": ")
        if kind == "Indexes":
            table.indexes = groups(rest.replace(" (unique)", ""))
        elif kind == "Unique Constraints":
            table.unique |= groups(rest.partition(" - ")[0])
    return table


def test_the_expectation_is_the_contracts_document() -> None:
    if not CONTRACT.is_dir():
        pytest.skip(f"the contract's documents are not in {CONTRACT}")
    texts = [path.read_text() for path in sorted(CONTRACT.iterdir())]
    (text,) = [text for text in texts if "\nTables Reference\n\nComplete column reference" in text]
    document = read_document(text)
    assert len(document) == 11
    for name, table in document.items():
        expected = TABLES[name]
        assert table.columns == {
            column: Column(known.type, known.is_nullable, known.default, known.references)
            for column, known in expected.columns.items()
        }
        assert table.primary_key == expected.primary_key
        assert table.unique == expected.unique
        assert table.indexes == expected.indexes
    assert document.keys() == TABLES.keys()
    enums = re.findall(r'CREATE TYPE "(\w+)" AS ENUM \(([^)]*)\)', text)
    assert {name: re.findall(r"'(\w+)'", labels) for name, labels in enums} == ENUMS
