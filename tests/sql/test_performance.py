"""What was earned: the checked values, periods that add up, and groups that add up to the whole."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import errors

from app.commands.import_trades import import_trades
from tests import oracle
from tests.curves import price
from tests.histories import compare_totals
from tests.ledger import SOL, START, USDC, Ledger, acting_as, value

DATA = Path(__file__).parents[3] / "shared" / "data"
GROUPS = ["agent", "wallet", "token", "signal", "signal_type", "source", "close_reason", "day", "week", "month"]

# fmt: off
EXACT = [
    "transactions", "swaps", "trades", "trades_won", "trades_drawn", "trades_lost", "realized_gain_sol",
    "realized_gain_usd", "proceeds_sol", "proceeds_usd", "cost_sol", "cost_usd", "volume_sol", "volume_usd",
    "fees_sol", "fees_usd", "expenses_sol", "expenses_usd", "deposits_sol", "deposits_usd", "withdrawals_sol",
    "withdrawals_usd", "trades_profit_sol", "trades_profit_usd", "invested_sol", "invested_usd", "wins_sol",
    "losses_sol",
]
# fmt: on
"""The columns that are sums of what happened."""


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def performance(
    ledger: Ledger, start: Any = "-infinity", end: Any = "infinity", wallet: str | None = None
) -> dict[str, Any]:
    (row,) = ledger.rows("select * from report.performance(%s, %s, %s, %s)", ledger.agent, start, end, wallet)
    return row


def breakdown(ledger: Ledger, by: str, start: Any = "-infinity", end: Any = "infinity") -> list[dict[str, Any]]:
    return ledger.rows("select * from report.breakdown(%s, %s, %s, %s)", ledger.agent, by, start, end)


def signal(ledger: Ledger, **columns: Any) -> int:
    """Of the past: no agent acts on it by itself."""
    row = {
        "token_address": "A",
        "symbol": "AAA",
        "signal_type": "buy",
        "signal_strength": 3,
        "created_at": datetime.now(UTC) - timedelta(hours=1),
    } | columns
    names = ", ".join(row)
    places = ", ".join(["%s"] * len(row))
    return value(ledger.db, f"insert into trading_signals ({names}) values ({places}) returning id", *row.values())


def a_busy_month(ledger: Ledger, seed: int, count: int = 120) -> None:
    """Buys, sales, burns, withdrawals and deposits of a few tokens at odd times, some of them arriving late."""
    chance = random.Random(seed)
    signals = [
        signal(ledger, token_address=t, signal_type=k, source=s)
        for t, k, s in [("A", "buy", "x"), ("B", "buy", "y"), ("C", "dip", None)]
    ]
    times = sorted(START + timedelta(days=1, seconds=chance.randrange(40 * 86400)) for _ in range(count))
    for _ in range(count // 12):
        late, early = sorted(chance.sample(range(count), 2))
        times[late], times[early] = times[early], times[late]
    for at in times:
        token = chance.choice("ABCD")
        fee = chance.choice(["0", "0.000005", "0.001"])
        amount = D(chance.randrange(1, 10**9)) / D(10**7)
        kind = chance.choice(
            ["buy", "buy", "buy", "sell", "sell all", "sell all", "burn", "withdraw", "deposit", "burn SOL"]
        )
        with ledger.db.transaction(force_rollback=False):
            ledger.db.execute("savepoint tried")
            try:
                if kind == "buy":
                    ledger.buy(
                        token,
                        str(amount),
                        str(D(chance.randrange(1, 10**9)) / D(10**9)),
                        fee,
                        transaction_time=at,
                        signal_id=chance.choice([*signals, None]),
                    )
                elif kind in ("sell", "sell all"):
                    held = ledger.balance(token)
                    sold = held if kind == "sell all" else round(held / 3, 9)
                    ledger.sell(
                        token,
                        str(sold),
                        str(D(chance.randrange(1, 10**9)) / D(10**9)),
                        fee,
                        transaction_time=at,
                        close_reason=chance.choice(["stop_loss", "manual", None]),
                    )
                elif kind == "burn":
                    ledger.burn(token, str(amount), transaction_time=at, fees_sol=fee, value_usd="0", fees_usd="0")
                elif kind == "withdraw":
                    ledger.withdraw(token, str(amount), value_sol="0.1", transaction_time=at, fees_sol=fee)
                elif kind == "deposit":
                    ledger.deposit(token, str(amount), "0.2", transaction_time=at, fees_sol=fee)
                else:
                    ledger.burn(SOL, "0.002", transaction_time=at)
            except psycopg.Error:
                ledger.db.execute("rollback to savepoint tried")


def test_the_checked_values(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    first = datetime(2026, 1, 1, 6, tzinfo=UTC)
    ledger.deposit(SOL, "10", transaction_time=first - timedelta(days=1))
    for number, gain in enumerate([".50", "-.20", ".30", "-.40", "0", "1.10", "-.70", "-.10", ".25", ".60"]):
        closed = first + timedelta(hours=13 * number)
        ledger.buy(f"T{number}", "100", "1", transaction_time=closed - timedelta(hours=1))
        ledger.sell(f"T{number}", "100", str(1 + D(gain)), transaction_time=closed)
    found = performance(ledger)
    assert (found["trades"], found["trades_won"], found["trades_drawn"], found["trades_lost"]) == (10, 5, 1, 4)
    assert found["win_rate_percent"] == 50
    assert found["realized_gain_sol"] == found["trades_profit_sol"] == D("1.35")
    for name, expected in {
        "profit_factor": D("2.75") / D("1.4"),
        "payoff_ratio": D(".55") / D(".35"),
        "expectancy_sol": D(".135"),
        "expectancy_ratio": D("0.285714285714285714"),
        "average_return_percent": D("13.5"),
        "weighted_return_percent": D("13.5"),
        "average_holding_seconds": D(3600),
    }.items():
        assert abs(found[name] - expected) < D("1e-15"), name
    assert round(found["sqn"], 4) == D("0.8116")


def test_a_sum_is_told_of_each_fact_in_sol_and_usd(ledger: Ledger) -> None:
    ledger.buy("A", "100", "2", fee="0.01")
    ledger.sell("A", "50", "3", fee="0.02")
    ledger.burn("A", "10", fees_sol="0.001", value_usd="0", fees_usd="0.1")
    ledger.burn(SOL, "0.002")
    ledger.withdraw("A", "40", value_sol="1.5", fees_sol="0.003")
    found = performance(ledger)
    assert {name: found[name] for name in EXACT} == {
        "transactions": 6,
        "swaps": 2,
        "trades": 1,
        "trades_won": 1,
        "trades_drawn": 0,
        "trades_lost": 0,
        "proceeds_sol": D("2.98"),
        "proceeds_usd": D("298"),
        "cost_sol": D("1.206"),
        "cost_usd": D("120.6"),
        "realized_gain_sol": D("1.774"),
        "realized_gain_usd": D("177.4"),
        "volume_sol": D("5"),
        "volume_usd": D("500"),
        "fees_sol": D("0.034"),
        "fees_usd": D("3.4"),
        "expenses_sol": D("0.006"),
        "expenses_usd": D("0.6"),
        "deposits_sol": D("1000"),
        "deposits_usd": D("100000"),
        "withdrawals_sol": D("1.5"),
        "withdrawals_usd": D("150"),
        "trades_profit_sol": D("1.774"),
        "trades_profit_usd": D("177.4"),
        "invested_sol": D("2.01"),
        "invested_usd": D("201"),
        "wins_sol": D("1.774"),
        "losses_sol": D("0"),
    }


def test_a_trade_that_ends_with_a_withdrawal_is_of_its_day(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "1", transaction_time=START + timedelta(days=1))
    ledger.withdraw("A", "50", transaction_time=START + timedelta(days=3))
    days = {row["key"]: (row["swaps"], row["trades"]) for row in breakdown(ledger, "day")}
    assert days == {"2026-01-01": (0, 0), "2026-01-02": (1, 0), "2026-01-04": (0, 1)}
    (trade,) = ledger.rows("select * from report.trades")
    assert (trade["ended_by"], trade["closed_at"]) == ("withdrawal", START + timedelta(days=3))
    assert (trade["profit_sol"], trade["sale_count"], trade["outcome"]) == (D("0.5"), 1, "won")


def test_a_trade_lists_its_transactions_from_first_to_last(ledger: Ledger) -> None:
    ledger.buy("A", "10", "1")
    ledger.sell("A", "10", "1")
    at = ledger.now + timedelta(hours=1)
    first = ledger.buy("A", "100", "1", transaction_time=at)
    second = ledger.buy("A", "100", "1", transaction_time=at)
    ledger.void(ledger.buy("A", "100", "1", transaction_time=at))
    ledger.buy("B", "100", "1")
    sold = ledger.sell("A", "150", "2")
    burned = ledger.burn("A", "50", value_usd="0")
    ledger.buy("A", "1", "1")
    found = ledger.rows(
        "select * from report.trade_transactions where trade_id = %s order by transaction_time, ledger_order", first
    )
    assert [(row["transaction_id"], row["kind"], row["amount"], row["is_dca"]) for row in found] == [
        (first, "buy", 100, False),
        (second, "buy", 100, True),
        (sold, "sell", 150, False),
        (burned, "burn", 50, False),
    ]
    (trade,) = ledger.rows("select * from report.trades where id = %s", first)
    assert (trade["buy_count"], trade["sale_count"], trade["ended_by"]) == (2, 2, "burn")


def test_the_view_by_group_is_the_breakdown_of_all_time(ledger: Ledger) -> None:
    a_busy_month(ledger, 1, count=30)
    Ledger(ledger.db).buy("A", "1", "1")
    for by in GROUPS[1:]:
        found = ledger.rows(
            "select * from report.performance_by_group where agent_id = %s and grouped_by = %s order by key",
            ledger.agent,
            by,
        )
        for row in found:
            del row["user_id"], row["agent_id"], row["grouped_by"]
        assert found == breakdown(ledger, by)


def test_a_position_that_left_by_withdrawal_alone_is_no_trade(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.withdraw("A", "100")
    assert performance(ledger)["trades"] == 0
    assert performance(ledger)["win_rate_percent"] is None


@pytest.mark.parametrize("seed", range(6))
def test_groups_and_periods_add_up_to_the_whole_to_the_last_digit(ledger: Ledger, seed: int) -> None:
    a_busy_month(ledger, seed)
    whole = performance(ledger)
    assert whole["swaps"] > 10
    assert whole["trades"] > 0
    for by in GROUPS:
        found = breakdown(ledger, by)
        for name in EXACT:
            assert str(sum(row[name] for row in found)) == str(whole[name]), (by, name)

    chance = random.Random(seed)
    cuts = sorted(START + timedelta(seconds=chance.randrange(45 * 86400)) for _ in range(6))
    cuts += [cuts[-1] + timedelta(minutes=5)]
    bounds: list[Any] = ["-infinity", *cuts, "infinity"]
    periods = list(itertools.pairwise(bounds))
    for name in EXACT:
        parts = [performance(ledger, *period)[name] for period in periods]
        assert str(sum(parts)) == str(whole[name]), name
    start, end = cuts[1], cuts[4]
    part = performance(ledger, start, end)
    for by in GROUPS:
        found = breakdown(ledger, by, start, end)
        for name in EXACT:
            assert str(sum((row[name] for row in found), 0 * whole[name])) == str(part[name]), (by, name)


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the real trades are no part of this repository: they are in ../shared/data, if anywhere"
)
def test_the_real_wallet_s_groups_add_up_to_its_whole_and_that_is_the_oracle_s(
    db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    swaps, sol_usd, series = str(DATA / "solana_swaps_3JoV_cielo.csv"), str(DATA / "sol_usd.csv"), "cielo_swap_minute"
    arguments = ["swaps", swaps, f"--sol-usd={sol_usd}", f"--series={series}", "--shortfall=deposit"]
    assert CliRunner().invoke(import_trades, [*arguments, "--user=a@example.org"]).exit_code == 0
    ledger = Ledger(db, sol=None)
    ledger.agent, ledger.wallet = ledger.rows("select agent_id, wallet_address from wallet_totals limit 1")[0].values()

    rows, _, _ = oracle.read_files([swaps])
    facts = oracle.book_rows(rows, oracle.read_prices(sol_usd, series), "deposit").transactions
    books = oracle.fold(facts)
    compare_totals(db, books, facts, [ledger.wallet])
    whole = performance(ledger)
    assert (whole["realized_gain_sol"], whole["realized_gain_usd"]) == oracle.total_gain(books)
    for by in GROUPS:
        found = breakdown(ledger, by)
        for name in EXACT:
            assert str(sum(row[name] for row in found)) == str(whole[name]), (by, name)


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_of_the_rows(ledger: Ledger, seed: int) -> None:
    a_busy_month(ledger, seed)
    start, end = START + timedelta(days=7, hours=3), START + timedelta(days=30, minutes=7)
    found = performance(ledger, start, end)
    (swaps,) = ledger.rows(
        "select count(*), sum(gain_sol) as sol, sum(gain_usd) as usd from report.historical_swaps"
        " where agent_id = %s and sale_time >= %s and sale_time < %s",
        ledger.agent,
        start,
        end,
    )
    assert (found["swaps"], found["realized_gain_sol"], found["realized_gain_usd"]) == (
        swaps["count"],
        swaps["sol"],
        swaps["usd"],
    )
    trades = ledger.rows(
        "select * from report.trades where agent_id = %s and closed_at >= %s and closed_at < %s",
        ledger.agent,
        start,
        end,
    )
    gains = [trade["profit_sol"] for trade in trades]
    assert found["trades"] == len(gains)
    assert found["wins_sol"] == sum(gain for gain in gains if gain > 0)
    assert found["losses_sol"] == sum(gain for gain in gains if gain < 0)
    (paid,) = ledger.rows(
        "select sum(fees_sol) as fees, sum(fees_sol + burned_sol) filter (where is_expense) as expenses"
        " from report.fees_and_expenses where agent_id = %s and transaction_time >= %s and transaction_time < %s",
        ledger.agent,
        start,
        end,
    )
    assert (found["fees_sol"], found["expenses_sol"]) == (paid["fees"], paid["expenses"])


def test_a_late_row_a_void_and_a_correction_move_the_sums(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "1")
    ledger.sell("A", "100", "2")
    assert performance(ledger)["realized_gain_sol"] == 1
    late = ledger.buy("A", "100", "3", transaction_time=START + timedelta(hours=2, minutes=30))
    found = performance(ledger)
    assert (found["realized_gain_sol"], found["trades"], found["volume_sol"]) == (0, 0, 6)
    ledger.void(late)
    found = performance(ledger)
    assert (found["realized_gain_sol"], found["trades"], found["volume_sol"]) == (1, 1, 3)
    ledger.correct(buy, inputAmount="1.5", transactionTime=(START + timedelta(hours=2)).isoformat())
    found = performance(ledger)
    assert (found["realized_gain_sol"], found["trades_won"], found["volume_sol"]) == (D("0.5"), 1, D("3.5"))
    assert found["transactions"] == 3


def test_two_wallets_are_told_apart_and_together(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.sell("A", "100", "2")
    live = "So1ana" + "1" * 30
    ledger.db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [live, ledger.agent],
    )
    ledger.insert("DEPOSIT", wallet_address=live, input_mint=SOL, input_amount="5")
    assert performance(ledger)["deposits_sol"] == 1005
    assert performance(ledger, wallet=live)["deposits_sol"] == 5
    assert performance(ledger, wallet=live)["trades"] == 0
    assert performance(ledger, wallet=ledger.wallet)["trades"] == 1
    by_wallet = ledger.rows("select * from report.performance_by_wallet where agent_id = %s", ledger.agent)
    assert {row["wallet_address"]: row["deposits_sol"] for row in by_wallet} == {ledger.wallet: 1000, live: 5}
    other = Ledger(
        ledger.db,
        agent=value(ledger.db, "insert into agents (user_id, name) values (%s, 'second') returning id", ledger.user),
    )
    other.buy("B", "1", "7")
    (user,) = ledger.rows("select * from report.performance_by_user where user_id = %s", ledger.user)
    assert (user["volume_sol"], user["deposits_sol"], user["open_positions"]) == (10, 2005, 1)
    agents = ledger.rows("select * from report.performance_by_agent where user_id = %s", ledger.user)
    assert {row["agent_name"]: row["volume_sol"] for row in agents} == {"agent": 3, "second": 7}


def test_an_agent_that_did_nothing_has_zeros_and_nulls(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    found = performance(ledger)
    assert {name: found[name] for name in EXACT} == dict.fromkeys(EXACT, 0)
    unknown = [name for name, figure in found.items() if figure is None]
    assert unknown == [
        "win_rate_percent",
        "expectancy_sol",
        "expectancy_usd",
        "average_return_percent",
        "weighted_return_percent",
        "average_win_sol",
        "average_loss_sol",
        "payoff_ratio",
        "profit_factor",
        "expectancy_ratio",
        "sqn",
        "average_holding_seconds",
        "average_holding_seconds_won",
        "average_holding_seconds_lost",
        "unrealized_gain_percent",
        "oldest_price_seconds",
    ]
    assert all(breakdown(ledger, by) == [] for by in GROUPS)
    assert performance(ledger, START, START)["transactions"] == 0


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        (["1"], {"win_rate_percent": 100, "profit_factor": None, "payoff_ratio": None, "sqn": None}),
        (["1", "3"], {"win_rate_percent": 100, "profit_factor": None, "expectancy_ratio": None, "expectancy_sol": 2}),
        (
            ["-0.5", "-0.25"],
            {"win_rate_percent": 0, "profit_factor": 0, "payoff_ratio": None, "expectancy_ratio": None},
        ),
        (["0", "0"], {"win_rate_percent": 0, "profit_factor": None, "sqn": None, "expectancy_sol": 0}),
        (
            ["0.5", "-0.5"],
            {"win_rate_percent": 50, "profit_factor": 1, "payoff_ratio": 1, "expectancy_ratio": 0, "sqn": 0},
        ),
    ],
)
def test_what_is_undefined_is_null(ledger: Ledger, gains: list[str], expected: dict[str, Any]) -> None:
    for number, gain in enumerate(gains):
        ledger.buy(f"T{number}", "100", "1")
        ledger.sell(f"T{number}", "100", str(1 + D(gain)))
    found = performance(ledger)
    assert {name: found[name] for name in expected} == expected


def test_a_trade_that_cost_nothing_has_a_gain_and_no_return(ledger: Ledger) -> None:
    ledger.deposit("A", "100", "0")
    ledger.sell("A", "100", "2")
    found = performance(ledger)
    assert (found["trades_won"], found["expectancy_sol"]) == (1, 2)
    assert (found["average_return_percent"], found["weighted_return_percent"]) == (None, None)
    (group,) = [row for row in breakdown(ledger, "token") if row["key"] == "A"]
    assert (group["median_gain_sol"], group["median_return_percent"]) == (2, None)


def test_dust_ends_a_trade_and_stays_in_the_value(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    price(ledger, "A", "0.000002", START)
    found = performance(ledger)
    assert (found["trades"], found["open_positions"]) == (1, 0)
    assert (found["open_value_sol"], found["open_cost_sol"]) == (D("0.000001"), D("0.0000005"))
    assert ledger.rows("select * from report.open_positions") == []


def test_crumbs_sold_in_the_second_of_the_end_are_no_sale_of_the_trade(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    ledger.sell("A", "0.5", "0.1", transaction_time=ledger.now)
    (trade,) = ledger.rows("select * from report.trades where agent_id = %s", ledger.agent)
    assert (trade["sale_count"], trade["profit_sol"]) == (1, D("1.0000005"))


def test_what_has_no_price_is_counted_and_left_out(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.buy("B", "100", "2")
    price(ledger, "A", "0.03", START)
    found = performance(ledger)
    assert (found["open_positions"], found["open_cost_sol"]) == (2, 3)
    assert (found["open_value_sol"], found["unrealized_gain_sol"], found["unrealized_gain_percent"]) == (3, 2, 200)
    assert (found["unpriced_positions"], found["unpriced_cost_sol"]) == (1, 2)
    (now,) = ledger.rows("select * from report.portfolio")
    assert (now["sol_balance"], now["portfolio_sol"], now["portfolio_usd"]) == (997, 1000, None)
    price(ledger, SOL, "1", START, usd="150")
    (now,) = ledger.rows("select * from report.portfolio")
    assert now["portfolio_usd"] == 150_000
    tokens = {row["key"]: row["unrealized_gain_sol"] for row in breakdown(ledger, "token") if row["key"] != SOL}
    assert tokens == {"A": 2, "B": 0}


def test_an_open_position_tells_how_far_its_stop_is(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    price(ledger, "A", "0.02", START)
    with acting_as(ledger.db, "book"):
        ledger.db.execute("update agent_positions set current_stop_loss_percentage = 60, stop_loss_price = 0.016")
    (position,) = ledger.rows("select * from report.open_positions")
    assert (position["value_sol"], position["unrealized_gain_percent"]) == (2, 100)
    assert (position["stop_price_sol"], position["distance_to_stop_percent"]) == (D("0.016"), 20)
    assert position["price_age_seconds"] > 0


def test_a_period_counts_how_the_unrealized_gain_changed(ledger: Ledger) -> None:
    days = [START + timedelta(days=n) for n in range(6)]
    ledger.buy("A", "100", "1", transaction_time=days[1] + timedelta(hours=1))
    price(ledger, "A", "0.02", days[2])
    price(ledger, "A", "0.05", days[3] - timedelta(hours=1))
    ledger.sell("A", "50", "2", transaction_time=days[3])
    price(ledger, "A", "0.03", days[4])

    def change(start: Any, end: Any) -> tuple[Decimal, int]:
        found = performance(ledger, start, end)
        return found["unrealized_change_sol"], found["unpriced_changes"]

    assert change(days[0], days[1]) == (0, 0)
    # Bought, and not priced before the second day ends.
    assert change(days[1], days[2] - timedelta(hours=1)) == (0, 1)
    assert change("-infinity", days[2]) == (1, 0)
    assert change(days[2], days[3]) == (3, 0)
    assert change(days[3], days[4]) == (-3, 0)
    assert change(days[3], "infinity") == (-3, 0)
    assert change("-infinity", "infinity") == (1, 0)
    found = performance(ledger, days[3], days[4])
    assert (found["realized_gain_sol"], found["total_gain_sol"]) == (D("1.5"), D("-1.5"))


def test_the_groups_of_signals_and_reasons(ledger: Ledger) -> None:
    first, second = signal(ledger, source="radar"), signal(ledger, token_address="B", symbol="BBB", signal_type="dip")
    ledger.buy("A", "100", "1", signal_id=first)
    ledger.sell("A", "100", "3", close_reason="take_profit")
    ledger.buy("B", "100", "1", signal_id=second)
    ledger.sell("B", "60", "0.2", close_reason="stop_loss")
    ledger.buy("C", "1", "1")

    def gains(by: str) -> dict[Any, tuple[Any, ...]]:
        return {row["key"]: (row["label"], row["swaps"], row["realized_gain_sol"]) for row in breakdown(ledger, by)}

    assert gains("signal") == {
        str(first): ("AAA buy", 1, 2),
        str(second): ("BBB dip", 1, D("-0.4")),
        None: (None, 0, 0),
    }
    assert gains("signal_type") == {"buy": ("buy", 1, 2), "dip": ("dip", 1, D("-0.4")), None: (None, 0, 0)}
    assert gains("source") == {"radar": ("radar", 1, 2), None: (None, 1, D("-0.4"))}
    assert gains("close_reason") == {
        "take_profit": ("take_profit", 1, 2),
        "stop_loss": ("stop_loss", 1, D("-0.4")),
        None: (None, 0, 0),
    }
    board = ledger.rows("select * from report.signal_leaderboard order by signal_id")
    assert [(row["signal_id"], row["trades"], row["hit_rate_percent"], row["profit_sol"]) for row in board] == [
        (first, 1, 100, 2)
    ]


def test_the_leaderboard_tells_why_signals_were_skipped(ledger: Ledger) -> None:
    met = signal(ledger)
    agents = [ledger.agent] + [
        value(ledger.db, "insert into agents (user_id, name) values (%s, %s) returning id", ledger.user, f"a{n}")
        for n in range(5)
    ]
    outcomes = [("success", None), ("skipped", "no balance"), ("skipped", "no balance"), ("failed", "slippage")]
    outcomes += [("skipped", None), ("skipped", "no reason given")]
    for agent, (status, error) in zip(agents, outcomes, strict=True):
        ledger.db.execute(
            "insert into signal_executions (signal_id, agent_id, status, error) values (%s, %s, %s, %s)",
            [met, agent, status, error],
        )
    (row,) = ledger.rows("select * from report.signal_leaderboard")
    assert (row["user_id"], row["executions"], row["successes"], row["failures"], row["skips"]) == (
        ledger.user,
        6,
        1,
        1,
        4,
    )
    assert row["skip_reasons"] == {"no balance": 2, "no reason given": 2}
    assert (row["trades"], row["hit_rate_percent"]) == (0, None)


def test_weeks_begin_on_monday_in_utc_whatever_the_session_s_zone(ledger: Ledger) -> None:
    ledger.db.execute("set local timezone = 'Pacific/Auckland'")
    sunday = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    ledger.buy("A", "100", "1", transaction_time=sunday)
    ledger.buy("A", "100", "1", transaction_time=sunday + timedelta(seconds=1))
    assert [row["key"] for row in breakdown(ledger, "week")][-2:] == ["2026-02-23", "2026-03-02"]
    assert [row["key"] for row in breakdown(ledger, "day")][-2:] == ["2026-03-01", "2026-03-02"]
    assert [row["key"] for row in breakdown(ledger, "month")][-2:] == ["2026-01", "2026-03"]
    assert performance(ledger, sunday, sunday + timedelta(seconds=1))["transactions"] == 1


@pytest.mark.parametrize("by", ["token", "signal"])
def test_a_period_without_bounds_is_all_time(ledger: Ledger, by: str) -> None:
    ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "2")
    assert performance(ledger, None, None) == performance(ledger)
    assert performance(ledger, None, START) == performance(ledger, "-infinity", START)
    assert breakdown(ledger, by, None, None) == breakdown(ledger, by)


def test_a_group_that_holds_nothing_now_holds_zero(ledger: Ledger) -> None:
    """By what only sales have, it is unknown."""
    ledger.buy("A", "100", "1")
    ledger.sell("A", "100", "2", close_reason="done")
    held = ["open_positions", "open_cost_sol", "open_value_sol", "unrealized_gain_sol", "unpriced_positions"]
    held += ["unpriced_cost_sol"]
    for by in GROUPS:
        is_known = by not in ("close_reason", "day", "week", "month")
        for row in breakdown(ledger, by):
            assert [row[name] for name in held] == [0 if is_known else None] * 6, by


def test_a_bound_that_is_null_is_none(ledger: Ledger) -> None:
    ledger.buy("A", "10", "2")
    ledger.sell("A", "10", "3")
    ledger.snapshots(48)
    for call in (
        "performance(%s{})",
        "breakdown(%s, 'token'{})",
        "balance_history(%s, 'day'{})",
        "equity_curve(%s{})",
        "statistics(%s{})",
        "drawdowns(%s{})",
    ):
        everything, no_bounds = (
            ledger.rows(f"select * from report.{call.format(bounds)}", ledger.agent) for bounds in ("", ", null, null")
        )
        assert no_bounds == everything, call
        assert everything or "drawdowns" in call, call
    statement = "select * from report.wallet_statement(%s, {}, {})"
    assert ledger.rows(statement.format("null", "null"), ledger.wallet) == ledger.rows(
        statement.format("'-infinity'", "'infinity'"), ledger.wallet
    )


def test_a_group_that_does_not_exist_is_refused(ledger: Ledger) -> None:
    for by in ("colour", "total", None):
        with (
            pytest.raises(errors.DatabaseError, match="grouped_by is one of agent, wallet") as refused,
            ledger.db.transaction(),
        ):
            ledger.rows("select * from report.breakdown(%s, %s)", ledger.agent, by)
        assert refused.value.sqlstate == "TB022"


def test_quote_tokens_are_positions_too(ledger: Ledger) -> None:
    ledger.buy(USDC, "150", "1")
    assert performance(ledger)["open_positions"] == 1


@pytest.mark.parametrize("mend", ["select book.fill_missing_totals()", "select book.rebuild_wallet(%s) > 0"])
def test_totals_that_an_older_book_lacks_are_made(ledger: Ledger, mend: str) -> None:
    ledger.buy("A", "100", "1")
    ledger.void(ledger.buy("A", "100", "1"))
    ledger.sell("A", "100", "3")
    before = performance(ledger)
    ledger.db.execute("set local session_replication_role = replica")
    ledger.db.execute("delete from wallet_totals")
    ledger.db.execute("set local session_replication_role = origin")
    assert performance(ledger)["transactions"] == 0
    assert value(ledger.db, mend, *[ledger.wallet] * mend.count("%s")) == 1
    assert performance(ledger) == before
    assert value(ledger.db, "select book.fill_missing_totals()") == 0
