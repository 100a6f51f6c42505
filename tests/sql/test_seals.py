"""Seals: whatever is altered, removed or put in behind the book's back is named; what is right is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger, value

pytestmark = pytest.mark.spoils_the_book

AT = datetime(2030, 1, 1, tzinfo=UTC)
"""The scheduler's time, later than every fact's arrival; each seal is an hour after the one before."""

DESCRIPTIVE = {"is_dca", "updated_at", "routes", "swap_payload", "slippage", "price_impact"}
VOID = {"voided_at", "void_reason", "voided_by"}

OTHER_VALUES = {
    "id": "gen_random_uuid()",
    "agent_id": "gen_random_uuid()",
    "user_id": "gen_random_uuid()",
    "wallet_address": "'sim_' || repeat('9', 28)",
    "transaction_type": "'DEPOSIT'",
    "transaction_time": "transaction_time + interval '1 microsecond'",
    "ledger_order": "ledger_order + 1000000",
    "leg": "leg + 1",
    "input_mint": "'OTHER'",
    "input_symbol": "input_symbol || 'X'",
    "input_amount": "input_amount + 0.000000000000000001",
    "input_price": "0.1",
    "output_mint": "'OTHER'",
    "output_symbol": "null",
    "output_amount": "output_amount + 0.000000000000000001",
    "output_price": "0.1",
    "destination_address": "'elsewhere'",
    "signal_id": "7",
    "transaction_hash": "'other'",
    "fees": "coalesce(fees, 0) + 0.00000001",
    "fees_sol": "fees_sol + 0.000000000000000001",
    "fees_usd": "fees_usd + 0.000000000000000001",
    "transaction_value_usd": "transaction_value_usd + 0.00000001",
    "value_sol": "value_sol + 0.000000000000000001",
    "value_usd": "value_usd + 0.000000000000000001",
    "value_is_unknown": "not value_is_unknown",
    "sol_usd_price": "sol_usd_price + 0.000000000000000001",
    "sol_usd_price_source": "'another'",
    "sol_usd_price_age": "sol_usd_price_age - interval '30 days' + interval '1 month'",
    "close_reason": "'manual'",
    "origin": "'import'",
    "created_at": "created_at + interval '1 microsecond'",
    "recorded_by": "'user x'",
    "corrects": "gen_random_uuid()",
}
"""Another value for every ledger column of agent_transactions, as SQL."""


@pytest.fixture
def ledger(db: psycopg.Connection[Any]) -> Iterator[Ledger]:
    """A wallet with two seals over its facts and a void, beside another user's; nothing guards the tables any more."""
    db.autocommit = True
    other = Ledger(db)
    ledger = Ledger(db)
    ledger.buy("A", "100", "1", fee="0.01")
    ledger.sell(
        "A", "50", "1", fee="0.01", transaction_hash="signature",
        sol_usd_price="150", sol_usd_price_source="feed", sol_usd_price_age="30 days 00:00:01.5", value_usd="150",
    )  # fmt: skip
    seal(db)
    ledger.withdraw("A", "10")
    void(ledger, ledger.deposit(SOL, "1"))
    seal(db, hours=1)
    other.deposit(SOL, "2")
    assert problems(db) == []
    db.execute("set session_replication_role = replica")
    checks = db.execute(
        "select conname from pg_constraint where conrelid = 'agent_transactions'::regclass and contype = 'c'"
    ).fetchall()
    for (name,) in checks:
        db.execute(f"alter table agent_transactions drop constraint {name}")
    yield ledger


def seal(db: psycopg.Connection[Any], hours: int = 0) -> None:
    db.execute("call jobs.seal_ledgers(%s)", [AT + timedelta(hours=hours)])


def void(ledger: Ledger, fact: UUID, reason: str = "mistake") -> None:
    """As the book marks one; the derived rows are no matter here."""
    ledger.db.execute("set session_replication_role = replica")
    ledger.db.execute(
        "update agent_transactions set voided_at = clock_timestamp(), void_reason = %s, voided_by = 'user x'"
        " where id = %s",
        [reason, fact],
    )
    ledger.db.execute("set session_replication_role = origin")


