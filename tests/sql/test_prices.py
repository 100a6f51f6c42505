"""Prices: recorded at once and once only, the latest is the one observed last, and old ones are thinned by the hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, Ledger, acting_as, checksums, value
from tests.sessions import Session, refusal

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def stated(
    token: str = "A", at: datetime | str = AT, sol: str | None = "0.5", usd: str | None = None, **more: Any
) -> Any:
    """A price as programs state it."""
    time = at if isinstance(at, str) else at.isoformat()
    each = {"tokenAddress": token, "observedAt": time, "priceSol": sol, "priceUsd": usd} | more
    return {name: content for name, content in each.items() if content is not None}


def sol_usd(usd: str, at: datetime = AT, **more: Any) -> Any:
    return stated(SOL, at, None, usd, **more)


def record(db: psycopg.Connection[Any], *prices: Any) -> int:
    """As the operator's feed; how many were new."""
    with acting_as(db, "feed"):
        return int(value(db, "select book.record_prices(%s)", json.dumps(prices)))


def refused(db: psycopg.Connection[Any], *prices: Any) -> tuple[str | None, str | None]:
    """The refusal's SQLSTATE and column, after which nothing has changed."""
    before = checksums(db)
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        record(db, *prices)
    db.execute("reset role")
    assert checksums(db) == before
    return refusal.value.sqlstate, refusal.value.diag.column_name


