"""Deleting a user, an agent or a wallet takes its whole tree and nothing else, and finds every row by an index."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import class_row, dict_row

from tests import ledger as ledgers
from tests import server
from tests.ledger import SOL, USDC, Ledger, new_agent, new_user, value

BCRYPT = "$2b$12$" + "a" * 50


def checksums(db: psycopg.Connection[Any]) -> dict[str, str]:
    """Of every table but those of events: what has happened stays for a week, by ids alone."""
    return {table: checksum for table, checksum in ledgers.checksums(db).items() if not table.startswith("event")}


# Trees


def new_signal(db: psycopg.Connection[Any], user: UUID | None = None) -> int:
    """For everyone, or of a user."""
    return int(
        value(
            db,
            # A minute apart, so that none is another one told twice.
            "insert into trading_signals (token_address, symbol, signal_type, signal_strength, user_id, created_at)"
            " select 'A', 'A', 'buy', 3, %s, coalesce(min(created_at), now()) - interval '1 minute'"
            " from trading_signals returning id",
            user,
        )
    )


def new_login(db: psycopg.Connection[Any], user: UUID, name: str) -> None:
    db.execute("insert into bi_logins (login, user_id) values (%s, %s)", [name, user])


def new_key(db: psycopg.Connection[Any], user: UUID, number: int) -> None:
    db.execute(
        "insert into api_keys (user_id, name, key_hash, key_prefix) values (%s, 'key', %s, %s)",
        [user, f"{BCRYPT}{number:03}", f"nex_{number:08}"],
    )


def new_session(db: psycopg.Connection[Any], user: UUID) -> None:
    db.execute(
        "select book.store_session(gen_random_uuid(), %s, false, sha256('access'), sha256('refresh'), now())", [user]
    )


def trade(ledger: Ledger, signal: int) -> UUID:
    """Every kind of row that a wallet can have; the id of the buy that the signal caused."""
    acted = ledger.buy("A", "100", "1", fee="0.001", signal_id=signal)
    ledger.buy("A", "100", "2")
    ledger.sell("A", "50", "1", fee="0.001", close_reason="take_profit")
    ledger.withdraw("A", "10", destination_address="somewhere")
    ledger.burn("A", "10")
    ledger.buy("B", "1000000", "1")
    ledger.sell("B", "999999.5", "2")  # leaves dust
    ledger.deposit("C", "100", "2")
    ledger.swap("C", "100", USDC, "300", value="3")
    ledger.buy("D", "5", "1", transaction_hash="hash")
    ledger.sell("D", "5", "0.5")
    ledger.withdraw(SOL, "1")
    ledger.snapshots(3)
    ledger.decisions(acted, signal)
    ledger.db.execute(
        "select book.seal_wallet(%s, now(), now(), 100), book.store_audit(%s, now())", [ledger.wallet] * 2
    )
    return acted


def execute(db: psycopg.Connection[Any], signal: int, agent: UUID, status: str, transaction: UUID | None) -> None:
    db.execute(
        "insert into signal_executions (signal_id, agent_id, status, transaction_id) values (%s, %s, %s, %s)",
        [signal, agent, status, transaction],
    )


def new_live_wallet(ledger: Ledger) -> Ledger:
    """The live wallet of the same agent, with 1,000 SOL."""
    live = copy.copy(ledger)
    live.wallet = f"{ledger.wallet.removeprefix('sim_').replace('0', 'x'):x>44}"
    live.db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [live.wallet, live.agent],
    )
    live.deposit(SOL, "1000")
    return live


@dataclass
class Signals:
    """What agents do something with."""

    bought: int
    failed: int
    skipped: int


def new_tree(db: psycopg.Connection[Any], signals: Signals, user: UUID) -> Ledger:
    """An agent with two wallets that have traded, and executions of signals; its simulation wallet."""
    ledger = Ledger(db, agent=new_agent(db, user))
    acted = trade(ledger, signals.bought)
    trade(new_live_wallet(ledger), signals.bought)
    ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", wallet_address=None)
    execute(db, signals.bought, ledger.agent, "success", acted)
    execute(db, signals.failed, ledger.agent, "failed", None)
    execute(db, signals.skipped, ledger.agent, "skipped", None)
    return ledger


@pytest.fixture
def signals(db: psycopg.Connection[Any]) -> Signals:
    return Signals(new_signal(db), new_signal(db), new_signal(db))


@pytest.fixture
def bystander(db: psycopg.Connection[Any], signals: Signals) -> UUID:
    """Another user with a whole tree, that acted on the same signals."""
    user = new_user(db)
    new_key(db, user, 0)
    new_session(db, user)
    new_login(db, user, "bystander")
    new_tree(db, signals, user)
    return user


def test_the_tree_of_these_tests_has_a_row_in_every_table_that_depends_on_a_user(
    db: psycopg.Connection[Any], bystander: UUID
) -> None:
    rows = db.execute(
        """
        with recursive tree (relid) as (
            select 'public.users'::regclass::oid
            union
            select c.conrelid
            from pg_constraint as c
            join tree as t on c.confrelid = t.relid and c.contype = 'f'
        )
        select relid::regclass::text from tree
        """
    )
    tables = [name for (name,) in rows]
    assert "agent_token_withdrawals" in tables
    assert [name for name in tables if not value(db, f"select count(*) from {name}")] == []
    assert value(db, "select bool_or(is_dust) and bool_or(cardinality(dca_transaction_ids) > 0) from agent_positions")


def test_deleting_a_user_takes_its_whole_tree_and_nothing_of_others(
    db: psycopg.Connection[Any], signals: Signals, bystander: UUID
) -> None:
    before = checksums(db)
    user = new_user(db)
    new_key(db, user, 1)
    new_session(db, user)
    new_login(db, user, "one")
    new_tree(db, signals, user)
    own = new_signal(db, user)
    tree = new_tree(db, signals, user)
    execute(db, own, tree.agent, "success", tree.buy("E", "2", "1", signal_id=own))
    tree.sell("E", "1", "1")
    assert {table for table, checksum in checksums(db).items() if checksum == before[table]} == {
        "job_runs",
        "settings",
        "token_prices",
    }
    db.execute("delete from users where id = %s", [user])
    db.execute("set constraints all immediate")
    assert checksums(db) == before


def test_deleting_an_agent_takes_its_whole_tree_and_nothing_of_others(
    db: psycopg.Connection[Any], signals: Signals, bystander: UUID
) -> None:
    user = new_user(db)
    new_key(db, user, 1)
    new_tree(db, signals, user)
    before = checksums(db)
    agent = new_tree(db, signals, user).agent
    db.execute("delete from agents where id = %s", [agent])
    assert checksums(db) == before


def test_deleting_a_wallet_takes_its_whole_tree_and_nothing_of_others(
    db: psycopg.Connection[Any], signals: Signals, bystander: UUID
) -> None:
    ledger = Ledger(db)
    trade(ledger, signals.bought)
    # What the agent did with a signal is remembered; only the wallet's transaction is not.
    execute(db, signals.bought, ledger.agent, "success", None)
    before = checksums(db)
    live = new_live_wallet(ledger)
    db.execute(
        "update signal_executions set transaction_id = %s where agent_id = %s",
        [trade(live, signals.bought), live.agent],
    )
    db.execute("delete from agent_wallets where wallet_address = %s", [live.wallet])
    assert checksums(db) == before


def test_a_signal_that_an_agent_acted_on_cannot_be_deleted(db: psycopg.Connection[Any]) -> None:
    ledger = Ledger(db)
    tried, traded, waited_for, left, unused = (new_signal(db) for _ in range(5))
    db.execute("delete from signal_executions")  # of the first one, which is of now
    execute(db, tried, ledger.agent, "failed", None)
    ledger.buy("A", "1", "1", signal_id=traded)
    execute(db, waited_for, ledger.agent, "pending", None)
    execute(db, left, ledger.agent, "skipped", None)
    before = checksums(db)
    for signal in (tried, traded, waited_for):
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            db.execute("delete from trading_signals where id = %s", [signal])
        assert refused.value.sqlstate == "TB036"
        with pytest.raises(errors.ForeignKeyViolation), db.transaction():
            db.execute("alter table trading_signals disable trigger trading_signals_10_no_edit")
            db.execute("delete from trading_signals where id = %s", [signal])
            db.execute("set constraints all immediate")
    assert checksums(db) == before
    # What an agent said that left it goes with it.
    for signal in (left, unused):
        assert db.execute("delete from trading_signals where id = %s", [signal]).rowcount == 1
        db.execute("set constraints all immediate")
    assert value(db, "select array_agg(signal_id order by signal_id) from signal_executions") == [tried, waited_for]


def test_a_signal_that_a_historical_swap_names_cannot_be_deleted(db: psycopg.Connection[Any]) -> None:
    ledger = Ledger(db)
    signal = new_signal(db)
    ledger.buy("A", "1", "1", signal_id=signal)
    ledger.sell("A", "1", "2")
    with pytest.raises(errors.ForeignKeyViolation), db.transaction():
        db.execute("set constraints all immediate")
        db.execute("alter table agent_transactions disable trigger user")
        db.execute("update agent_transactions set signal_id = null")
        db.execute("delete from trading_signals where id = %s", [signal])


# Plans


@dataclass(frozen=True)
class Key:
    """A foreign key, its columns in order."""

    name: str
    child: str
    columns: list[str]
    parent: str
    parent_columns: list[str]
    identifying: list[str]
    """Those of `columns` that refer to the parent's primary key; all, where none does."""
    on_delete: str
    set_columns: list[str]


