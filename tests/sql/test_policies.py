"""What each role sees of each table: the owner, the book, schedulers, the operator's feed, and those of one user.

That no user reaches another's rows by whatever statement, view or function is in test_tenants.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests import server
from tests.sql.test_table_keys import fresh
from tests.sql.test_table_rules import AGENT, HASH, KEY, OTHER_HASH, SESSION, SIMULATION, USER, VALID, Row, insert, uuid

TABLES = VALID.keys()
FOR_EVERYONE = {"settings", "token_prices", "event_numbering"}
OF_THE_OPERATOR = {"job_runs", "request_counts"}

READS = {
    "owner": TABLES,
    "book": TABLES - {"bi_logins"},
    "jobs": TABLES - {"users", "api_keys", "sessions", "request_counts", "bi_logins"},
    "feed": {"settings", "token_prices", "trading_signals"},
    "api": TABLES - OF_THE_OPERATOR - {"sessions", "bi_logins"},
    "bi": TABLES - OF_THE_OPERATOR - {"sessions"},
}
"""The tables that each role may read."""

ANOTHERS = {
    USER: uuid(101),
    AGENT: uuid(102),
    KEY: uuid(103),
    SIMULATION: SIMULATION[:-1] + "1",
    "ann@example.org": "bob@example.org",
    "$2b$12$" + "a" * 53: "$2b$12$" + "b" * 53,
    "reader": "other_reader",
    SESSION: uuid(106),
    HASH: OTHER_HASH,
}


def of_another(table: str, row: Row) -> Row:
    """The same of another user."""
    changed = {column: ANOTHERS.get(text or "", text) for column, text in row.items()}
    if table not in ("users", "agents", "api_keys", "sessions") and "id" in row:
        changed["id"] = "2" if table == "trading_signals" else uuid(104)
    if table == "events":
        changed["sequence"] = "2"
    if table == "agent_positions":
        changed["purchase_transaction_id"] = changed["id"]
    if table == "agent_historical_swaps":
        changed["sale_transaction_id"] = changed["id"]
    return changed


@pytest.fixture(scope="module")
def filled(postgres: server.Place, template: str) -> Iterator[psycopg.Connection[Any]]:
    """Two users with a row in every table, and a signal of the operator's. Tests roll back."""
    with fresh(postgres, template, "test_policies") as db:
        db.execute("set session_replication_role = replica")
        db.execute("delete from settings; delete from event_numbering")
        for table, row in VALID.items():
            mine = {**row, "user_id": USER} if table == "trading_signals" else row
            insert(db, table, mine)
            if table not in FOR_EVERYONE:
                insert(db, table, of_another(table, mine))
        insert(db, "trading_signals", {**VALID["trading_signals"], "id": "3"})
        db.execute("select setval('trading_signals_id_seq', 3)")
        db.execute("set session_replication_role = origin")
        yield db


def seen(db: psycopg.Connection[Any], role: str, user: str | None = None) -> dict[str, int]:
    """How many rows of each table a role sees, for a user; tables that it may not read are left out."""
    found = {}
    for table in TABLES:
        try:
            with db.transaction(force_rollback=True):
                if user is not None:
                    db.execute("select set_config('tradebook.user_id', %s, true)", [user])
                    insert(db, "bi_logins", {"login": "tradebook_bi", "user_id": user})
                db.execute(f"set local role tradebook_{role}")
                # No column but for a count: the right to any is enough.
                row = db.execute(f"select count(*) from {table}").fetchone()
        except errors.InsufficientPrivilege:
            continue
        assert row is not None
        found[table] = row[0]
    return found


@pytest.mark.parametrize("role", ["owner", "book", "jobs"])
def test_who_serves_all_users_sees_every_row(filled: psycopg.Connection[Any], role: str) -> None:
    expected = {table: 1 if table in FOR_EVERYONE else 3 if table == "trading_signals" else 2 for table in READS[role]}
    assert seen(filled, role) == expected


@pytest.mark.parametrize("role", ["api", "bi"])
def test_who_serves_one_user_sees_what_is_for_everyone_and_nothing_without_a_user(
    filled: psycopg.Connection[Any], role: str
) -> None:
    for_everyone = dict.fromkeys(FOR_EVERYONE | {"trading_signals"}, 1)
    assert seen(filled, role) == dict.fromkeys(READS[role], 0) | for_everyone


