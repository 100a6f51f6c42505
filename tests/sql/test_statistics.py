"""Statistics: the checked values, the cases at the edge, and a second implementation in plain Decimal."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from decimal import Decimal as D
from itertools import groupby
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.curves import snapshot, statistics
from tests.ledger import SOL, Ledger

EQUITY = [D(e) for e in ["10", "10.5", "10.3", "10.6", "10.2", "10.2", "11.3", "10.6", "10.5", "10.75", "11.35"]]
GAINS = [D(g) for g in [".50", "-.20", ".30", "-.40", "0", "1.10", "-.70", "-.10", ".25", ".60"]]
FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)

CHECKED = {
    "sharpe_ratio": "5.294342169697",
    "sortino_ratio": "11.064487063930",
    "volatility_ratio": "0.954347095446",
    "cagr_ratio": "100.706555387822",
    "calmar_ratio": "1422.480094852983",
    "maximum_drawdown_ratio": "-0.070796460177",
    "ulcer_ratio": "0.040040780099",
    "recovery_factor_ratio": "1.955302493595",
    "value_at_risk_95_ratio": "-0.051051928536",
    "expected_shortfall_95_ratio": "-0.061946902655",
}

ROWLESS = {"return_count": 0, "trades": 0, "longest_winning_streak": 0, "longest_losing_streak": 0}
"""What is 0 where nothing has happened; all else is unknown."""


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db, sol=None)


def snapshots(ledger: Ledger, values: Sequence[Any], first: date = date(2026, 1, 1)) -> None:
    """One a day, at 23:00 UTC; None is a day without."""
    for day, value in enumerate(values):
        if value is not None:
            snapshot(ledger, datetime(first.year, first.month, first.day, 23, tzinfo=UTC) + timedelta(days=day), value)


def trades(ledger: Ledger, gains: Sequence[Any], invested: str = "1") -> None:
    """A trade for each gain: closed at 06:00 of 2026-01-01 and every 13 hours, held for 1 hour, 2 hours and so on."""
    ledger.deposit(SOL, "100", transaction_time=FIRST - timedelta(days=9))
    for number, gain in enumerate(gains):
        token = f"T{number}"
        closed = FIRST + timedelta(hours=13 * number)
        ledger.buy(token, "100", invested, transaction_time=closed - timedelta(hours=number + 1))
        received = D(invested) + D(gain)
        if received > 0:
            ledger.sell(token, "100", str(received), transaction_time=closed)
        else:
            ledger.burn(token, "100", transaction_time=closed)


def of_returns(db: psycopg.Connection[Any], returns: Sequence[Decimal | None]) -> dict[str, Any]:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(len(returns))]
    with db.cursor(row_factory=dict_row) as cursor:
        query = "select * from book.statistics_of_returns(%s::date[], %s::numeric[])"
        row = cursor.execute(query, [days, list(returns)]).fetchone()
    assert row is not None
    return row


def undefined(row: dict[str, Any]) -> set[str]:
    return {name for name, value in row.items() if value is None}


# The checked values


def test_daily_returns_have_the_checked_values(ledger: Ledger) -> None:
    snapshots(ledger, EQUITY)
    row = statistics(ledger)
    for name, value in CHECKED.items():
        assert abs(row[name] - D(value)) <= abs(D(value)) * D("1e-9"), name
    assert (row["return_count"], row["starting_equity_sol"], row["ending_equity_sol"]) == (10, 10, D("11.35"))
    assert row["total_return_ratio"] == D("0.135")
    days = [f"maximum_drawdown_{which}_day" for which in ("peak", "trough", "recovery")]
    assert [row[name].day for name in days] == [7, 9, 11]
    assert (row["best_day"].day, row["worst_day"].day, row["current_drawdown_ratio"]) == (7, 8, 0)
    assert row["best_day_ratio"] == D("0.107843137254901961")
    assert row["worst_day_ratio"] == D("-0.061946902654867257")


def test_trades_have_the_checked_values(ledger: Ledger) -> None:
    snapshots(ledger, [10], date(2025, 12, 31))
    trades(ledger, GAINS)
    row = statistics(ledger)
    assert row["trades"] == 10
    assert row["gain_drawdown_sol"] == D("0.8")
    assert abs(row["gain_drawdown_ratio"] - D(".070796460177")) < D("5e-13")
    assert row["gain_drawdown_from"] == datetime(2026, 1, 3, 23, tzinfo=UTC)
    assert row["gain_drawdown_to"] == datetime(2026, 1, 5, 1, tzinfo=UTC)
    assert (row["longest_winning_streak"], row["longest_losing_streak"]) == (2, 2)
    assert (row["best_gain_sol"], row["worst_gain_sol"], row["median_gain_sol"]) == (D("1.1"), D("-.7"), D("0.125"))
    assert (row["best_return_percent"], row["worst_return_percent"]) == (110, -70)
    assert row["median_return_percent"] == D("12.5")
    hours = [row[f"median_holding_seconds{of}"] / 3600 for of in ("", "_won", "_lost")]
    assert hours == [D("5.5"), 6, D("5.5")]


def test_a_period_counts_only_what_happened_in_it(ledger: Ledger) -> None:
    snapshots(ledger, EQUITY)
    trades(ledger, GAINS)
    row = statistics(ledger, FIRST + timedelta(hours=13), FIRST + timedelta(hours=39))
    assert (row["trades"], row["best_gain_sol"], row["worst_gain_sol"]) == (2, D(".3"), D("-.2"))
    # 2026-01-01T19:00 to 2026-01-02T21:00: no return, as the first snapshot of all is in it.
    assert (row["return_count"], row["first_day"]) == (0, date(2026, 1, 1))
    row = statistics(ledger, datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC))
    assert (row["first_day"], row["last_day"], row["return_count"]) == (date(2026, 1, 6), date(2026, 1, 8), 3)
    assert (row["starting_equity_sol"], row["ending_equity_sol"]) == (D("10.2"), D("10.6"))
    assert row["total_return_ratio"] == D("0.039215686274509804")


def test_a_wallet_is_asked_for_alone(ledger: Ledger) -> None:
    snapshots(ledger, EQUITY)
    trades(ledger, GAINS)
    assert statistics(ledger, wallet=ledger.wallet) == statistics(ledger)
    row = statistics(ledger, wallet="another")
    assert {name: value for name, value in row.items() if value is not None} == ROWLESS


# The edges


def test_a_period_without_bounds_is_all_time(ledger: Ledger) -> None:
    snapshots(ledger, ["10", "11", "9"])
    trades(ledger, ["1", "-0.5"])
    for function in ("statistics", "equity_curve", "drawdowns"):
        everything = ledger.rows(f"select * from report.{function}(%s)", ledger.agent)
        assert ledger.rows(f"select * from report.{function}(%s, null, null)", ledger.agent) == everything != []
    history = ledger.rows("select * from report.balance_history(%s, 'day')", ledger.agent)
    assert ledger.rows("select * from report.balance_history(%s, 'day', null, null)", ledger.agent) == history != []


def test_nothing_at_all_is_unknown(ledger: Ledger) -> None:
    row = statistics(ledger)
    assert {name: value for name, value in row.items() if value is not None} == ROWLESS
    assert ledger.rows("select * from report.statistics(%s)", uuid4()) == []


def test_one_snapshot_has_no_return(ledger: Ledger) -> None:
    snapshots(ledger, [10])
    row = statistics(ledger)
    known = {name: value for name, value in row.items() if value is not None}
    day = date(2026, 1, 1)
    assert known == ROWLESS | {
        "first_day": day,
        "last_day": day,
        "starting_equity_sol": 10,
        "ending_equity_sol": 10,
    }


def test_one_return_has_no_deviation(db: psycopg.Connection[Any]) -> None:
    row = of_returns(db, [D("0.1")])
    assert undefined(row) == {
        *("volatility_ratio", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "ulcer_ratio", "recovery_factor_ratio"),
        *(f"maximum_drawdown_{which}_day" for which in ("peak", "trough", "recovery")),
    }
    assert row["total_return_ratio"] == row["value_at_risk_95_ratio"] == row["best_day_ratio"] == D("0.1")
    assert (row["maximum_drawdown_ratio"], row["current_drawdown_ratio"]) == (0, 0)
    assert D("1.28e15") < row["cagr_ratio"] < D("1.29e15")


def test_days_without_a_loss_have_no_sortino_and_no_calmar(db: psycopg.Connection[Any]) -> None:
    row = of_returns(db, [D("0.1"), D("0.2"), D(0)])
    assert {"sortino_ratio", "calmar_ratio", "recovery_factor_ratio"} < undefined(row)
    assert (row["maximum_drawdown_ratio"], row["ulcer_ratio"]) == (0, 0)
    assert row["sharpe_ratio"] > 0


def test_days_that_are_all_alike_have_no_sharpe(db: psycopg.Connection[Any]) -> None:
    for each in ("0", "0.1", "-0.1", "0.333333333333333333"):
        row = of_returns(db, [D(each)] * 3)
        assert (row["volatility_ratio"], row["sharpe_ratio"]) == (0, None)
        assert (row["sortino_ratio"] is None) == (D(each) >= 0)


def test_losses_alone_never_recover(db: psycopg.Connection[Any]) -> None:
    row = of_returns(db, [D("-0.1"), D("-0.2")])
    assert (row["maximum_drawdown_ratio"], row["current_drawdown_ratio"]) == (D("-0.28"), D("-0.28"))
    assert (row["maximum_drawdown_peak_day"], row["maximum_drawdown_recovery_day"]) == (None, None)
    assert row["maximum_drawdown_trough_day"] == date(2026, 1, 2)
    assert row["calmar_ratio"] < 0


def test_a_total_loss_and_more_than_that(db: psycopg.Connection[Any]) -> None:
    row = of_returns(db, [D("0.5"), D(-1), None, D("0.5")])
    assert (row["total_return_ratio"], row["cagr_ratio"], row["maximum_drawdown_ratio"]) == (-1, -1, -1)
    assert (row["return_count"], row["calmar_ratio"], row["current_drawdown_ratio"]) == (3, -1, -1)
    # A deposit of the day can be lost too. Below zero there is no growth rate.
    row = of_returns(db, [D("0.5"), D("-1.5")])
    assert (row["total_return_ratio"], row["maximum_drawdown_ratio"]) == (D("-1.75"), D("-1.5"))
    assert (row["cagr_ratio"], row["calmar_ratio"]) == (None, None)


def test_numbers_at_the_limits_of_their_columns_are_no_error(ledger: Ledger) -> None:
    snapshots(ledger, ["999999999999.99999999", "0.00000001"] * 200)
    row = statistics(ledger)
    assert (row["return_count"], row["total_return_ratio"]) == (399, -1)
    assert all(value.is_finite() for value in row.values() if isinstance(value, D))
    row = of_returns(ledger.db, [D("99999999999999999999")])
    assert row["cagr_ratio"].is_finite() and row["cagr_ratio"] > D("1e7299")


def test_there_is_no_return_on_nothing(ledger: Ledger) -> None:
    snapshots(ledger, [0, 0, 10, 11, 0, 0])
    row = statistics(ledger)
    assert (row["return_count"], row["total_return_ratio"], row["current_drawdown_ratio"]) == (2, -1, -1)
    assert row["best_day_ratio"] == D("0.1")


def test_a_gap_of_days_is_one_return(ledger: Ledger) -> None:
    snapshots(ledger, [10, 11, None, None, 22])
    row = statistics(ledger)
    assert (row["return_count"], row["best_day"], row["best_day_ratio"]) == (2, date(2026, 1, 5), 1)


def test_a_deposit_in_the_middle_is_no_gain(ledger: Ledger) -> None:
    snapshots(ledger, [10, 11, 111, 111])
    ledger.deposit(SOL, "100", transaction_time=datetime(2026, 1, 3, 1, tzinfo=UTC))
    row = statistics(ledger)
    assert (row["total_return_ratio"], row["net_flow_sol"], row["unknown_flows"]) == (D("0.1"), 100, 0)
    assert (row["maximum_drawdown_ratio"], row["best_day"]) == (0, date(2026, 1, 2))


def test_one_trade(ledger: Ledger) -> None:
    trades(ledger, ["0.5"])
    row = statistics(ledger)
    assert [row[name] for name in ("median_gain_sol", "best_gain_sol", "worst_gain_sol")] == [D("0.5")] * 3
    assert (row["longest_winning_streak"], row["longest_losing_streak"]) == (1, 0)
    assert (row["median_holding_seconds_won"], row["median_holding_seconds_lost"]) == (3600, None)
    assert (row["gain_drawdown_sol"], row["gain_drawdown_ratio"], row["gain_drawdown_from"]) == (0, None, None)


def test_only_winners_only_losers_only_draws(db: psycopg.Connection[Any]) -> None:
    outcomes = {}
    for gains in (["0.1", "0.2"], ["-0.1", "-0.2"], ["0", "0"]):
        ledger = Ledger(db, sol=None)
        snapshots(ledger, [10], date(2025, 12, 31))
        trades(ledger, gains)
        row = statistics(ledger)
        outcomes[gains[0]] = [
            row[name]
            for name in (
                "longest_winning_streak",
                "longest_losing_streak",
                "median_holding_seconds_won",
                "median_holding_seconds_lost",
                "gain_drawdown_sol",
                "gain_drawdown_ratio",
                "gain_drawdown_from",
                "median_gain_sol",
            )
        ]
    assert outcomes == {
        "0.1": [2, 0, 5400, None, 0, 0, None, D("0.15")],
        "-0.1": [0, 2, None, 5400, D("0.3"), D("0.03"), None, D("-0.15")],
        "0": [0, 0, None, None, 0, 0, None, 0],
    }


def test_losses_of_an_account_that_began_with_nothing_have_no_ratio(ledger: Ledger) -> None:
    snapshots(ledger, [0], date(2025, 12, 31))
    trades(ledger, ["-0.1", "-0.2"])
    row = statistics(ledger)
    assert (row["starting_equity_sol"], row["gain_drawdown_sol"], row["gain_drawdown_ratio"]) == (0, D("0.3"), None)


def test_trades_that_cost_nothing_have_a_gain_and_no_return(ledger: Ledger) -> None:
    ledger.deposit("A", "100", value="0")
    ledger.sell("A", "100", "2")
    row = statistics(ledger)
    assert (row["trades"], row["best_gain_sol"], row["best_return_percent"]) == (1, 2, None)
    assert row["median_return_percent"] is None


def test_a_median_between_two_digits_is_rounded_away_from_zero(ledger: Ledger) -> None:
    trades(ledger, ["-0.000000000000000001", "-0.000000000000000002"])
    assert str(statistics(ledger)["median_gain_sol"]) == "-2E-18"


def test_only_dust_is_left(ledger: Ledger) -> None:
    ledger.deposit(SOL, "10")
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    row = statistics(ledger)
    assert (row["trades"], row["best_gain_sol"]) == (1, D("1.0000005"))


def test_a_draw_ends_a_streak_and_moves_no_peak(db: psycopg.Connection[Any]) -> None:
    ledger = Ledger(db, sol=None)
    trades(ledger, ["0.1", "0.1", "0", "-0.1", "-0.1", "0", "-0.1", "0.2"])
    row = statistics(ledger)
    assert (row["longest_winning_streak"], row["longest_losing_streak"]) == (2, 2)
    # The last trade at the highest.
    assert row["gain_drawdown_from"] == FIRST + timedelta(hours=26)
    assert row["gain_drawdown_to"] == FIRST + timedelta(hours=13 * 6)


# A second implementation


def rounded(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    with localcontext() as context:
        context.prec = 9000
        return value.quantize(D("1e-18"), rounding=ROUND_HALF_UP)


def percentile(sample: Sequence[Decimal], fraction: Decimal) -> Decimal | None:
    if not sample:
        return None
    ordered = sorted(sample)
    place = fraction * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def expected(returns: Sequence[Decimal | None]) -> dict[str, Decimal | None]:
    """The section on the equity curve, written down again in plain Decimal."""
    with localcontext() as context:
        context.prec = 80
        known = [r for r in returns if r is not None]
        n = len(known)
        if not n:
            return dict.fromkeys([*CHECKED, "total_return_ratio", "current_drawdown_ratio"])
        mean = sum(known, D(0)) / n
        deviation = (sum((r - mean) ** 2 for r in known) / (n - 1)).sqrt() if n > 1 else None
        downside = (sum((r * r for r in known if r < 0), D(0)) / n).sqrt()
        year = D(365).sqrt()
        growth, highest, drawdowns = D(1), D(1), []
        for r in known:
            growth *= 1 + r
            highest = max(highest, growth)
            drawdowns.append(growth / highest - 1)
        lowest = min(D(0), *drawdowns)
        cagr = growth ** (D(365) / n) - 1 if growth >= 0 else None
        at_risk = percentile(known, D("0.05"))
        assert at_risk is not None
        tail = [r for r in known if r <= at_risk]
        return {
            "total_return_ratio": growth - 1,
            "cagr_ratio": cagr,
            "volatility_ratio": None if deviation is None else deviation * year,
            "sharpe_ratio": mean / deviation * year if deviation else None,
            "sortino_ratio": mean / downside * year if downside else None,
            "calmar_ratio": cagr / -lowest if cagr is not None and lowest else None,
            "maximum_drawdown_ratio": lowest,
            "current_drawdown_ratio": drawdowns[-1],
            "ulcer_ratio": (sum(d * d for d in drawdowns) / (n - 1)).sqrt() if n > 1 else None,
            "recovery_factor_ratio": abs(sum(known, D(0))) / -lowest if lowest else None,
            "value_at_risk_95_ratio": at_risk,
            "expected_shortfall_95_ratio": sum(tail, D(0)) / len(tail),
        }


@pytest.mark.parametrize("seed", range(12))
def test_random_returns_agree_with_plain_decimal(db: psycopg.Connection[Any], seed: int) -> None:
    """To 15 digits, of the last of which the two roundings may differ."""
    chance = random.Random(seed)
    scale = chance.choice([1, 10, 1000])
    returns = [
        None if chance.random() < 0.1 else D(chance.randint(-1000, 1100)) / (1000 * scale)
        for _ in range(chance.choice([0, 1, 2, 3, 20, 300]))
    ]
    row = of_returns(db, returns)
    for name, value in expected(returns).items():
        found = row[name]
        if value is None or found is None:
            assert found is value, name
            continue
        assert abs(found - value) <= abs(value) * D("1e-15") + D("1e-17"), (name, found, value)


@pytest.mark.parametrize("seed", range(6))
def test_random_trades_agree_with_plain_python(db: psycopg.Connection[Any], seed: int) -> None:
    chance = random.Random(seed)
    count = chance.choice([1, 2, 3, 30, 200])
    gains = [D(chance.randint(-3, 3)) / 8 for _ in range(count)]
    held = [D(chance.randint(0, 10**6)) for _ in range(count)]
    times = [FIRST + timedelta(hours=number) for number in range(count)]
    start = D(chance.choice([0, 5, 100]))
    with db.cursor(row_factory=dict_row) as cursor:
        query = "select * from book.statistics_of_trades(%s::timestamptz[], %s, %s, %s, %s)"
        row = cursor.execute(query, [times, gains, [100 * gain for gain in gains], held, start]).fetchone()
    assert row is not None
    sums = [sum(gains[: number + 1], D(0)) for number in range(count)]
    highest = [max(D(0), *sums[: number + 1]) for number in range(count)]
    deepest = max(range(count), key=lambda number: (highest[number] - sums[number], -number))
    fall = highest[deepest] - sums[deepest]
    peak = [number for number in range(deepest) if sums[number] == highest[deepest]]
    runs = [(sign, len(list(run))) for sign, run in groupby((gain > 0) - (gain < 0) for gain in gains)]
    account = start + highest[deepest]
    assert row == {
        "trades": count,
        "median_gain_sol": percentile(gains, D("0.5")),
        "median_return_percent": percentile([100 * gain for gain in gains], D("0.5")),
        "best_gain_sol": max(gains),
        "worst_gain_sol": min(gains),
        "best_return_percent": 100 * max(gains),
        "worst_return_percent": 100 * min(gains),
        "longest_winning_streak": max([0, *(length for sign, length in runs if sign > 0)]),
        "longest_losing_streak": max([0, *(length for sign, length in runs if sign < 0)]),
        "median_holding_seconds": percentile(held, D("0.5")),
        "median_holding_seconds_won": percentile([h for h, g in zip(held, gains, strict=True) if g > 0], D("0.5")),
        "median_holding_seconds_lost": percentile([h for h, g in zip(held, gains, strict=True) if g < 0], D("0.5")),
        "gain_drawdown_sol": fall,
        "gain_drawdown_ratio": rounded(fall / account) if account else None,
        "gain_drawdown_from": times[peak[-1]] if fall and peak else None,
        "gain_drawdown_to": times[deepest] if fall else None,
    }