def foreign_keys(db: psycopg.Connection[Any]) -> list[Key]:
    """Every foreign key of schema public."""
    with db.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute(
            """
            select
                c.conname::text as name,
                child.relname::text as child,
                parent.relname::text as parent,
                c.confdeltype::text as on_delete,
                k.columns,
                k.parent_columns,
                coalesce(k.identifying, k.columns) as identifying,
                array(
                    select a.attname::text from pg_attribute as a
                    where a.attrelid = c.conrelid and a.attnum = any (c.confdelsetcols)
                ) as set_columns
            from pg_constraint as c
            join pg_class as child on child.oid = c.conrelid
            join pg_class as parent on parent.oid = c.confrelid
            cross join lateral (
                select
                    array_agg(a.attname::text order by u.place) as columns,
                    array_agg(b.attname::text order by u.place) as parent_columns,
                    array_agg(a.attname::text order by u.place) filter (
                        where i.indnatts = 1 and i.indkey[0] = u.parent_number
                    ) as identifying
                from unnest(c.conkey, c.confkey) with ordinality as u (number, parent_number, place)
                join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = u.number
                join pg_attribute as b on b.attrelid = c.confrelid and b.attnum = u.parent_number
                join pg_index as i on i.indrelid = c.confrelid and i.indisprimary
            ) as k
            where child.relnamespace = 'public'::regnamespace and c.contype = 'f'
            order by c.conname
            """
        ).fetchall()