def problems(db: psycopg.Connection[Any], wallet: str | None = None) -> list[tuple[Any, ...]]:
    """Wallet, number of the seal, transaction and problem."""
    return db.execute("select * from book.verify_seals(%s)", [wallet]).fetchall()


def fact(ledger: Ledger, where: str) -> UUID:
    (row,) = ledger.rows(f"select id from agent_transactions where wallet_address = %s and {where}", ledger.wallet)
    return UUID(str(row["id"]))


def seals(ledger: Ledger) -> list[dict[str, Any]]:
    return ledger.rows("select * from ledger_seals where wallet_address = %s order by number", ledger.wallet)


# What seals cover


def test_every_column_of_a_fact_is_sealed_or_said_not_to_be(db: psycopg.Connection[Any]) -> None:
    columns = db.execute(
        "select attname::text from pg_attribute"
        " where attrelid = 'agent_transactions'::regclass and attnum > 0 and not attisdropped"
    ).fetchall()
    assert {name for (name,) in columns} == OTHER_VALUES.keys() | DESCRIPTIVE | VOID


def test_every_fact_and_void_is_in_one_seal(ledger: Ledger) -> None:
    first, second = seals(ledger)
    assert [(row["number"], row["facts_so_far"], row["voids_so_far"]) for row in (first, second)] == [
        (1, 3, 0),
        (2, 5, 1),
    ]
    facts = ledger.rows(
        "select id, voided_at from agent_transactions where wallet_address = %s order by ledger_order", ledger.wallet
    )
    assert first["fact_ids"] + second["fact_ids"] == [row["id"] for row in facts]
    assert second["void_ids"] == [row["id"] for row in facts if row["voided_at"]]
    assert second["previous_hash"] == first["hash"]


def test_a_second_run_seals_nothing_anew(ledger: Ledger) -> None:
    before = seals(ledger)
    seal(ledger.db, hours=2)
    seal(ledger.db, hours=3)
    assert seals(ledger) == before


def test_a_long_history_is_sealed_in_parts(ledger: Ledger) -> None:
    ledger.db.execute("set session_replication_role = origin")
    for _ in range(5):
        ledger.deposit(SOL, "1")
    parts = [
        ledger.rows(
            "select book.seal_wallet(%s, at, book.settled_before(at), 2) as n from (select %s::timestamptz) as t (at)",
            ledger.wallet,
            AT + timedelta(hours=9),
        )
        for _ in range(4)
    ]
    assert [rows[0]["n"] for rows in parts] == [2, 2, 1, 0]
    assert [row["facts_so_far"] for row in seals(ledger)] == [3, 5, 7, 9, 10]
    assert problems(ledger.db) == []


def test_a_row_that_is_committed_late_is_in_the_next_seal(ledger: Ledger, database_url: str) -> None:
    ledger.db.execute("set session_replication_role = origin")
    early = ledger.deposit(SOL, "1")
    with psycopg.connect(database_url) as other:
        late = value(
            other,
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            " input_amount, value_usd) values (%s, %s, 'DEPOSIT', now(), %s, 1, 100) returning id",
            ledger.agent,
            ledger.wallet,
            SOL,
        )
        seal(ledger.db, hours=2)
        other.commit()
    assert problems(ledger.db) == []
    seal(ledger.db, hours=3)
    assert [row["fact_ids"] for row in seals(ledger)[2:]] == [[early], [late]]
    assert problems(ledger.db) == []


def test_what_a_session_has_set_changes_no_hash(ledger: Ledger) -> None:
    ledger.db.execute("set timezone = 'Asia/Kathmandu'")
    ledger.db.execute("set datestyle = 'German, DMY'")
    ledger.db.execute("set intervalstyle = 'sql_standard'")
    ledger.db.execute("set extra_float_digits = -15")
    ledger.db.execute("set bytea_output = 'escape'")
    ledger.db.execute("set standard_conforming_strings = off")
    assert problems(ledger.db) == []


