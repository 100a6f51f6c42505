"""Equity by day: which snapshot counts, what is a flow, and what is a return."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from tests.curves import columns, curve, price, snapshot
from tests.ledger import SOL, Ledger, acting_as
from tests.sql.test_cascades import new_live_wallet


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db, sol=None)


def at(day: int, hour: int = 23, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def on(day: int) -> date:
    return date(2026, 1, day)


def test_a_day_is_its_last_snapshot_and_a_return_is_what_came_of_the_day_before(ledger: Ledger) -> None:
    for when, value in [(at(1, 0), 8), (at(1), 10), (at(2, 0), 99), (at(2, 22), 12), (at(3), 9)]:
        snapshot(ledger, when, value)
    rows = curve(ledger)
    assert columns(rows, "day", "snapshot_at", "equity_sol", "flow_sol", "change_sol", "return_ratio") == [
        (on(1), at(1), 10, None, None, None),
        (on(2), at(2, 22), 12, 0, 2, D("0.2")),
        (on(3), at(3), 9, 0, -3, D("-0.25")),
    ]
    assert columns(rows, "equity_index_ratio", "drawdown_ratio", "days_spanned", "unknown_flows") == [
        (1, 0, None, None),
        (D("1.2"), 0, 1, 0),
        (D("0.9"), D("-0.25"), 1, 0),
    ]


def test_days_are_those_of_utc_whatever_the_session_says(ledger: Ledger) -> None:
    """In March, Havana has a day that begins at 1."""
    snapshot(ledger, at(5, 23, month=3), 5)
    for day in range(6, 12):
        snapshot(ledger, at(day, 23, month=3), day)
        snapshot(ledger, at(day, 3, month=3), 1)
    snapshot(ledger, at(13, 3, month=3), 13)
    expected = (curve(ledger), history(ledger, "day"), history(ledger, "week"))
    assert [row["equity_sol"] for row in expected[0]] == [5, 6, 7, 8, 9, 10, 11, 13]
    assert [row["snapshot_at"] for row in expected[2]] == [at(8, 23, month=3), at(13, 3, month=3)]
    for zone in ("America/Havana", "Pacific/Kiritimati"):
        ledger.db.execute(f"set timezone to '{zone}'")
        assert (curve(ledger), history(ledger, "day"), history(ledger, "week")) == expected


def test_deposits_and_withdrawals_are_no_return_and_fees_are(ledger: Ledger) -> None:
    """A flow counts in the point that comes at its instant or after it."""
    ledger.deposit(SOL, "10", transaction_time=at(1, 22))
    snapshot(ledger, at(1), 10)
    ledger.deposit(SOL, "5", transaction_time=at(2))
    price(ledger, "A", "0.25", at(1))
    # Worth 2 at the price that values it in the equity, whatever was said when it came.
    ledger.deposit("A", "8", value="3", transaction_time=at(1, 23) + timedelta(microseconds=1))
    snapshot(ledger, at(2), 18)
    ledger.withdraw(SOL, "4", fees_sol="0.5", fees_usd="50", transaction_time=at(2, 23) + timedelta(microseconds=1))
    ledger.burn(SOL, "0.4", transaction_time=at(3))
    snapshot(ledger, at(3), "13.1")
    assert columns(curve(ledger), "flow_sol", "change_sol", "return_ratio") == [
        (None, None, None),
        (7, 1, D("0.1")),
        (-4, D("-0.9"), D("-0.05")),
    ]


def test_a_token_without_a_price_is_in_no_equity_and_in_no_flow(ledger: Ledger) -> None:
    """A spam token that a file values at millions comes and goes without a trace in the returns; it is told."""
    ledger.deposit(SOL, "10", transaction_time=at(1))
    ledger.deposit("SPAM", "7", value="1000000", transaction_time=at(1))
    snapshot(ledger, at(1), 10)
    ledger.withdraw("SPAM", "7", value_sol="2000000", transaction_time=at(2))
    snapshot(ledger, at(2), 10)
    snapshot(ledger, at(3), 10)
    found = columns(curve(ledger), "flow_sol", "unknown_flows", "return_ratio")
    assert found == [(None, None, None), (0, 1, 0), (0, 0, 0)]


def test_voided_flows_and_rows_without_a_wallet_do_not_count(ledger: Ledger) -> None:
    ledger.deposit(SOL, "10", transaction_time=at(1))
    snapshot(ledger, at(1), 10)
    ledger.void(ledger.deposit(SOL, "3", transaction_time=at(2)))
    ledger.deposit(SOL, "3", transaction_time=at(2), wallet_address=None)
    snapshot(ledger, at(2), 11)
    assert columns(curve(ledger), "flow_sol", "return_ratio")[1] == (0, D("0.1"))


def test_a_gap_of_days_is_spanned_by_one_return_with_its_flows(ledger: Ledger) -> None:
    snapshot(ledger, at(1), 10)
    ledger.deposit(SOL, "5", transaction_time=at(3))
    ledger.deposit(SOL, "5", transaction_time=at(5))
    snapshot(ledger, at(6), 21)
    assert columns(curve(ledger), "day", "flow_sol", "return_ratio", "days_spanned") == [
        (on(1), None, None, None),
        (on(6), 10, D("0.1"), 5),
    ]


def test_there_is_no_return_on_nothing(ledger: Ledger) -> None:
    """The index waits until there is something again."""
    for day, value in [(1, 10), (2, 0), (3, 0), (5, 22), (6, 33)]:
        if day == 4:
            continue
        snapshot(ledger, at(day), value)
    ledger.deposit(SOL, "10", transaction_time=at(4))
    rows = curve(ledger)
    assert columns(rows, "return_ratio", "equity_index_ratio", "drawdown_ratio") == [
        (None, 1, 0),
        (-1, 0, -1),
        (None, 0, -1),
        (None, 0, -1),
        (D("0.5"), 0, -1),
    ]
    assert columns(rows, "change_sol") == [(None,), (-10,), (0,), (12,), (11,)]


def test_an_agent_is_the_sum_of_its_wallets(ledger: Ledger) -> None:
    """At the last instant of the day that any of them has; who lacks it counts with its last snapshot before."""
    other = new_live_wallet(ledger)
    for day, mine, its in [(1, 10, 20), (2, 11, 22), (3, 12, None), (4, 12, 24)]:
        snapshot(ledger, at(day), mine)
        if its:
            snapshot(other, at(day), its)
    # Between the snapshot that stands in for it and the next one.
    other.deposit(SOL, "2", transaction_time=at(3, 5))
    assert columns(curve(ledger), "equity_sol", "flow_sol", "change_sol") == [
        (30, None, None),
        (33, 0, 3),
        (34, 0, 1),
        (36, 2, 0),
    ]
    assert columns(curve(ledger, wallet=other.wallet), "day", "equity_sol", "flow_sol", "change_sol") == [
        (on(1), 20, None, None),
        (on(2), 22, 0, 2),
        (on(4), 24, 2, 0),
    ]
    assert columns(history(ledger, "day"), "portfolio_sol", "wallets") == [(30, 2), (33, 2), (34, 2), (36, 2)]


def test_a_wallet_that_joins_later_brings_what_it_has(ledger: Ledger) -> None:
    """What it had at its first snapshot is a flow; what it earned after that is not."""
    snapshot(ledger, at(1), 10)
    other = new_live_wallet(ledger)
    other.deposit(SOL, "100", transaction_time=at(1, 1))
    snapshot(other, at(2, 5), 50)
    other.deposit(SOL, "1", transaction_time=at(2, 6))
    snapshot(other, at(2), 52)
    snapshot(ledger, at(2), 10)
    assert columns(curve(ledger), "equity_sol", "flow_sol", "change_sol", "return_ratio") == [
        (10, None, None, None),
        (62, 51, 1, D("0.1")),
    ]


def test_a_period_begins_with_the_snapshot_before_it(ledger: Ledger) -> None:
    """So that the returns of adjoining periods are those of both."""
    for day, value in [(1, 10), (2, 11), (3, 22), (4, 11)]:
        snapshot(ledger, at(day), value)
        snapshot(ledger, at(day, 12), 1)
    ledger.deposit(SOL, "3", transaction_time=at(3, 13))
    whole = curve(ledger)
    halves = [curve(ledger, "-infinity", at(3, 0)), curve(ledger, at(3, 0), at(5, 0))]
    returns = ("day", "equity_sol", "flow_sol", "change_sol", "return_ratio")
    assert columns(halves[0], *returns) + columns(halves[1], *returns) == columns(whole, *returns)
    assert columns(halves[1], "equity_index_ratio", "drawdown_ratio") == [
        (D("1.727272727272727273"), 0),
        (D("0.863636363636363636"), D("-0.5")),
    ]
    # A snapshot at the start is in the period, one at the end is not.
    assert columns(curve(ledger, at(2, 12), at(2)), *returns) == [(on(2), 1, 0, -9, D("-0.9"))]
    assert curve(ledger, at(9), at(10)) == []
    assert curve(ledger, at(3), at(3)) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_back_to_its_highest_is_there_again(ledger: Ledger, seed: int) -> None:
    """To the last digit, after any number of days."""
    chance = random.Random(seed)
    values = [*(D(chance.randint(1, 10**8)) / 10**8 for _ in range(28)), 1, D("0.3"), 1]
    for day, value in enumerate(values, start=1):
        snapshot(ledger, at(day), value)
    for number, row in enumerate(curve(ledger)):
        highest = max(values[: number + 1])
        assert row["drawdown_ratio"] == round(D(values[number]) / highest - 1, 18)
    (found,) = ledger.rows("select * from report.drawdowns(%s) where peak_day = %s", ledger.agent, on(29))
    assert (found["recovery_day"], found["drawdown_ratio"]) == (on(31), D("-0.7"))


def test_random_periods_chain(ledger: Ledger) -> None:
    """The index over the whole is the product of those over its parts, with a wallet that joins and flows."""
    other = new_live_wallet(ledger)
    for hour in range(24 * 6):
        snapshot(ledger, at(1, 0) + timedelta(hours=hour), 100 + hour * 7 % 13)
        if hour > 40:
            snapshot(other, at(1, 0) + timedelta(hours=hour), 50 + hour * 5 % 11)
        if hour % 17 == 3:
            ledger.deposit(SOL, "2", transaction_time=at(1, 0) + timedelta(hours=hour))
    (last,) = curve(ledger, at(4, 0), at(7, 0))[-1:]
    (whole,) = curve(ledger)[-1:]
    (first,) = curve(ledger, "-infinity", at(4, 0))[-1:]
    product = first["equity_index_ratio"] * last["equity_index_ratio"]
    assert abs(product - whole["equity_index_ratio"]) < D("1e-16")


def test_drawdowns_are_listed_with_their_peak_trough_and_recovery(ledger: Ledger) -> None:
    for day, value in enumerate([10, 8, 9, 10, 12, 6, 3, 12, 12, 9], start=1):
        snapshot(ledger, at(day), value)
    names = ("peak_day", "trough_day", "recovery_day", "drawdown_ratio", "days_below")
    query = "select * from report.drawdowns(%s, %s)"
    assert columns(ledger.rows(query, ledger.agent, "-infinity"), *names) == [
        (on(5), on(7), on(8), D("-0.75"), 2),
        (on(9), on(10), None, D("-0.25"), 1),
        (on(1), on(2), on(4), D("-0.2"), 2),
    ]
    assert columns(ledger.rows(query, ledger.agent, at(7, 0)), *names) == [
        (None, on(7), on(8), D("-0.5"), 1),
        (on(9), on(10), None, D("-0.25"), 1),
    ]


def test_the_view_is_the_curve_of_every_agent(ledger: Ledger) -> None:
    other = Ledger(ledger.db, sol=None)
    for each in (ledger, other):
        snapshot(each, at(1), 10)
        snapshot(each, at(2), 11)
    for each in (ledger, other):
        rows = ledger.rows("select * from report.daily_equity where agent_id = %s order by day", each.agent)
        assert {row.pop("user_id") for row in rows} == {each.user}
        assert {row.pop("agent_id") for row in rows} == {each.agent}
        assert rows == curve(each)
    with acting_as(ledger.db, "api", ledger.user):
        seen = ledger.rows("select distinct agent_id from report.daily_equity")
    assert [row["agent_id"] for row in seen] == [ledger.agent]


# History for charts


def history(ledger: Ledger, granularity: str | None, start: Any = "-infinity", end: Any = "infinity") -> list[Any]:
    return ledger.rows("select * from report.balance_history(%s, %s, %s, %s)", ledger.agent, granularity, start, end)


def test_a_chart_has_the_last_snapshot_of_each_hour_day_week_or_month(ledger: Ledger) -> None:
    # The 1st of January 2026 is a Thursday.
    times = [at(1, 0), at(1, 1), at(1), at(4), at(5), at(31), at(1, month=2)]
    for number, when in enumerate(times):
        snapshot(ledger, when, 10 + number, sol=10, unrealized="0.5")
    assert columns(history(ledger, "hour"), "snapshot_at") == [(when,) for when in times]
    expected = {
        "day": [at(1), at(4), at(5), at(31), at(1, month=2)],
        "week": [at(4), at(5), at(1, month=2)],
        "month": [at(31), at(1, month=2)],
    }
    for granularity, instants in expected.items():
        assert columns(history(ledger, granularity), "snapshot_at") == [(when,) for when in instants]
    assert columns(history(ledger, "month"), "portfolio_sol", "sol_balance", "positions_value_sol") == [
        (15, 10, 5),
        (16, 10, 6),
    ]
    assert columns(history(ledger, "day", at(1, 1), at(5)), "snapshot_at", "unrealized_sol") == [
        (at(1), D("0.5")),
        (at(4), D("0.5")),
    ]
    assert history(ledger, "day", at(1, month=3), at(1, month=4)) == []


@pytest.mark.parametrize("granularity", ["minute", "1 day", "", None])
def test_another_granularity_is_refused(ledger: Ledger, granularity: str | None) -> None:
    with pytest.raises(errors.DatabaseError, match="granularity is hour, day, week or month") as refused:
        history(ledger, granularity)
    assert refused.value.sqlstate == "TB022"


def test_an_agent_without_snapshots_has_no_curve(ledger: Ledger) -> None:
    ledger.deposit(SOL, "1")
    assert (curve(ledger), history(ledger, "hour")) == ([], [])
    assert ledger.rows("select * from report.equity_curve(%s)", uuid4()) == []
    assert ledger.rows("select * from report.drawdowns(%s)", ledger.agent) == []