def indexes(db: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """The indexes of schema public that hold every row with a key, by name: table, columns, is_unique."""
    with db.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """
            select
                c.relname as name,
                t.relname as table_name,
                i.indisunique as is_unique,
                array(
                    select a.attname::text
                    from unnest(i.indkey::int2[]) with ordinality as k (number, place)
                    join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
                    where k.place <= i.indnkeyatts
                    order by k.place
                ) as columns
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid
            join pg_class as t on t.oid = i.indrelid
            where
                t.relnamespace = 'public'::regnamespace
                and i.indisvalid and i.indexprs is null
                -- A look-up by foreign key is strict: rows without one need not be in the index.
                and (
                    i.indpred is null
                    or pg_get_expr(i.indpred, i.indrelid) = format(
                        '(%s IS NOT NULL)',
                        (
                            select quote_ident(a.attname)
                            from pg_attribute as a
                            where a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                        )
                    )
                )
            """
        ).fetchall()
    return {row["name"]: row for row in rows}


def test_every_foreign_key_leads_an_index(db: psycopg.Connection[Any]) -> None:
    """With all its columns, or with those that tell the parent row; a delete there looks for its rows by them."""
    found = indexes(db).values()
    keys = foreign_keys(db)
    assert "signal_executions_transaction_id_fkey" in {key.name for key in keys}
    for key in keys:
        leading = [index["columns"] for index in found if index["table_name"] == key.child]
        assert any(
            set(columns[: len(wanted)]) == set(wanted)
            for columns in leading
            for wanted in (key.columns, key.identifying)
        ), f"{key.name}: no index of {key.child} begins with {key.columns}"


def clone_everything(db: psycopg.Connection[Any], times: int) -> None:
    """Fill each table with copies of its rows under other ids and addresses; triggers and foreign keys are off.

    An id is replaced by the same one wherever it stands, so that the copies are trees like the first.
    """
    db.execute("set local session_replication_role = replica")
    columns = db.execute(
        """
        select c.relname, a.attname, format_type(a.atttypid, -1)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where
            c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and c.relname not in (
                'event_numbering', 'event_outbox', 'events', 'job_runs', 'request_counts', 'settings', 'token_prices'
            )
        order by c.relname, a.attnum
        """
    ).fetchall()
    for table in {name for name, _, _ in columns}:
        names, expressions = [], []
        for column, kind in [(column, kind) for name, column, kind in columns if name == table]:
            names.append(column)
            if kind == "uuid":
                expression = f"md5({column}::text || n)::uuid"
            elif column == "login":
                expression = "login || n"
            elif (table, column) in {("users", "email"), ("agent_transactions", "transaction_hash")}:
                expression = f"n || {column}"
            elif column == "key_hash":
                expression = "left(key_hash, 28) || md5(key_hash || n)"
            elif column == "wallet_address":
                expression = "left(wallet_address, 4) || translate(md5(wallet_address || n), '0', 'x')"
            elif column == "signal_id" or (table, column) == ("trading_signals", "id"):
                expression = f"{column} + 1000 * n"
            else:
                expression = column
            expressions.append(expression)
        db.execute(
            f"insert into {table} ({', '.join(names)}) overriding system value"
            f" select {', '.join(expressions)} from {table}, generate_series(1, {times}) as n"
        )


