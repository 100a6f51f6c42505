"""The statistics and lots beside those of other programs, on random histories.

They are heavy, and use floats: `pip install -e '.[dev,oracles]'` brings them, and figures are compared to a relative
1e-9. Where such a program means something else by a name, the test says what, as `report.metric_definitions` does, and
holds the relation between the two.
"""

from __future__ import annotations

import math
import random
import warnings
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from tests.ledger import SOL, START, Ledger
from tests.sql.test_statistics import trades

ABSENT = "not installed: pip install -e '.[dev,oracles]'"
EXAMPLES = 60

RETURNS = st.lists(st.integers(-60, 90).map(lambda n: n / 100), min_size=3, max_size=80, unique=True).filter(
    lambda returns: min(returns) < 0
)
"""No two alike, and one of them a loss. Whole percents: floats lose the digits of figures much nearer to 0."""

GAINS = st.lists(st.integers(-900, 900).map(lambda n: n / 1000), min_size=1, max_size=60)

random_examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def row_of(db: psycopg.Connection[Any], query: str, *parameters: Any) -> dict[str, Any]:
    with db.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, parameters).fetchone()
    assert row is not None
    return row


def of_returns(db: psycopg.Connection[Any], returns: list[float]) -> dict[str, float]:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(len(returns))]
    exact = [D(str(value)) for value in returns]
    row = row_of(db, "select * from book.statistics_of_returns(%s::date[], %s::numeric[])", days, exact)
    return {name: float(value) for name, value in row.items() if isinstance(value, D | int)}


def of_gains(db: psycopg.Connection[Any], gains: list[float], start: float) -> dict[str, Any]:
    times = [START + timedelta(hours=number) for number in range(len(gains))]
    exact = [D(str(gain)) for gain in gains]
    query = (
        "select * from book.statistics_of_trades(%s::timestamptz[], %s::numeric[], %s::numeric[], %s::numeric[], %s)"
    )
    return row_of(db, query, times, exact, exact, exact, D(str(start)))


def against(db: psycopg.Connection[Any], theirs: dict[str, Callable[[Any], float]]) -> None:
    """Each of their functions of a pandas series of daily returns, beside the column of that name."""
    pandas = pytest.importorskip("pandas", reason=ABSENT)

    @random_examples
    @given(returns=RETURNS)
    def one(returns: list[float]) -> None:
        series = pandas.Series(returns, index=pandas.date_range("2026-01-01", periods=len(returns)))
        ours = of_returns(db, returns)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = {name: float(of(series)) for name, of in theirs.items()}
        assert found == {name: near(ours[name]) for name in theirs}

    one()


def test_returns_beside_quantstats(db: psycopg.Connection[Any]) -> None:
    """Its value at risk is that of a normal distribution: it is not compared."""
    stats = pytest.importorskip("quantstats.stats", reason=ABSENT)
    against(
        db,
        {
            "total_return_ratio": stats.comp,
            "cagr_ratio": lambda r: stats.cagr(r, periods=365),
            "volatility_ratio": lambda r: stats.volatility(r, periods=365),
            "sharpe_ratio": lambda r: stats.sharpe(r, periods=365),
            "sortino_ratio": lambda r: stats.sortino(r, periods=365),
            "calmar_ratio": lambda r: stats.calmar(r, periods=365),
            "maximum_drawdown_ratio": stats.max_drawdown,
            "current_drawdown_ratio": lambda r: stats.to_drawdown_series(r).iloc[-1],
            "ulcer_ratio": stats.ulcer_index,
            "recovery_factor_ratio": stats.recovery_factor,
            "expected_shortfall_95_ratio": lambda r: stats.conditional_value_at_risk(r, method="historical"),
            "best_day_ratio": stats.best,
            "worst_day_ratio": stats.worst,
        },
    )