def prices(db: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return db.execute(
        "select token_address, source, observed_at, price_sol, price_usd from token_prices order by 1, 2, 3"
    ).fetchall()


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


# Recording


def test_prices_are_recorded_at_once_and_the_same_again_changes_nothing(db: psycopg.Connection) -> None:
    batch = [
        stated("B", AT, "0.000000000000000001", "3"),
        sol_usd("150.25"),
        stated("A", AT - MINUTE),
        stated("A", AT, source="other"),
    ]
    assert record(db, *batch) == 4
    before = checksums(db)
    assert record(db, *batch) == 0
    assert record(db, *reversed(batch), *batch) == 0
    assert checksums(db) == before
    assert prices(db) == [
        ("A", "feed", AT - MINUTE, D("0.5"), None),
        ("A", "other", AT, D("0.5"), None),
        ("B", "feed", AT, D("0.000000000000000001"), 3),
        (SOL, "feed", AT, 1, D("150.25")),
    ]
    assert refused(db)[0] == "TB011"


@pytest.mark.parametrize(
    "other",
    [
        stated(sol="0.6"),
        stated(sol="0.5", usd="71"),
        stated(sol=None, usd="71"),
        sol_usd("151"),
    ],
    ids=str,
)
def test_another_price_for_the_same_instant_is_refused_and_nothing_is_stored(
    db: psycopg.Connection, other: Any
) -> None:
    record(db, stated(usd="70"), sol_usd("150"))
    assert refused(db, stated("NEW"), other) == ("TB008", "price")
    # Another source may say otherwise.
    assert record(db, sol_usd("140", AT - MINUTE, source="other"), other | {"source": "other"}) == 2


def test_two_prices_for_one_instant_in_a_set_are_refused(db: psycopg.Connection) -> None:
    assert refused(db, stated(sol="1"), stated(sol="2")) == ("TB008", "price")
    assert record(db, stated(sol="1"), stated(sol="1.0")) == 1


def test_usd_become_sol_by_the_price_of_that_time_and_source(db: psycopg.Connection) -> None:
    record(db, sol_usd("100", AT - 50 * MINUTE), sol_usd("7", AT, source="other"), sol_usd("9", AT + MINUTE))
    assert record(db, stated("A", AT, None, "1"), stated("B", AT + MINUTE, None, "1")) == 2
    # That of the same set counts, wherever it stands in it.
    assert record(db, stated("C", AT + 2 * MINUTE, None, "1"), sol_usd("3", AT + 2 * MINUTE)) == 2
    converted = {token: price for token, source, _, price, _ in prices(db) if token != SOL}
    assert converted == {"A": D("0.01"), "B": D("0.111111111111111111"), "C": D("0.333333333333333333")}
    # A SOL/USD price that comes in later changes nothing of what was said.
    record(db, sol_usd("50", AT - MINUTE))
    assert record(db, stated("A", AT, None, "1")) == 0


@pytest.mark.parametrize("known", [AT - 61 * MINUTE, AT + timedelta(microseconds=1)])
def test_no_price_is_made_up_where_no_sol_usd_is_known(db: psycopg.Connection, known: datetime) -> None:
    record(db, sol_usd("100", known), sol_usd("100", source="other"))
    assert refused(db, stated("B"), stated("A", AT, None, "1")) == ("TB019", "1/priceUsd")


def test_a_price_in_usd_that_18_decimals_of_sol_cannot_hold_is_refused(db: psycopg.Connection) -> None:
    record(db, sol_usd("100"))
    assert refused(db, stated("A", AT, None, "0.000000000000000001")) == ("TB019", "0/priceUsd")


def test_a_price_in_usd_that_is_too_many_sol_is_refused(db: psycopg.Connection) -> None:
    record(db, sol_usd("0.000000000000000001"))
    assert refused(db, stated("A", AT, None, "100")) == ("TB019", "0/priceUsd")


WRONG = {
    "no price": (stated(sol=None), ("TB010", "1/priceUsd")),
    "SOL in SOL alone": (stated(SOL, sol="1"), ("TB010", "1/priceUsd")),
    "no token": ({"observedAt": AT.isoformat(), "priceSol": "1"}, ("TB010", "1/tokenAddress")),
    "no time": ({"tokenAddress": "A", "priceSol": "1"}, ("TB010", "1/observedAt")),
    "zero": (stated(sol="0"), ("TB005", "1/priceSol")),
    "negative": (stated(usd="-1"), ("TB005", "1/priceUsd")),
    "NaN": (stated(sol="NaN"), ("TB005", "1/priceSol")),
    "19 decimals": (stated(sol="0.0000000000000000001"), ("TB005", "1/priceSol")),
    "a float": (stated() | {"priceSol": 0.1}, ("TB005", "1/priceSol")),
    "too large": (stated(sol="1" + "0" * 20), ("TB004", "1/priceSol")),
    "no zone": (stated(at="2026-01-05T12:00:00"), ("TB011", "1/observedAt")),
    "an unknown field": (stated(price="1"), ("TB009", "1/price")),
    "no object": ("A", ("TB011", "1")),
    "in the future": (stated(at="2999-01-01T00:00:00Z"), ("TB018", "1/observedAt")),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_with_its_item_and_field(db: psycopg.Connection, what: str) -> None:
    price, refusal = WRONG[what]
    assert refused(db, stated("GOOD"), price, stated("GOOD", AT + MINUTE)) == refusal


def test_a_price_may_be_five_minutes_ahead_of_the_clock(db: psycopg.Connection) -> None:
    now = value(db, "select clock_timestamp()")
    assert record(db, stated(at=now + 4 * MINUTE)) == 1
    assert refused(db, stated(at=now + 7 * MINUTE))[0] == "TB018"


def test_sol_costs_one_sol_and_a_source_has_a_name(db: psycopg.Connection) -> None:
    assert refused(db, stated(SOL, sol="2", usd="1"))[0] == "23514"
    assert refused(db, stated(source=" "))[0] == "23514"


def test_a_set_holds_ten_thousand_prices_and_no_more(db: psycopg.Connection) -> None:
    many = [stated(f"T{number}", AT) for number in range(10_000)]
    assert record(db, *many) == 10_000
    assert refused(db, *many, stated("A"))[0] == "TB011"
    for wrong in ("{}", "null", '"A"', None):
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            db.execute("select book.record_prices(%s)", [wrong])
        assert refusal.value.sqlstate == "TB011"


@pytest.mark.parametrize("role", ["api", "bi", "jobs"])
def test_nobody_but_the_operator_records_prices(db: psycopg.Connection, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(), acting_as(db, role):
        db.execute("select book.record_prices(%s)", [json.dumps([stated()])])


def test_the_same_set_twice_at_once_in_any_order_is_stored_once(
    db: psycopg.Connection, first: Session, second: Session
) -> None:
    batch = [stated("A"), stated("B"), sol_usd("100"), stated("C", AT, None, "1")]
    record(first.connection, *batch)
    running = second.start(record, second.connection, *reversed(batch))
    assert second.waits_for(running, first)
    first.commit()
    assert running.result() == 0
    second.commit()
    assert len(prices(db)) == 4


def test_of_two_that_differ_at_once_the_first_counts(first: Session, second: Session) -> None:
    record(first.connection, stated("A"))
    running = second.start(record, second.connection, stated("A", sol="0.7"))
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB008"


# The latest


def test_an_older_price_never_wins_over_a_newer_one(db: psycopg.Connection) -> None:
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")
    record(db, stated(sol="2"), sol_usd("100"), stated("B", AT, "3", source="other"))
    record(db, stated(at=AT - MINUTE, sol="9"), sol_usd("99", AT - MINUTE), sol_usd("1", AT + MINUTE, source="other"))
    latest = db.execute(
        "select token_address, source, price_sol, price_usd, observed_at, age = now() - observed_at"
        " from report.latest_prices order by 1, 2"
    ).fetchall()
    assert latest == [
        ("A", "feed", 2, None, AT, True),
        ("B", "other", 3, None, AT, True),
        (SOL, "feed", 1, 100, AT, True),
        (SOL, "other", 1, 1, AT + MINUTE, True),
    ]
    assert db.execute(
        "select price_usd, source, observed_at, age = now() - observed_at from report.sol_usd"
    ).fetchall() == [(100, "feed", AT, True)]
    assert value(db, "select value_sol from report.position_values") == 200
    db.execute("update settings set price_source = 'nobody'")
    assert db.execute("select * from report.sol_usd").fetchall() == []


def test_a_price_of_the_minutes_to_come_is_not_the_latest_yet(db: psycopg.Connection) -> None:
    now = value(db, "select now()")
    record(db, stated(at=now + 3 * MINUTE), stated("B", now + 3 * MINUTE), stated("B", now, "7"))
    assert db.execute("select token_address, price_sol from report.latest_prices").fetchall() == [("B", 7)]


@pytest.mark.parametrize("role", ["owner", "bi", "api"])
def test_the_latest_prices_do_not_read_the_history(db: psycopg.Connection, role: str) -> None:
    """Ten times the history costs no more than a level of the index."""

    def buffers() -> int:
        with acting_as(db, role):
            plan = value(db, "explain (analyze, buffers, format json) select * from report.latest_prices")
        return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])

    def fill(hours: range) -> None:
        db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol)"
            " select 'T' || t, 'feed', timestamptz '2025-01-01' + h * interval '10 minutes', 1"
            " from generate_series(1, 20) as t, generate_series(%s::int, %s::int) as h",
            [hours.start, hours.stop - 1],
        )
        db.execute("analyze token_prices")

    fill(range(200))
    few = buffers()
    fill(range(200, 4000))
    assert buffers() < few + 20 * 6


