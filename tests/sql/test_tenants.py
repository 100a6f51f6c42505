"""Two users with every kind of row: what either can reach of the other's, by table, view, function and URL.

The matrix is built from the catalog and from the service's own list of URLs, so that what is added is covered, or fails
until it is.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from tests.ledger import SOL, Ledger, acting_as, new_agent, new_user, value
from tests.sql.test_cascades import execute, new_key, new_live_wallet, new_session, new_signal, trade

_numbers = itertools.count(1)

READERS = ["api", "bi"]
"""The roles that one user works as."""


FOR_ONE_OR_ALL = {"trading_signals", "event_outbox", "events", "dead_tokens"}
"""The tables in which a row is of one user or for everyone."""


@dataclass
class Tenant:
    """A user, his agent and his login."""

    user: UUID
    ledger: Ledger
    login: str
    email: str
    key_prefix: str
    buy: UUID
    sale: UUID
    withdrawal: UUID
    signal: int
    order: UUID


@pytest.fixture
def logins(postgres: Any) -> Iterator[list[str]]:
    """Names for two logins, which are made by the test and belong to the whole server."""
    names = [f"reader_{next(_numbers)}_{uuid4().hex[:8]}" for _ in range(2)]
    yield names
    with psycopg.connect(**postgres.dsn()) as admin:
        for name in names:
            admin.execute(f"drop role if exists {name}")


@pytest.fixture
def tenants(logins: list[str], db: psycopg.Connection[Any]) -> tuple[Tenant, Tenant]:
    """Two users with a row in every table, and a signal for everyone that both acted on."""
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol)"
        " values ('A', 'feed', now(), 0.03), ('Q', 'feed', now(), 0.03)"
    )
    shared = new_signal(db)
    made = tuple(new_tenant(db, login, shared) for login in logins)
    with acting_as(db, "book"):
        db.execute("insert into dead_tokens (token_address, evidence, flagged_at) values ('Z', 'it is gone', now())")
    db.execute("select book.count_request('login', '{somebody}', 1, interval '1 hour', now())")
    db.execute("select book.start_job('audit_wallets', now(), null, now(), false)")
    # Some events are numbered, some not yet.
    db.execute("select book.number_events(1000)")
    for tenant in made:
        tenant.ledger.deposit(SOL, "1")
    db.commit()
    return made[0], made[1]


def new_tenant(db: psycopg.Connection[Any], login: str, shared: int) -> Tenant:
    user = new_user(db)
    email = value(db, "select email from users where id = %s", user)
    number = next(_numbers)
    new_key(db, user, number)
    new_session(db, user)
    value(db, "select book.grant_bi(%s, %s, null)", email, login)
    ledger = Ledger(db, agent=new_agent(db, user))
    own = new_signal(db, user)
    buy = trade(ledger, shared)
    trade(new_live_wallet(ledger), own)
    execute(db, shared, ledger.agent, "success", buy)
    execute(db, own, ledger.agent, "skipped", None)
    return Tenant(
        user,
        ledger,
        login,
        email,
        f"nex_{number:08}",
        buy,
        value(db, "select id from agent_historical_swaps where wallet_address = %s limit 1", ledger.wallet),
        value(db, "select id from agent_token_withdrawals where wallet_address = %s limit 1", ledger.wallet),
        own,
        value(db, "select id from trade_orders where user_id = %s and status = 'claimed' limit 1", user),
    )


class Session:
    """A connection that is one tenant's, as the service's role or by his own login; everything is rolled back."""

    def __init__(self, database_url: str, role: str, tenant: Tenant) -> None:
        self.role = role
        self.role_name = "tradebook_api" if role == "api" else tenant.login
        self.tenant = tenant
        url = database_url if role == "api" else make_conninfo(database_url, user=tenant.login)
        self.db = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def run(self, query: str | sql.Composed, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement in a transaction of its own, committed."""
        with self.db.transaction():
            if self.role == "api":
                self.db.execute(
                    "select set_config('tradebook.user_id', %s, true), set_config('role', 'tradebook_api', true)",
                    [str(self.tenant.user)],
                )
            else:
                self.db.execute("set transaction read write")
            self.db.execute("set local statement_timeout = '20s'")
            cursor = self.db.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def attempt(self, query: str | sql.Composed, *parameters: Any) -> tuple[str, str]:
        """What came of a statement: its SQLSTATE ('' where it went through), and all that was told of it."""
        try:
            return "", repr(self.run(query, *parameters))
        except psycopg.Error as error:
            assert not self.db.closed, f"the session has ended at {query!r}: {error}"
            diagnostics = error.diag
            told = [diagnostics.message_primary, diagnostics.message_detail, diagnostics.message_hint]
            return str(error.sqlstate), repr([*told, diagnostics.context])