def test_what_only_describes_a_fact_may_be_filled_in_after_it_was_sealed(ledger: Ledger) -> None:
    ledger.db.execute("set session_replication_role = origin")
    ledger.db.execute(
        "update agent_transactions set routes = '{}', swap_payload = '{}', slippage = 1, price_impact = 1,"
        " transaction_hash = 'late' where transaction_hash is null and wallet_address = %s and output_mint = 'A'",
        [ledger.wallet],
    )
    assert problems(ledger.db) == []


# What they show


@pytest.mark.parametrize("column", sorted(OTHER_VALUES))
def test_a_fact_that_was_altered_is_named(ledger: Ledger, column: str) -> None:
    sale = fact(ledger, "transaction_hash = 'signature'")
    ledger.db.execute("alter table agent_transactions alter column ledger_order drop identity")
    ledger.db.execute(f"update agent_transactions set {column} = {OTHER_VALUES[column]} where id = %s", [sale])
    problem = "fact_missing" if column == "id" else "fact_altered"
    assert problems(ledger.db) == [(ledger.wallet, 1, sale, problem)]


EMPTY = {"input_price", "output_price", "destination_address", "signal_id", "close_reason", "corrects"}
"""Columns in which the sale of the tests has no value."""


@pytest.mark.parametrize("column", sorted(OTHER_VALUES.keys() - EMPTY - {"id"}))
def test_a_value_that_was_taken_away_is_named(ledger: Ledger, column: str) -> None:
    sale = fact(ledger, "transaction_hash = 'signature'")
    assert ledger.rows(f"select {column} as v from agent_transactions where id = %s", sale)[0]["v"] is not None
    ledger.db.execute("alter table agent_transactions alter column ledger_order drop identity")
    ledger.db.execute(f"alter table agent_transactions alter column {column} drop not null")
    ledger.db.execute(f"update agent_transactions set {column} = null where id = %s", [sale])
    assert problems(ledger.db) == [(ledger.wallet, 1, sale, "fact_altered")]


def test_the_first_of_several_is_named(ledger: Ledger) -> None:
    sale = fact(ledger, "transaction_hash = 'signature'")
    ledger.db.execute("update agent_transactions set value_usd = value_usd + 1 where wallet_address = %s and"
                      " (id = %s or transaction_type = 'WITHDRAWAL')", [ledger.wallet, sale])  # fmt: skip
    assert problems(ledger.db, ledger.wallet) == [(ledger.wallet, 1, sale, "fact_altered")]


def test_a_fact_that_is_gone_is_named(ledger: Ledger) -> None:
    gone = fact(ledger, "transaction_type = 'WITHDRAWAL'")
    ledger.db.execute("delete from agent_transactions where id = %s", [gone])
    assert problems(ledger.db) == [(ledger.wallet, 2, gone, "fact_missing")]


@pytest.mark.parametrize("sealed", [False, True])
def test_a_fact_that_was_put_in_with_an_old_time_is_named(ledger: Ledger, sealed: bool) -> None:
    new = put_in(ledger, "date_trunc('day', created_at) - interval '1 day'")
    if sealed:
        seal(ledger.db, hours=2)
    assert problems(ledger.db) == [(ledger.wallet, 3 if sealed else None, new, "fact_inserted")]


def put_in(ledger: Ledger, created_at: str) -> UUID:
    """A copy of a fact as another one, and all that the sequence and the clock would tell."""
    columns = [row["name"] for row in ledger.rows(
        "select attname::text as name from pg_attribute where attrelid = 'agent_transactions'::regclass"
        " and attnum > 0 and not attisdropped")]  # fmt: skip
    new = uuid4()
    values = {"id": f"'{new}'", "created_at": created_at, "transaction_hash": "null"}
    ledger.db.execute(
        f"insert into agent_transactions ({', '.join(columns)}) overriding system value"
        f" select {', '.join(values.get(name, name) for name in columns)} from agent_transactions"
        " where wallet_address = %s and transaction_hash = 'signature'",
        [ledger.wallet],
    )
    return new