def test_returns_beside_empyrical(db: psycopg.Connection[Any]) -> None:
    """Its shortfall takes int((n - 1) * 0.05) + 1 of the lowest, which is the same where no two are alike."""
    empyrical = pytest.importorskip("empyrical", reason=ABSENT)
    against(
        db,
        {
            "total_return_ratio": empyrical.cum_returns_final,
            "cagr_ratio": lambda r: empyrical.cagr(r, annualization=365),
            "volatility_ratio": lambda r: empyrical.annual_volatility(r, annualization=365),
            "sharpe_ratio": lambda r: empyrical.sharpe_ratio(r, annualization=365),
            "sortino_ratio": lambda r: empyrical.sortino_ratio(r, annualization=365),
            "calmar_ratio": lambda r: empyrical.calmar_ratio(r, annualization=365),
            "maximum_drawdown_ratio": empyrical.max_drawdown,
            "value_at_risk_95_ratio": empyrical.value_at_risk,
            "expected_shortfall_95_ratio": empyrical.conditional_value_at_risk,
        },
    )


def test_returns_beside_freqtrade(db: psycopg.Connection[Any]) -> None:
    """From balances: population deviation, Calmar without compounding, a drawdown that is positive."""
    metrics = pytest.importorskip("freqtrade.data.metrics", reason=ABSENT)
    pandas = pytest.importorskip("pandas", reason=ABSENT)

    @random_examples
    @given(returns=RETURNS)
    def one(returns: list[float]) -> None:
        n = len(returns)
        balances = [1000.0]
        for each in returns:
            balances.append(balances[-1] * (1 + each))
        dates = pandas.date_range("2026-01-01", periods=n + 1, tz="UTC")
        history = pandas.DataFrame({"date": dates, "total_quote": balances})
        ours = of_returns(db, returns)
        assert metrics.calculate_cagr(n, balances[0], balances[-1]) == near(ours["cagr_ratio"])
        relative = metrics.calculate_max_drawdown_from_balance(history, relative=True)
        assert -relative.relative_account_drawdown == near(ours["maximum_drawdown_ratio"])
        population = math.sqrt(n / (n - 1))
        assert metrics.calculate_sharpe_from_balance(history) == near(ours["sharpe_ratio"] * population)
        largest = metrics.calculate_max_drawdown_from_balance(history).relative_account_drawdown
        calmar = ours["total_return_ratio"] / n * 100 / largest * math.sqrt(365)
        assert metrics.calculate_calmar_from_balance(history) == near(calmar)

    one()


def test_trades_beside_freqtrade(db: psycopg.Connection[Any]) -> None:
    """Its time of the peak is the first of equal highs, and the first trade's where the start was the highest."""
    metrics = pytest.importorskip("freqtrade.data.metrics", reason=ABSENT)
    pandas = pytest.importorskip("pandas", reason=ABSENT)

    @random_examples
    @given(gains=GAINS)
    def one(gains: list[float]) -> None:
        times = [START + timedelta(hours=number) for number in range(len(gains))]
        trades = pandas.DataFrame({"close_date": times, "profit_abs": gains})
        ours = of_gains(db, gains, 100)
        theirs = metrics.calculate_max_drawdown(trades, starting_balance=100)
        assert theirs.drawdown_abs == near(float(ours["gain_drawdown_sol"]))
        if len(set(gains)) == len(gains):
            # Else two drawdowns may be alike but for the last digit of a float.
            assert theirs.relative_account_drawdown == near(float(ours["gain_drawdown_ratio"]))

    one()


def test_streaks_beside_quantstats(db: psycopg.Connection[Any]) -> None:
    """It counts of gains what is above 0 and below 0, as here."""
    stats = pytest.importorskip("quantstats.stats", reason=ABSENT)
    pandas = pytest.importorskip("pandas", reason=ABSENT)

    @random_examples
    @given(gains=GAINS)
    def one(gains: list[float]) -> None:
        series = pandas.Series([*gains, -0.001, 0.001], pandas.date_range("2026-01-01", periods=len(gains) + 2))
        ours = of_gains(db, series.tolist(), 100)
        assert stats.consecutive_wins(series) == ours["longest_winning_streak"]
        assert stats.consecutive_losses(series) == ours["longest_losing_streak"]

    one()