# What belongs to whom, by the catalog


def tables(db: psycopg.Connection[Any]) -> list[str]:
    rows = db.execute(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " order by relname"
    ).fetchall()
    return [name for (name,) in rows]


def columns(db: psycopg.Connection[Any], relation: str) -> list[str]:
    rows = db.execute(
        "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " order by attnum",
        [relation],
    ).fetchall()
    return [name for (name,) in rows]


def owned(db: psycopg.Connection[Any], table: str, tenant: Tenant) -> str | None:
    """Which rows of a relation are a tenant's, told by its columns alone; None where no column tells whose."""
    # The documents of schema api spell them in camel case.
    known = {re.sub("([A-Z])", r"_\1", column).lower(): column for column in columns(db, table)}
    if table in ("public.users", "users"):
        return f"id = '{tenant.user}'"
    if "user_id" in known:
        return f"\"{known['user_id']}\" = '{tenant.user}'"
    if table == "api.events":
        return f"id in (select sequence from public.events where user_id = '{tenant.user}' or user_id is null)"
    if "agent_id" in known:
        return f"\"{known['agent_id']}\" in (select id from public.agents where user_id = '{tenant.user}')"
    if "wallet_address" in known:
        return (
            "wallet_address in (select w.wallet_address from public.agent_wallets w"
            f" join public.agents a on a.id = w.agent_id where a.user_id = '{tenant.user}')"
        )
    return None


def rows_of(db: psycopg.Connection[Any], tenant: Tenant) -> dict[str, list[str]]:
    """Every row that is a tenant's, and every row that is for everyone."""
    found = {}
    for table in tables(db):
        condition = owned(db, table, tenant)
        if condition is None:
            condition = "true"
        elif table in FOR_ONE_OR_ALL:
            condition += " or user_id is null"
        rows = db.execute(f"select t::text from public.{table} as t where {condition} order by 1").fetchall()
        found[table] = [row for (row,) in rows]
    db.rollback()
    return found


def secrets_of(db: psycopg.Connection[Any], tenant: Tenant) -> set[str]:
    """All ids, addresses and names that only his rows have."""
    found: set[str] = set()
    for table in tables(db):
        condition = owned(db, table, tenant)
        if condition is None:
            continue
        kinds = db.execute(
            "select attname::text, atttypid::regtype::text from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [f"public.{table}"],
        ).fetchall()
        telling = {"wallet_address", "email", "login", "key_prefix", "key_hash"}
        for column in [name for name, kind in kinds if kind == "uuid" or name in telling]:
            rows = db.execute(f"select {column}::text from public.{table} where {condition}").fetchall()
            found |= {text for (text,) in rows if text is not None}
    db.rollback()
    return found


def leaks(secrets: set[str], told: str, asked: str = "") -> set[str]:
    """Those that were told and not asked with."""
    return {secret for secret in secrets if secret in told and secret not in asked}


def test_both_users_have_a_row_in_every_table(db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]) -> None:
    empty = []
    for table in tables(db):
        for tenant in tenants:
            condition = owned(db, table, tenant)
            if not value(db, f"select count(*) from public.{table} where {condition or 'true'}"):
                empty.append(table)
    assert empty == [], "give these tenants rows in them, so that the tests of this file cover them"


def test_no_table_that_names_a_user_is_everyones(db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]) -> None:
    listed = dict(db.execute("select table_name, belongs_to from report.table_classes").fetchall())
    assert listed.keys() == set(tables(db))
    assert {name for name, whose in listed.items() if whose in ("everyone", "operator")} == {
        table for table in tables(db) if owned(db, table, tenants[0]) is None
    }


# Tables and views


def relations(db: psycopg.Connection[Any]) -> list[tuple[str, bool]]:
    """Every table and view, and whether it has policies of its own (or reads what has)."""
    rows = db.execute(
        """
        select c.oid::regclass::text
        from pg_class as c
        where
            c.relkind in ('r', 'p', 'v', 'm')
            and c.relnamespace::regnamespace::text in ('public', 'report', 'api', 'book', 'jobs')
        order by 1
        """
    ).fetchall()
    db.rollback()
    return [name for (name,) in rows]