@pytest.fixture(scope="module", params=["empty", "filled", "filled and analysed"])
def planned(request: pytest.FixtureRequest, postgres: server.Place, template: str) -> Iterator[psycopg.Connection[Any]]:
    """Databases whose statistics lead the planner to different ways; the keys' statements get a generic plan."""
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database plans template {template} strategy file_copy")
        try:
            # One transaction, so that nobody else's analyze sees the rows.
            with psycopg.connect(postgres.url("plans")) as connection:
                if request.param != "empty":
                    fill(connection)
                if request.param == "filled and analysed":
                    connection.execute("analyze")
                connection.execute("set local plan_cache_mode = force_generic_plan")
                yield connection
                connection.rollback()
        finally:
            admin.execute("drop database plans with (force)")


def fill(db: psycopg.Connection[Any]) -> None:
    """A tree, a thousand times."""
    ledger = Ledger(db)
    signal = new_signal(db)
    new_key(db, ledger.user, 0)
    new_session(db, ledger.user)
    new_login(db, ledger.user, "login")
    execute(db, signal, ledger.agent, "success", trade(ledger, signal))
    clone_everything(db, 1000)


def plan(db: psycopg.Connection[Any], statement: str, table: str, columns: list[str]) -> list[dict[str, Any]]:
    """The nodes of the generic plan of a statement whose parameters are of the types of these columns."""
    types = [
        value(
            db,
            "select format_type(atttypid, -1) from pg_attribute where attrelid = %s::regclass and attname = %s",
            table,
            column,
        )
        for column in columns
    ]
    db.execute(f"prepare of_a_key ({', '.join(types)}) as {statement}")
    explained = value(db, f"explain (format json) execute of_a_key ({', '.join(['null'] * len(types))})")
    db.execute("deallocate of_a_key")
    nodes, waiting = [], [explained[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += node.get("Plans", [])
    return nodes


def on_delete_statement(key: Key) -> str:
    """What PostgreSQL runs on the referencing table when a referenced row goes."""
    where = " and ".join(f"${n} operator(pg_catalog.=) {column}" for n, column in enumerate(key.columns, 1))
    if key.on_delete == "c":
        return f"delete from only public.{key.child} where {where}"
    if key.on_delete == "n":
        nulls = ", ".join(f"{column} = null" for column in key.set_columns or key.columns)
        return f"update only public.{key.child} set {nulls} where {where}"
    return f"select 1 from only public.{key.child} as x where {where} for key share of x"


def test_a_delete_finds_the_rows_that_refer_to_it_by_an_index(planned: psycopg.Connection[Any]) -> None:
    """By the columns that tell the parent row: one on the agent alone would read all its rows for each row deleted.

    For a wallet the agent is enough, since it has two of them at the most.
    """
    otherwise = []
    for key in foreign_keys(planned):
        nodes = plan(planned, on_delete_statement(key), key.child, key.columns)
        conditions = " ".join(node.get("Index Cond", "") for node in nodes)
        searched = {column for column in key.columns if re.search(rf"\({column}\)?(::text)? =", conditions)}
        if not (searched >= set(key.identifying) or (key.parent == "agent_wallets" and "agent_id" in searched)):
            otherwise.append((key.name, [node.get("Index Name", node["Node Type"]) for node in nodes], conditions))
    assert otherwise == []


def test_a_new_row_finds_the_one_that_it_refers_to_without_reading_others(planned: psycopg.Connection[Any]) -> None:
    """By an index that begins with all columns of the key, or a unique one on some of them.

    One on the agent alone would read all rows of the agent for each new row.
    """
    known = indexes(planned)
    otherwise = []
    for key in foreign_keys(planned):
        where = " and ".join(f"{column} operator(pg_catalog.=) ${n}" for n, column in enumerate(key.parent_columns, 1))
        statement = f"select 1 from only public.{key.parent} as x where {where} for key share of x"
        nodes = plan(planned, statement, key.parent, key.parent_columns)
        used = [known[node["Index Name"]] for node in nodes if "Index Name" in node]
        wanted = set(key.parent_columns)
        if not (
            len(used) == 1
            and used[0]["is_unique"]
            and (set(used[0]["columns"][: len(wanted)]) == wanted or set(used[0]["columns"]) <= wanted)
        ):
            otherwise.append((key.name, [node.get("Index Name", node["Node Type"]) for node in nodes]))
    assert otherwise == []