def test_a_fact_of_now_is_new(ledger: Ledger) -> None:
    """What cannot be told from an honest one."""
    put_in(ledger, "clock_timestamp()")
    assert problems(ledger.db) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("voided_at = null, void_reason = null, voided_by = null", "void_missing"),
        ("voided_at = voided_at + interval '1 microsecond'", "void_altered"),
        ("void_reason = 'another'", "void_altered"),
        ("voided_by = 'user y'", "void_altered"),
    ],
)
def test_a_void_that_was_altered_or_taken_back_is_named(ledger: Ledger, change: str, problem: str) -> None:
    voided = fact(ledger, "voided_at is not null")
    ledger.db.execute(f"update agent_transactions set {change} where id = %s", [voided])
    assert problems(ledger.db) == [(ledger.wallet, 2, voided, problem)]


@pytest.mark.parametrize("sealed", [False, True])
def test_a_void_that_was_put_in_with_an_old_time_is_named(ledger: Ledger, sealed: bool) -> None:
    sale = fact(ledger, "transaction_hash = 'signature'")
    ledger.db.execute(
        "update agent_transactions set voided_at = created_at - interval '1 day', void_reason = 'x', voided_by = 'y'"
        " where id = %s",
        [sale],
    )
    if sealed:
        seal(ledger.db, hours=2)
    assert problems(ledger.db) == [(ledger.wallet, 3 if sealed else None, sale, "void_inserted")]


SEAL_VALUES = {
    "wallet_address": None,
    "number": "number + 10",
    "agent_id": "gen_random_uuid()",
    "user_id": "gen_random_uuid()",
    "sealed_at": "sealed_at + interval '1 microsecond'",
    "settled_before": "settled_before - interval '1 microsecond'",
    "facts_so_far": "facts_so_far + 1",
    "voids_so_far": "voids_so_far + 1",
    "fact_ids": "array_append(fact_ids[2:], fact_ids[1])",
    "fact_digests": "array_append(fact_digests[2:], fact_digests[1])",
    "void_ids": "void_ids || gen_random_uuid()",
    "void_digests": "array[gen_random_uuid()]",
    "previous_hash": "sha256('x')",
    "hash": "sha256('x')",
}
"""Another value for every column of ledger_seals, as SQL."""


def test_every_column_of_a_seal_is_tried(ledger: Ledger) -> None:
    assert seals(ledger)[0].keys() == SEAL_VALUES.keys()


@pytest.mark.parametrize("column", sorted(column for column, other in SEAL_VALUES.items() if other))
def test_a_seal_that_was_altered_is_named(ledger: Ledger, column: str) -> None:
    for (name,) in ledger.db.execute(
        "select conname from pg_constraint where conrelid = 'ledger_seals'::regclass and contype = 'c'"
    ).fetchall():
        ledger.db.execute(f"alter table ledger_seals drop constraint {name}")
    change = f"update ledger_seals set {column} = {SEAL_VALUES[column]} where wallet_address = %s and number = 1"
    ledger.db.execute(change, [ledger.wallet])
    problem = "seal_missing" if column == "number" else "seal_altered"
    assert problems(ledger.db) == [(ledger.wallet, 1, None, problem)]


@pytest.mark.parametrize("number", [1, 2])
def test_a_seal_that_is_gone_from_the_chain_is_named(ledger: Ledger, number: int) -> None:
    put_in(ledger, "clock_timestamp()")
    seal(ledger.db, hours=2)
    ledger.db.execute("delete from ledger_seals where wallet_address = %s and number = %s", [ledger.wallet, number])
    assert problems(ledger.db) == [(ledger.wallet, number, None, "seal_missing")]


def test_a_seal_that_was_made_anew_does_not_fit_the_next(ledger: Ledger) -> None:
    ledger.db.execute("update ledger_seals set sealed_at = sealed_at + interval '1 s' where number = 1")
    ledger.db.execute("update ledger_seals as s set hash = book.seal_hash(s) where number = 1")
    assert (ledger.wallet, 2, None, "seal_replaced") in problems(ledger.db)


def test_an_unknown_wallet_is_told(ledger: Ledger) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        problems(ledger.db, "nowhere")
    assert refusal.value.sqlstate == "TB007"