def reads(database_url: str, db: psycopg.Connection[Any], role: str, mine: Tenant, other: Tenant) -> dict[str, str]:
    """What is wrong with what a tenant reads of each table and view; nothing, where nothing is."""
    wrong = {}
    secrets = secrets_of(db, other) - secrets_of(db, mine)
    with Session(database_url, role, mine) as session:
        for relation in relations(db):
            mine_to_read = value(
                db,
                "select array(select quote_ident(attname) from pg_attribute where attrelid = %s::regclass"
                " and attnum > 0 and not attisdropped and has_column_privilege(%s, attrelid, attnum, 'select')"
                # How old something is differs from one transaction to the next.
                " and attname !~ '_age_seconds$|AgeSeconds$|^oldest_price_seconds$' order by attnum)",
                relation,
                session.role_name,
            )
            if not mine_to_read:
                state, told = session.attempt(f"select from {relation}")
                if state != "42501":
                    wrong[relation] = f"can be read without a right: {told}"
                continue
            row = f"row({', '.join(mine_to_read)})::text"
            seen = [text for (text,) in session.run(f"select {row} from {relation} order by 1")]
            if leaks(secrets, repr(seen)):
                wrong[relation] = "shows another user's rows"
            condition = owned(db, relation, mine)
            if condition is None:
                continue
            if "signals" in relation or relation in FOR_ONE_OR_ALL:
                condition += ' or "userId" is null' if relation.startswith("api.") else " or user_id is null"
            whole = [text for (text,) in db.execute(f"select {row} from {relation} where {condition} order by 1")]
            db.rollback()
            if seen != whole:
                wrong[relation] = f"shows {len(seen)} rows of {len(whole)}"
    return wrong


@pytest.mark.parametrize("role", READERS)
def test_each_sees_exactly_his_rows_of_every_table_and_view(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant], role: str
) -> None:
    mine, other = tenants
    assert {"agent_positions", "api.positions", "report.position_values"} <= set(relations(db))
    assert reads(database_url, db, role, mine, other) == {}
    assert reads(database_url, db, role, other, mine) == {}


def test_a_table_without_a_policy_and_a_view_of_its_owner_are_found(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    """The matrix itself, tried: both would show another user's rows."""
    mine, other = tenants
    db.execute(
        """
        create table forgotten (user_id uuid);
        insert into forgotten select id from users;
        create view report.too_much as select * from agent_positions;
        grant select on forgotten, report.too_much to tradebook_api, tradebook_bi;
        """
    )
    db.commit()
    for role in READERS:
        assert reads(database_url, db, role, mine, other).keys() == {"forgotten", "report.too_much"}


def test_without_a_user_the_service_sees_nothing(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    for user in (None, "", str(uuid4())):
        with psycopg.connect(database_url) as session:
            if user is not None:
                session.execute("select set_config('tradebook.user_id', %s, true)", [user])
            session.execute("set local role tradebook_api")
            seen = {
                table: value(session, f"select count(*) from {table}")
                for table in tables(db)
                if owned(db, table, tenants[0]) is not None and table not in ("bi_logins", "sessions")
            }
        assert {table for table, count in seen.items() if count} == {"trading_signals", "events", "dead_tokens"}
        assert seen["trading_signals"] == seen["dead_tokens"] == 1


def test_every_view_reads_with_the_rights_of_who_asks(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        """
        select c.oid::regclass::text
        from pg_class as c
        where
            c.relkind = 'v'
            and c.relnamespace::regnamespace::text in ('public', 'report', 'api', 'book', 'jobs')
            and not coalesce(c.reloptions @> array['security_invoker=true'], false)
        """
    ).fetchall()
    assert rows == []


def test_what_a_view_keeps_is_nobodys(db: psycopg.Connection[Any]) -> None:
    # It holds what its owner saw, without row security: neither a table is in it, nor a function, which may read one.
    rows = db.execute(
        """
        select c.oid::regclass::text, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
        from pg_class as c
        join pg_rewrite as r on r.ev_class = c.oid
        join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        left join pg_class as source on d.refclassid = 'pg_class'::regclass and source.oid = d.refobjid
        where
            c.relkind = 'm'
            and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass)
            and source.relkind is distinct from 'm'
        """
    ).fetchall()
    assert rows == []
    assert value(db, "select count(*) from pg_class where relkind = 'm'") > 0


# Writing


def copies(db: psycopg.Connection[Any], table: str, tenant: Tenant, allowed: list[str]) -> dict[str, Any]:
    """A new row like one of the tenant's, of the columns that may be written."""
    with db.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        row = cursor.execute(f"select * from public.{table} where {owned(db, table, tenant)} limit 1").fetchone()
    db.rollback()
    assert row is not None
    fresh = {
        "id": uuid4(),
        "email": f"{uuid4()}@example.org",
        "wallet_address": f"sim_{uuid4().hex}",
        "key_hash": "$2b$12$" + uuid4().hex + "a" * 21,
        "login": uuid4().hex,
        "transaction_hash": uuid4().hex,
    }
    if table != "agent_wallets":
        del fresh["wallet_address"]
    if table == "signal_executions":
        fresh |= {"transaction_id": None, "status": "skipped", "signal_id": tenant.signal}
    if table in ("trading_signals", "event_outbox"):
        del fresh["id"]
    return {
        name: json.dumps(content) if isinstance(content, dict) else content
        for name, content in (row | {name: new for name, new in fresh.items() if name in row}).items()
        if name in allowed
    }


@pytest.mark.parametrize("role", READERS)
def test_no_statement_changes_anothers_rows(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant], role: str
) -> None:
    mine, other = tenants
    before = rows_of(db, other)
    secrets = secrets_of(db, other) - secrets_of(db, mine)
    went_through = []
    inserted = set()
    with Session(database_url, role, mine) as session:
        for table in tables(db):
            condition = owned(db, table, other)
            statements: list[sql.Composed | str] = [
                f"truncate {table}",
                f"truncate {table} cascade",
                f"copy {table} from stdin",
                *(f"update {table} set {column} = {column}" for column in columns(db, table)),
            ]
            if condition is not None:
                agents = f"'{other.ledger.agent}'"
                told = condition.replace(f"select id from public.agents where user_id = '{other.user}'", agents)
                statements += [
                    f"delete from {table} where {told}",
                    f"select * from {table} where {told} for update",
                    *(f"update {table} set {column} = default where {told}" for column in columns(db, table)),
                ]
                (allowed,) = session.run(
                    "select array(select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0"
                    " and not attisdropped and has_column_privilege(attrelid, attnum, 'insert'))",
                    table,
                )[0]
                # The place of a row is drawn, unless a batch says otherwise.
                stated = [name for name in allowed or columns(db, table) if name != "ledger_order"]
                row = copies(db, table, other, stated)
                insert = sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join(map(sql.Literal, row.values())),
                )
                state, told = session.attempt(insert)
                if allowed:
                    inserted.add(table)
                if state not in ("42501", "TB007"):
                    went_through.append((table, state, told))
            for statement in statements:
                state, told = session.attempt(statement)
                if leaks(secrets, told, str(statement)):
                    went_through.append((table, state, told))
                if str(statement).startswith(("truncate", "copy")) and state not in ("42501", "0A000"):
                    went_through.append((table, state, told))
            assert rows_of(db, other) == before, table
    assert went_through == []
    assert inserted == (
        {"agent_transactions", "agent_wallets", "agents", "api_keys", "signal_executions", "trading_signals"}
        if role == "api"
        else set()
    )