@pytest.mark.parametrize("role", ["api", "bi"])
@pytest.mark.parametrize("user", [USER, ANOTHERS[USER]])
def test_who_serves_one_user_sees_his_rows(filled: psycopg.Connection[Any], role: str, user: str) -> None:
    """One in each table; of the signals the operator's too."""
    assert seen(filled, role, user) == {table: 2 if table == "trading_signals" else 1 for table in READS[role]}


SIGNAL: Row = {"token_address": "A", "signal_type": "buy", "signal_strength": "3"}


def as_user(db: psycopg.Connection[Any], user: str) -> None:
    """Work as the service does for a user, until the transaction ends."""
    db.execute("select set_config('tradebook.user_id', %s, true), set_config('role', 'tradebook_api', true)", [user])


def test_a_user_writes_his_own_signals_and_no_others(filled: psycopg.Connection[Any]) -> None:
    with filled.transaction(force_rollback=True):
        as_user(filled, USER)
        insert(filled, "trading_signals", {**SIGNAL, "user_id": USER})
        # The other one of his was acted on, and stays as it is.
        with pytest.raises(psycopg.Error) as refused, filled.transaction():
            filled.execute("update trading_signals set signal_strength = 5")
        assert refused.value.sqlstate == "TB036"
        assert filled.execute("update trading_signals set signal_strength = 5 where id > 3").rowcount == 1
        assert filled.execute("delete from trading_signals where id > 3").rowcount == 1
        assert filled.execute("delete from trading_signals where user_id is null").rowcount == 0
    for owner in (None, ANOTHERS[USER]):
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), filled.transaction():
            as_user(filled, USER)
            insert(filled, "trading_signals", {**SIGNAL, "user_id": owner})


def test_a_user_makes_keys_of_his_own_but_none_of_the_operator_s(filled: psycopg.Connection[Any]) -> None:
    key = {**VALID["api_keys"], "id": uuid(105), "key_hash": "$2b$12$" + "c" * 53}
    with filled.transaction(force_rollback=True):
        as_user(filled, USER)
        insert(filled, "api_keys", {**key, "scopes": "{full_access}"})
    for change in ({"scopes": "{feed}"}, {"scopes": "{signals,feed}"}, {"user_id": ANOTHERS[USER]}):
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), filled.transaction():
            as_user(filled, USER)
            insert(filled, "api_keys", {**key, **change})


def test_the_feed_sees_prices_and_the_signals_of_the_operator(filled: psycopg.Connection[Any]) -> None:
    assert seen(filled, "feed") == dict.fromkeys(READS["feed"], 1)


def test_the_feed_writes_prices_and_signals_for_everyone_and_no_user_s(filled: psycopg.Connection[Any]) -> None:
    with filled.transaction(force_rollback=True):
        filled.execute("set local role tradebook_feed")
        insert(filled, "token_prices", {**VALID["token_prices"], "source": "other"})
        insert(filled, "trading_signals", SIGNAL)
    with pytest.raises(errors.InsufficientPrivilege), filled.transaction():
        filled.execute("set local role tradebook_feed")
        insert(filled, "trading_signals", {**SIGNAL, "user_id": USER})
    # Not even with the right to write that column.
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), filled.transaction():
        filled.execute("grant insert (user_id) on trading_signals to tradebook_feed")
        filled.execute("set local role tradebook_feed")
        insert(filled, "trading_signals", {**SIGNAL, "user_id": USER})


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_owner_changes_every_row_where_no_guard_refuses(filled: psycopg.Connection[Any], table: str) -> None:
    column = "position_id" if table == "agent_token_withdrawals" else next(iter(VALID[table]))
    with filled.transaction(force_rollback=True):
        filled.execute(f"alter table {table} disable trigger user")
        filled.execute("set local role tradebook_owner")
        changed = filled.execute(f"update {table} set {column} = {column}").rowcount
    assert changed == (1 if table in FOR_EVERYONE else 3 if table == "trading_signals" else 2)


@pytest.mark.parametrize("table", sorted(TABLES - FOR_EVERYONE - OF_THE_OPERATOR))
def test_the_table_s_own_guard_refuses_to_truncate_it(filled: psycopg.Connection[Any], table: str) -> None:
    """Whatever the guards of the tables say that go with it."""
    with pytest.raises(psycopg.Error) as refusal, filled.transaction():
        filled.execute(f"truncate {table} cascade")
    if table == "agent_transactions":
        assert refusal.value.sqlstate == "TB013"
    else:
        assert refusal.value.sqlstate in ("TB014", "TB015")
        assert f"{table} " in str(refusal.value.diag.message_primary)
