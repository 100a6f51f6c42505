"""What can be taken from the database one at a time, the tests that should notice it, and what none of them can.

The tests here assert behaviour. Those that compare the catalog with a list (test_contract.py, and that every CHECK
has its cases) are left out on purpose: they would notice everything, and prove nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Mutation:
    """A statement that takes one rule away; `kind` and `subject` are its name."""

    kind: str
    subject: str
    statement: str
    rule: str
    """The rule's own name, by which tests of it are found."""

    @property
    def name(self) -> str:
        """Kind, table and rule."""
        return f"{self.kind} {self.subject}"


RULES = "tests/sql/test_table_rules.py"
CASCADES = "tests/sql/test_cascades.py"
TENANTS = "tests/sql/test_tenants.py"
BOOK = [
    "tests/sql/test_facts_are_final.py",
    "tests/sql/test_record_transaction.py",
    "tests/sql/test_worked_cases.py",
    "tests/sql/test_void_transaction.py",
    "tests/sql/test_correct_transaction.py",
    "tests/sql/test_record_transactions.py",
]
DELETES = [CASCADES, "-k", "deleting or deleted"]
STAMPS = ["tests/sql/test_code_quality.py", "-k", "updated_at"]
KEYS = [RULES, "-k", "not test_every_check and not _rule["]

QUICK: dict[str, list[list[str]]] = {
    "trigger": [BOOK, STAMPS, [TENANTS], KEYS],
    "policy": [[TENANTS], BOOK, ["tests/app/test_tenants.py"]],
    "row security": [[TENANTS], BOOK, ["tests/app/test_tenants.py"]],
    "check": [[RULES, "-k", "{rule} and not test_every_check"], BOOK],
    "foreign key": [DELETES, KEYS, BOOK, [TENANTS]],
    "unique": [KEYS, BOOK, DELETES, [TENANTS]],
}
"""Arguments of pytest, those first that are most likely to notice; the kind is the last word, or words, of a
mutation's. {rule} stands for the rule's name.
"""

KNOWN: dict[str, str] = {}
"""Mutations that no test can notice, and why."""


def mutations(db: psycopg.Connection[Any]) -> list[Mutation]:
    """Every rule of schema public that one statement takes away, in the order of their names."""
    with db.cursor(row_factory=class_row(Mutation)) as cursor:
        found = cursor.execute(
            """
            with tables as (
                select
                    c.oid,
                    c.relname::text as name,
                    c.oid::regclass::text as quoted,
                    c.relrowsecurity as is_secured
                from pg_class as c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            )

            select
                'drop trigger' as kind,
                t.name || '.' || g.tgname as subject,
                format('drop trigger %I on %s', g.tgname, t.quoted) as statement,
                g.tgname::text as rule
            from pg_trigger as g
            join tables as t on t.oid = g.tgrelid
            where not g.tgisinternal
            union all
            select
                case c.contype when 'c' then 'drop check' when 'f' then 'drop foreign key' else 'drop unique' end,
                t.name || '.' || c.conname,
                format('alter table %s drop constraint %I', t.quoted, c.conname),
                c.conname
            from pg_constraint as c
            join tables as t on t.oid = c.conrelid
            where
                c.contype in ('c', 'f', 'u')
                -- One that a foreign key needs cannot go alone.
                and not exists (
                    select from pg_constraint as f
                    where c.contype = 'u' and f.contype = 'f' and f.conindid = c.conindid
                )
            union all
            select
                'drop unique',
                t.name || '.' || x.relname,
                format('drop index %s', x.oid::regclass),
                x.relname
            from pg_index as i
            join tables as t on t.oid = i.indrelid
            join pg_class as x on x.oid = i.indexrelid
            where i.indisunique and not exists (select from pg_constraint as c where c.conindid = i.indexrelid)
            union all
            select
                'drop policy',
                t.name || '.' || p.polname,
                format('drop policy %I on %s', p.polname, t.quoted),
                p.polname
            from pg_policy as p
            join tables as t on t.oid = p.polrelid
            union all
            select
                'open policy',
                t.name || '.' || p.polname,
                format(
                    'alter policy %I on %s %s %s',
                    p.polname,
                    t.quoted,
                    case when p.polqual is not null then 'using (true)' end,
                    case when p.polwithcheck is not null then 'with check (true)' end
                ),
                p.polname
            from pg_policy as p
            join tables as t on t.oid = p.polrelid
            where
                coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') <> 'true'
                or coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') <> 'true'
            union all
            select
                'drop row security',
                t.name,
                format('alter table %s disable row level security', t.quoted),
                t.name
            from tables as t
            where t.is_secured
            order by 1, 2
            """
        )
        return found.fetchall()


def quick_tests(mutation: Mutation) -> list[list[str]]:
    """Arguments of pytest for the tests that should notice it."""
    kind = mutation.kind.partition(" ")[2]
    return [[word.format(rule=mutation.rule) for word in step] for step in QUICK[kind]]