def test_no_user_makes_a_signal_for_everyone_or_himself_the_operator(
    database_url: str, tenants: tuple[Tenant, Tenant]
) -> None:
    mine, _ = tenants
    key = "$2b$12$" + "b" * 53
    with Session(database_url, "api", mine) as session:
        for statement in (
            "insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'buy', 3)",
            "update trading_signals set signal_strength = 5 where user_id is null returning id",
            "insert into api_keys (user_id, name, key_hash, key_prefix, scopes)"
            f" values ('{mine.user}', 'key', '{key}', 'nex_00000000', '{{feed}}')",
            "update api_keys set scopes = '{feed}'",
            "insert into token_prices (token_address, source, observed_at, price_sol) values ('A', 'x', now(), 1)",
        ):
            assert session.attempt(statement) in [("", "[]")] or session.attempt(statement)[0] == "42501", statement
        assert session.run("select count(*) from trading_signals where user_id is null and signal_strength = 5") == [
            (0,)
        ]


def test_a_signal_of_another_user_is_as_one_that_does_not_exist(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    mine, other = tenants
    told = set()
    with Session(database_url, "api", mine) as session:
        for signal in (other.signal, 999_999):
            for number, statement in enumerate(
                (
                    "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time,"
                    " input_mint, input_amount, value_usd, signal_id)"
                    f" values ('{mine.ledger.agent}', '{mine.ledger.wallet}', 'DEPOSIT', now(), '{SOL}', 1, 1,"
                    f" {signal})",
                    "insert into signal_executions (agent_id, signal_id, status)"
                    f" values ('{mine.ledger.agent}', {signal}, 'skipped')",
                    f"update signal_executions set signal_id = {signal} where status = 'skipped'",
                )
            ):
                told.add((number, session.attempt(statement)))
    assert len(told) == 3
    assert {state for _, (state, _) in told} == {"TB007", "42501"}
    # The superuser too: the rule is about whose signal it is, not about who asks.
    with pytest.raises(psycopg.Error) as refusal:
        mine.ledger.buy("A", "1", "1", signal_id=other.signal)
    assert refusal.value.sqlstate == "TB007"
    db.rollback()


# Functions


@dataclass(frozen=True)
class Argument:
    """An argument of a function, or an attribute of a type."""

    name: str
    type: int


@dataclass
class Type:
    """A type of the database: its name, c where it is composite, of what it is an array, its attributes."""

    name: str
    kind: str
    element: int
    attributes: list[Argument]


def all_types(db: psycopg.Connection[Any]) -> dict[int, Type]:
    rows = db.execute(
        """
        select
            t.oid::int,
            t.oid::regtype::text,
            t.typtype::text,
            t.typelem::int,
            array(select a.attname::text from pg_attribute as a
                where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum),
            array(select a.atttypid::int from pg_attribute as a
                where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum)
        from pg_type as t
        """
    ).fetchall()
    db.rollback()
    return {
        oid: Type(name, kind, element, [Argument(*each) for each in zip(names, kinds, strict=True)])
        for oid, name, kind, element, names, kinds in rows
    }


class Arguments:
    """Expressions for arguments of any type, full of one tenant's ids."""

    def __init__(self, types: dict[int, Type], of: Tenant, owner: UUID | None, id_: UUID, request: Any) -> None:
        self.types = types
        self.of = of
        self.owner = owner
        self.id = id_
        self.request = request

    def expression(self, argument: Argument) -> str:
        known = self.types[argument.type]
        if known.name.endswith("[]"):
            return f"array[{self.expression(Argument(argument.name, known.element))}]::{known.name}"
        if known.kind == "c":
            return f"row({', '.join(map(self.expression, known.attributes))})::{known.name}"
        return f"{sql.Literal(self.text(argument.name, known.name)).as_string()}::{known.name}"

    def text(self, name: str, kind: str) -> str | None:
        ledger = self.of.ledger
        by_name: dict[str, Any] = {
            "owner": self.owner,
            "user_id": self.of.user,
            "agent": ledger.agent,
            "agent_id": ledger.agent,
            "wallet": ledger.wallet,
            "wallet_address": ledger.wallet,
            "addresses": ledger.wallet,
            "trade_order": self.of.order,
            "address": self.of.email if self.id == self.of.buy else ledger.wallet,
            "login_name": self.of.login,
            "prefix": self.of.key_prefix,
            "granularity": "day",
            "method": "fifo",
        }
        by_type = {
            "uuid": self.id,
            "jsonb": json.dumps(self.request, default=str),
            "json": json.dumps(self.request, default=str),
            "boolean": "true",
            "timestamp with time zone": "2026-01-01T05:00:00Z",
            "date": "2026-01-01",
            "interval": "1 hour",
            "numrange": "[0,1]",
            "inet": "127.0.0.1",
            "bytea": "\\x00",
            '"TransactionType"': "DEPOSIT",
            "text": "A",
            "name": "A",
            "character varying": "A",
        }
        if name in by_name and kind in ("uuid", "text", "name", "character varying"):
            return None if by_name[name] is None else str(by_name[name])
        if kind in by_type:
            return str(by_type[kind])
        if name.endswith("_ms"):
            return "20000"  # a limit that ends the session would leave the functions after it untried
        assert kind in {"integer", "smallint", "bigint", "numeric", "double precision"}, f"say a value of type {kind}"
        return "1"


def functions(db: psycopg.Connection[Any], role: str) -> list[tuple[str, list[Argument]]]:
    """Every function that the role may execute, with its input arguments."""
    rows = db.execute(
        """
        select
            p.oid::regproc::text,
            coalesce(p.proargnames, '{}'),
            p.proargtypes::oid[]::int[]
        from pg_proc as p
        where
            p.pronamespace::regnamespace::text in ('book', 'report', 'api', 'jobs', 'public')
            and p.prorettype <> 'trigger'::regtype and p.prokind = 'f'
            and has_function_privilege(%s, p.oid, 'execute')
            and has_schema_privilege(%s, p.pronamespace, 'usage')
        order by 1
        """,
        [f"tradebook_{role}"] * 2,
    ).fetchall()
    db.rollback()
    # Arguments that go out have names after all that come in.
    return [(name, [Argument(n, t) for n, t in zip(names, types, strict=False)]) for name, names, types in rows]


def requests(mine: Tenant, other: Tenant) -> list[Any]:
    """What JSON arguments may hold: a transaction, an import of one, a wallet, an agent, a login."""
    transaction = {
        "agentId": other.ledger.agent,
        "walletAddress": other.ledger.wallet,
        "transactionType": "DEPOSIT",
        "transactionTime": "2026-01-03T00:00:00Z",
        "inputMint": SOL,
        "inputAmount": "1",
        "valueUsd": "1",
    }
    without_agent = {name: content for name, content in transaction.items() if name != "agentId"}
    return [
        transaction,
        [transaction],
        transaction | {"agentId": mine.ledger.agent},
        transaction | {"id": other.buy, "agentId": mine.ledger.agent, "walletAddress": mine.ledger.wallet},
        [{"file": "f", "line": 1, "identity": "x", "occurrence": 1, "transaction": without_agent}],
        {"agentId": other.ledger.agent, "walletAddress": "sim_" + "x" * 28, "walletType": "simulation"},
        {"name": "theirs"},
        {"executor": "mine"},
        {"executor": "mine", "agentId": other.ledger.agent},
        {"transactionHash": "hash of mine", "outputAmount": "1"},
        {"error": "no route"},
        {},
        {"priceSol": "1"},
        {"agentId": other.ledger.agent, "tokenAddress": "Q"},
        {"agentId": mine.ledger.agent, "tokenAddress": "Q"},
        {"tokenAddress": "A", "evidence": "its pool is empty"},
        {"email": other.email, "password": ""},
    ]


ACTS = {
    f"book.{name}"
    for name in (
        "claim_orders",
        "fill_order",
        "fail_order",
        "close_position",
        "execute_trade",
        "flag_dead_token",
    )
}
"""What a user does with orders and positions."""


BEFORE_WHO_ASKS_IS_KNOWN = {
    "book.find_api_keys",
    "book.find_login",
    "book.log_in",
    "book.count_request",
    "book.number_events",
}
"""These tell of all accounts, or count or put in order for all: the service may call them, a person's login may not."""


def reached(database_url: str, db: psycopg.Connection[Any], role: str, mine: Tenant, other: Tenant) -> dict[str, str]:
    """Functions by which a tenant reaches another's rows, and how."""
    before = rows_of(db, other)
    secrets = secrets_of(db, other) - secrets_of(db, mine)
    types = all_types(db)
    wrong = {}
    with Session(database_url, role, mine) as session:
        for name, arguments in functions(db, role):
            takes_json = any(types[each.type].name in ("json", "jsonb") for each in arguments)
            calls = {
                ", ".join(map(Arguments(types, other, owner, id_, request).expression, arguments))
                for owner in (mine.user, other.user, None)
                for id_ in (other.buy, other.sale, other.withdrawal)
                for request in (requests(mine, other) if takes_json else [None])
            }
            for call in sorted(calls):
                _, told = session.attempt(f"select f.* from {name}({call}) as f".replace("%", "%%"))
                if leaks(secrets, told, call) and name not in BEFORE_WHO_ASKS_IS_KNOWN:
                    wrong[name] = f"({call}) tells {told}"
            after = rows_of(db, other)
            if after != before:
                if name not in BEFORE_WHO_ASKS_IS_KNOWN:
                    wrong[name] = "changes rows"
                before = after
    return wrong


@pytest.mark.parametrize("role", READERS)
def test_no_function_reads_or_changes_anothers_rows(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant], role: str
) -> None:
    known = {name for name, _ in functions(db, role)}
    assert {"book.record_transaction", "book.performance_summary", "book.import_transactions"} <= known
    assert (known >= ACTS) is (role == "api")
    assert not known & {"book.apply_rules", "book.act_on_pending", "book.act_on_signal", "book.expire_orders"}
    assert reached(database_url, db, role, *tenants) == {}