@pytest.mark.parametrize("seed", range(4))
def test_sums_of_trades_beside_freqtrade_and_quantstats(db: psycopg.Connection[Any], seed: int) -> None:
    """freqtrade rounds its SQN; the win rate of quantstats leaves out what was drawn."""
    metrics = pytest.importorskip("freqtrade.data.metrics", reason=ABSENT)
    stats = pytest.importorskip("quantstats.stats", reason=ABSENT)
    pandas = pytest.importorskip("pandas", reason=ABSENT)
    chance = random.Random(seed)
    gains = [0.125, -0.25, 0.0, *(chance.randint(-900, 900) / 1000 for _ in range(20))]
    ledger = Ledger(db, sol=None)
    trades(ledger, [str(gain) for gain in gains])
    found = row_of(db, "select * from report.performance(%s)", ledger.agent)
    ours = {name: float(value) for name, value in found.items() if isinstance(value, D | int)}
    frame = pandas.DataFrame({"profit_abs": gains})
    assert metrics.calculate_expectancy(frame) == (near(ours["expectancy_sol"]), near(ours["expectancy_ratio"]))
    assert metrics.calculate_sqn(frame, 1) == round(ours["sqn"], 4)
    series = pandas.Series(gains)
    assert stats.payoff_ratio(series) == near(ours["payoff_ratio"])
    assert stats.profit_factor(series) == near(ours["profit_factor"])
    drawn = ours["trades_drawn"] / ours["trades"]
    assert stats.win_rate(series) * (1 - drawn) == near(ours["win_rate_percent"] / 100)


@pytest.mark.parametrize("method", ["fifo", "lifo", "hifo"])
@pytest.mark.parametrize("seed", range(3))
def test_lots_beside_beancount(db: psycopg.Connection[Any], method: str, seed: int) -> None:
    """One trade a day, since its lots are of days. Its average cost is not implemented."""
    loader = pytest.importorskip("beancount.loader", reason=ABSENT)
    data = pytest.importorskip("beancount.core.data", reason=ABSENT)
    chance = random.Random(seed)
    ledger = Ledger(db, sol=None)
    first = datetime(2025, 1, 1, tzinfo=UTC)
    ledger.deposit(SOL, "100000", transaction_time=first)
    lines = [
        "2025-01-01 open Assets:Sol SOL",
        f'2025-01-01 open Assets:Tokens TOKEN "{method.upper()}"',
        "2025-01-01 open Income:Gains",
    ]
    held = D(0)
    for day in range(1, 90):
        when = first + timedelta(days=day)
        cost = D(chance.randint(1, 10**6)) / 10**4
        if not held or chance.random() < 0.5:
            amount = D(chance.randint(1, 10**6)) / 10**3
            ledger.buy("A", str(amount), str(cost), transaction_time=when)
            lines += [f'{when:%Y-%m-%d} * "buy"', f"  Assets:Tokens {amount} TOKEN {{{{{cost} SOL}}}}", "  Assets:Sol"]
            held += amount
        else:
            amount = held if chance.random() < 0.1 else (held * chance.randint(1, 99) / 100).quantize(D("0.001"))
            if not amount:
                continue
            ledger.sell("A", str(amount), str(cost), transaction_time=when)
            lines += [f'{when:%Y-%m-%d} * "sell"', f"  Assets:Tokens -{amount} TOKEN {{}}", f"  Assets:Sol {cost} SOL"]
            lines.append("  Income:Gains")
            held -= amount
    entries, problems, _ = loader.load_string("\n".join(lines))
    assert problems == []
    theirs: dict[date, D] = defaultdict(D)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else []:
            if posting.cost is not None and posting.units.number < 0:
                theirs[entry.date] -= posting.units.number * posting.cost.number
    ours: dict[date, D] = defaultdict(D)
    found = ledger.rows("select * from report.lots(%s, method => %s) where taken_by is not null", ledger.agent, method)
    for row in found:
        ours[row["taken_at"].date()] += row["cost_sol"]
    assert len(theirs) > 10
    assert {day: float(cost) for day, cost in ours.items()} == {day: near(float(cost)) for day, cost in theirs.items()}
