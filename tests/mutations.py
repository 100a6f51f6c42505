"""What can be taken from the database one at a time, the tests that should notice it, and what none of them can.

The tests here assert behaviour. Those that compare the catalog with a list (test_contract.py, and that every rule has
its cases) are left out on purpose: they would notice everything, and prove nothing about it.
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
    """What tests of it have in their names."""

    @property
    def name(self) -> str:
        """Kind, table and rule."""
        return f"{self.kind} {self.subject}"


TENANTS = "tests/sql/test_tenants.py"
BOOK = [
    "tests/sql/test_facts_are_final.py",
    "tests/sql/test_record_transaction.py",
    "tests/sql/test_worked_cases.py",
    "tests/sql/test_void_transaction.py",
    "tests/sql/test_correct_transaction.py",
    "tests/sql/test_record_transactions.py",
]
SERVICE = ["tests/app/test_tenants.py", "tests/app/test_resources.py"]
SIGNALS = ["tests/app/test_trading_signals.py"]
STAMPS = ["tests/sql/test_code_quality.py", "-k", "updated_at"]
ACTS = [
    "tests/sql/test_events.py",
    "tests/sql/test_trading_config.py",
    "tests/sql/test_hostile_requests.py",
    "tests/sql/test_apply_rules.py",
    "-k",
    "announced or rules_go_by or fits_nowhere or rules_that_have_changed or goes_with_its_wallet",
]
GUARDS = ["tests/sql/test_policies.py", "tests/sql/test_facts_are_final.py", "-k", "guard or fact"]
RULE = ["tests/sql/test_table_rules.py", "-k", "{rule} and not test_every"]
KEY = ["tests/sql/test_table_keys.py", "-k", "{rule} and not test_every"]
POLICY = ["tests/sql/test_policies.py"]
DELETES = ["tests/sql/test_cascades.py", "-k", "deleting or deleted"]

QUICK: dict[str, list[list[str]]] = {
    "trigger": [STAMPS, GUARDS, BOOK, ACTS, [TENANTS], SIGNALS],
    "policy": [POLICY, [TENANTS], SERVICE, BOOK],
    "row security": [POLICY, [TENANTS], SERVICE, BOOK],
    "check": [RULE, BOOK],
    "foreign key": [KEY, DELETES, BOOK],
    "unique": [KEY, BOOK],
    "not null": [KEY, BOOK],
}
"""Arguments of pytest by what a mutation takes, those first that are most likely to notice, and fast.

{rule} stands for the rule's name.
"""

_IMPLIED = "implied by the primary key; there as a replica identity, with which a user can be moved"

_FOR_EVERYONE = "all rows are everyone's; who writes them is said by grants alone"

_OPERATOR = "who may read or write it at all may do so with every row; who that is, is said by grants alone"

KNOWN: dict[str, str] = {
    "drop row security event_numbering": _FOR_EVERYONE,
    "drop row security job_runs": _OPERATOR,
    "drop row security request_counts": _OPERATOR,
    "drop row security sessions": _OPERATOR,
    "drop row security settings": _FOR_EVERYONE,
    "drop row security token_prices": _FOR_EVERYONE,
    "drop unique agent_balance_snapshots.agent_balance_snapshots_agent_id_id_key": _IMPLIED,
    "drop unique agent_balances.agent_balances_agent_id_id_key": _IMPLIED,
    "drop unique agent_historical_swaps.agent_historical_swaps_agent_id_id_key": _IMPLIED,
    "drop unique agent_positions.agent_positions_agent_id_id_key": _IMPLIED,
    "drop unique agent_token_withdrawals.agent_token_withdrawals_agent_id_id_key": _IMPLIED,
    "drop unique position_actions.position_actions_agent_id_id_key": _IMPLIED,
    "drop unique agent_positions.agent_positions_purchase_transaction_id_key": (
        "the contract's; implied by the primary key, which a CHECK makes equal to it"
    ),
    "drop unique users.users_email_key": "the contract's; implied by users_email_in_lower_case_key, which is stricter",
}
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
            union all
            select
                'drop not null',
                t.name || '.' || a.attname,
                format('alter table %s alter column %I drop not null', t.quoted, a.attname),
                'lacks_only and ' || t.name
            from pg_attribute as a
            join tables as t on t.oid = a.attrelid
            where
                a.attnum > 0 and a.attnotnull and not a.attisdropped and a.attidentity = ''
                and not exists (
                    select from pg_index as i
                    where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)
                )
            order by 1, 2
            """
        )
        return found.fetchall()


def quick_tests(mutation: Mutation) -> list[list[str]]:
    """Arguments of pytest for the tests that should notice it."""
    kind = mutation.kind.partition(" ")[2]
    return [[word.format(rule=mutation.rule) for word in step] for step in QUICK[kind]]