def test_a_function_that_reaches_anothers_rows_is_found(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    """The matrix itself, tried."""
    db.execute(
        """
        create function report.read_too_much(owner uuid) returns setof public.agents language sql
        security definer as 'select * from public.agents where user_id = owner';
        create function report.write_too_much(id uuid) returns void language sql
        security definer as 'update public.agent_transactions set slippage = 7 where agent_transactions.id = $1';
        """
    )
    db.commit()
    assert reached(database_url, db, "api", *tenants).keys() == {"report.read_too_much", "report.write_too_much"}


def test_what_runs_with_the_rights_of_the_book_is_known_and_has_a_path_of_its_own(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        """
        select
            p.oid::regprocedure::text,
            p.proowner::regrole::text,
            exists (
                select from unnest(p.proconfig) as c (setting)
                where c.setting ~ '^search_path=.*pg_temp$'
            ),
            p.prorettype = 'trigger'::regtype,
            array(
                select a.grantee::regrole::text from aclexplode(p.proacl) as a where a.grantee <> p.proowner
            )
        from pg_proc as p
        where p.pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema') and p.prosecdef
        """
    ).fetchall()
    known = {
        "book.find_api_keys(text)": ["tradebook_api"],
        "book.installed_code()": ["tradebook_api"],
        "book.ledger_figures(timestamp with time zone)": ["tradebook_api"],
        "book.job_figures(timestamp with time zone)": ["tradebook_api"],
        "book.find_api_key(uuid,text)": ["tradebook_api"],
        "book.find_session(uuid,bytea,timestamp with time zone)": ["tradebook_api"],
        "book.count_request(text,text[],integer,interval,timestamp with time zone)": ["tradebook_api"],
        "book.register(jsonb,text)": ["tradebook_api"],
        "book.find_login(jsonb)": ["tradebook_api"],
        "book.log_in(jsonb,text,boolean,uuid,bytea,bytea,timestamp with time zone)": ["tradebook_api"],
        "book.refresh_session(jsonb,uuid,bytea,bytea,bytea,timestamp with time zone)": ["tradebook_api"],
        "book.log_out(uuid)": ["tradebook_api"],
        "book.change_password(uuid,text,boolean,text,timestamp with time zone)": ["tradebook_api"],
        "book.take_signals_turn(uuid)": ["tradebook_api", "tradebook_feed"],
        "book.void_transaction(uuid,text)": ["tradebook_api"],
        "book.correct_transaction(uuid,jsonb,text)": ["tradebook_api"],
        "book.claim_orders(uuid,jsonb,uuid,timestamp with time zone)": ["tradebook_api"],
        "book.fill_order(uuid,uuid,jsonb,timestamp with time zone)": ["tradebook_api"],
        "book.fail_order(uuid,uuid,jsonb,timestamp with time zone)": ["tradebook_api"],
        "book.close_position(uuid,uuid,uuid,jsonb,uuid,timestamp with time zone)": ["tradebook_api"],
        "book.execute_trade(uuid,jsonb,uuid,timestamp with time zone)": ["tradebook_api"],
        "book.flag_dead_token(uuid,jsonb,timestamp with time zone)": ["tradebook_api", "tradebook_feed"],
        "book.apply_rules(text[],timestamp with time zone,text[],jsonb)": ["tradebook_feed", "tradebook_jobs"],
        "book.act_on_pending(timestamp with time zone)": ["tradebook_jobs"],
        "book.review_recent_prices(timestamp with time zone)": ["tradebook_jobs"],
        "book.stir_all_positions()": [],
        "book.expire_orders(timestamp with time zone)": ["tradebook_jobs"],
        # By a trigger alone.
        "book.act_on_signal(integer,timestamp with time zone)": [],
        "book.seal_wallet(text,timestamp with time zone,timestamp with time zone,integer)": ["tradebook_jobs"],
        "book.store_audit(text,timestamp with time zone)": ["tradebook_jobs"],
        "book.store_balance_snapshots(timestamp with time zone)": ["tradebook_jobs"],
        "book.backfill_snapshots_of(text,timestamp with time zone,timestamp with time zone)": ["tradebook_jobs"],
        "book.prune_prices_of(text,text,timestamp with time zone,timestamp with time zone,integer)": ["tradebook_jobs"],
        "book.number_events(integer)": ["tradebook_api", "tradebook_jobs"],
        "book.prune_events(timestamp with time zone,integer)": ["tradebook_jobs"],
        "book.restart_events()": [],
        "book.rebuild_wallet(text)": [],
        "book.fill_missing_totals()": [],
        "book.analyze_grown_tables()": [],
    }
    assert "book.tg_agent_transactions__post()" in {name for name, *_ in rows}
    for name, owner, has_path, is_trigger, grantees in rows:
        # Tables are analyzed by their owner.
        own = "tradebook_owner" if name == "book.analyze_grown_tables()" else "tradebook_book"
        assert (owner, has_path) == (own, True), name
        assert set(grantees) == {"tradebook_owner", "tradebook_book", *known.get(name, [])} - {own}, name
        assert is_trigger or name in known, f"say what {name} may show, and to whom"


def test_a_trigger_of_a_delete_has_a_path_of_its_own(db: psycopg.Connection[Any]) -> None:
    """A cascade runs it with the rights of the tables' owner, on the path of whoever deletes."""
    rows = db.execute(
        """
        select p.oid::regproc::text
        from pg_trigger as t
        join pg_proc as p on p.oid = t.tgfoid
        where
            not t.tgisinternal and t.tgtype::int & 8 = 8
            and not exists (select from unnest(p.proconfig) as c (setting) where c.setting ~ '^search_path=.*pg_temp$')
        """
    ).fetchall()
    assert rows == []


# Settings and roles


def test_a_login_gains_nothing_by_settings_or_roles(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    mine, other = tenants
    with psycopg.connect(make_conninfo(database_url, user=mine.login), autocommit=True) as session:
        before = value(session, "select array_agg(id order by id) from agent_transactions")
        assert value(session, "show default_transaction_read_only") == "on"
        for name, content in {
            "tradebook.user_id": str(other.user),
            "tradebook.actor": "key forged",
            "row_security": "on",
            "default_transaction_read_only": "off",
            "search_path": "pg_temp, public",
        }.items():
            session.execute("select set_config(%s, %s, false)", [name, content])
        assert value(session, "select array_agg(id order by id) from agent_transactions") == before
        assert value(session, "select book.recorder()") == f"login {mine.login}"
        assert value(session, "select book.is_unlimited()") is False
        for purpose in ("owner", "book", "api", "jobs", "feed"):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(f"set role tradebook_{purpose}")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute(f"set session authorization {other.login}")
        # Its rows come with the login, not with the role that it is a member of.
        session.execute("set role tradebook_bi")
        assert value(session, "select count(*) from agent_transactions") == 0
        session.execute("reset role")
        session.execute("set row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("select from agent_transactions")


def test_who_recorded_a_fact_is_what_the_service_says_and_else_the_login(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    mine, _ = tenants
    login = value(db, "select session_user")
    with psycopg.connect(database_url) as session:
        session.execute("select set_config('tradebook.actor', 'key 1', true)")
        assert value(session, "select book.recorder()") == f"login {login}"
        session.execute("set local role tradebook_owner")
        assert value(session, "select book.recorder()") == f"login {login}"
        session.execute("set local role tradebook_api")
        assert value(session, "select book.recorder()") == "key 1"
        assert value(session, "select book.may_act_for(%s)", mine.user) is False
        session.execute("select set_config('tradebook.user_id', %s, true)", [str(mine.user)])
        assert value(session, "select book.may_act_for(%s)", mine.user) is True
        session.execute("reset role")
        assert value(session, "select book.may_act_for(%s)", uuid4()) is True


# Guards


VERBS = ["insert into {} default values", "update {0} set {1} = {1}", "delete from {}", "truncate {} cascade"]


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_writes_what_is_derived(
    database_url: str, db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant], verb: str
) -> None:
    derived = [
        name for (name,) in db.execute("select table_name from report.table_classes where is_derived order by 1")
    ]
    assert {"agent_balances", "agent_positions", "agent_historical_swaps"} <= set(derived)
    before = rows_of(db, tenants[0])
    for table in derived:
        statement = verb.format(table, columns(db, table)[0])
        for role in READERS:
            with Session(database_url, role, tenants[0]) as session:
                assert session.attempt(statement)[0] == "42501", (statement, role)
        for role in ("none", "tradebook_owner"):
            with pytest.raises(psycopg.Error) as refusal, db.transaction():
                db.execute("select set_config('role', %s, true)", [role])
                db.execute(statement)
            assert refusal.value.sqlstate == "TB014", (statement, role)
            assert "void" in str(refusal.value.diag.message_primary)
        # Nor with COPY, which PostgreSQL refuses to ordinary roles where policies hold.
        with pytest.raises(psycopg.Error) as refusal, db.transaction(), db.cursor().copy(f"copy {table} from stdin"):
            pass
        assert refusal.value.sqlstate == "TB014"
    assert rows_of(db, tenants[0]) == before


def test_no_table_with_rows_of_users_is_truncated(db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]) -> None:
    refused = {}
    for table in tables(db):
        if owned(db, table, tenants[0]) is not None:
            with pytest.raises(psycopg.Error) as refusal, db.transaction():
                db.execute(f"truncate {table} cascade")
            refused[table] = refusal.value.sqlstate
    assert set(refused.values()) == {"TB013", "TB014", "TB015"}


def test_nobody_sets_what_the_book_derives_in_a_fact(
    db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]
) -> None:
    for change in (
        "is_dca = not is_dca",
        "voided_at = now(), void_reason = 'x', voided_by = 'x'",
        f"corrects = '{tenants[0].sale}'",
    ):
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            db.execute(f"update agent_transactions set {change} where id = %s", [tenants[0].buy])
        assert refusal.value.sqlstate == "TB013"
        assert "book.void_transaction" in str(refusal.value.diag.message_primary)


def test_a_wallet_with_a_history_keeps_its_address(db: psycopg.Connection[Any], tenants: tuple[Tenant, Tenant]) -> None:
    ledger = tenants[0].ledger
    for statement in (
        f"update agent_wallets set wallet_address = 'sim_{'x' * 28}' where wallet_address = '{ledger.wallet}'",
        f"update agent_wallets set agent_id = '{tenants[1].ledger.agent}' where wallet_address = '{ledger.wallet}'",
        f"update agents set user_id = '{tenants[1].user}' where id = '{ledger.agent}'",
    ):
        with pytest.raises(psycopg.errors.IntegrityError), db.transaction():
            db.execute(statement)