# Thinning


def test_a_time_to_come_thins_no_more_than_now(db: psycopg.Connection) -> None:
    now = value(db, "select date_trunc('hour', now(), 'UTC')")
    record(db, *(stated("A", now - timedelta(days=80) + n * MINUTE) for n in range(1, 10)))
    prune(db, now + timedelta(days=300))
    assert len(prices(db)) == 9


def prune(db: psycopg.Connection[Any], at: Any) -> None:
    db.commit()
    db.autocommit = True
    db.execute("set role tradebook_jobs")
    db.execute("call jobs.prune_prices(%s)", [at])
    db.execute("reset role")
    db.autocommit = False


def left(db: psycopg.Connection[Any]) -> list[tuple[str, timedelta]]:
    return [(token, time - AT) for token, _, time, _, _ in prices(db)]


def test_old_prices_are_thinned_to_the_last_of_each_hour(db: psycopg.Connection) -> None:
    db.execute("update settings set price_retention = '10 days'")
    second = timedelta(seconds=1)
    minutes = [-60, -59, -30, 0, 1, 59, 60, 61, 119]
    record(db, *(stated("A", AT + n * MINUTE) for n in minutes), stated("B", AT - 700 * MINUTE), sol_usd("1"))
    record(db, stated("B", AT + 2 * second), stated("B", AT + second), stated("B", AT + second, source="other"))
    before = left(db)
    # The hour up to AT is not yet over, ten days before.
    prune(db, AT + timedelta(days=10) - second)
    assert left(db) == before
    prune(db, AT + timedelta(days=10, hours=1, seconds=1))
    # Those of (11:00, 12:00] and (12:00, 13:00]; the hour after is younger than ten days in part.
    assert [time / MINUTE for token, time in left(db) if token == "A"] == [-60, 0, 60, 61, 119]
    assert [time for token, time in left(db) if token == "B"] == [-700 * MINUTE, 2 * second, second]
    assert (SOL, timedelta(0)) in left(db)
    thinned = left(db)
    prune(db, AT + timedelta(days=10, hours=1, seconds=1))
    assert left(db) == thinned
    # The latest of all stays, however old.
    prune(db, AT + timedelta(days=11))
    assert [time / MINUTE for token, time in left(db) if token == "A"] == [-60, 0, 60, 119]


def test_prices_are_kept_for_ever_where_no_retention_is_set(db: psycopg.Connection) -> None:
    db.execute("update settings set price_retention = null")
    record(db, *(stated("A", AT + n * MINUTE) for n in range(10)))
    prune(db, AT + timedelta(days=300))
    assert len(prices(db)) == 10


def test_thinning_takes_more_than_one_batch_and_leaves_snapshots_as_they_would_be(db: psycopg.Connection) -> None:
    ledger = Ledger(db)
    ledger.buy("A", "100", "1", transaction_time=AT - timedelta(days=3))
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol)"
        " select t, 'feed', timestamptz '2026-01-01' + n * interval '17 seconds', 1 + n from"
        " unnest('{A,B}'::text[]) as t, generate_series(1, 25000) as n"
    )
    db.commit()
    snapshots = "select snapshot_timestamp, portfolio_balance_sol from agent_balance_snapshots order by 1"

    def made_up() -> list[Any]:
        db.commit()
        db.autocommit = True
        db.execute("call jobs.backfill_snapshots('2026-01-01', '2026-01-08')")
        db.autocommit = False
        rows = db.execute(snapshots).fetchall()
        with acting_as(db, "book"):
            db.execute("delete from agent_balance_snapshots")
        return rows

    before = made_up()
    assert len(set(before)) > 100
    prune(db, value(db, "select now()"))
    # 25,000 times 17 seconds are 118 hours and some minutes.
    assert len(prices(db)) == 2 * 119
    assert made_up() == before
