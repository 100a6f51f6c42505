"""What an agent does with a position, and for how much it buys: every table and case of the paper on strategy, and one
step short of each; the model says the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests import server
from tests.ledger import START, value
from tests.questions import as_numbers, only, question, sql_verdict
from tests.rules_model import (
    Json,
    dca_levels,
    judge_position,
    purchase_size,
    rules_in_force,
    sale_levels,
    stop_loss_target,
    trail_levels,
)

Db = psycopg.Connection[Any]

JUST = D("0.000000000000000001")
"""The least that one number can be beside another."""


@pytest.fixture(scope="module")
def db(postgres: server.Place, template: str) -> Iterator[Db]:
    """One database for all: these functions write nothing."""
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database pure_functions template {template} strategy file_copy")
        with psycopg.connect(postgres.url("pure_functions"), autocommit=True) as connection:
            yield connection
        admin.execute("drop database pure_functions with (force)")


def ask(db: Db, asked: Json) -> Json:
    """The verdict of SQL, which is that of the model."""
    verdict = as_numbers(sql_verdict(db, asked))
    assert verdict == as_numbers(judge_position(asked))
    return verdict


def rules(db: Db, config: Json) -> str:
    """A trading config as rules in force, as SQL fills it in: text of JSON."""
    filled = value(db, "select book.trading_rules(%s)", json.dumps(config))
    assert filled == rules_in_force(config)
    return json.dumps(filled)


# Presets


@pytest.mark.parametrize("mode", ["aggressive", "moderate", "conservative", "custom"])
def test_presets_stand_for_the_levels_of_dca_and_take_profit_unless_the_mode_is_custom(db: Db, mode: str) -> None:
    own = {
        "dca": {"mode": mode, "levels": dca_levels((-7, 3)), "maxDCACount": 2},
        "takeProfit": {
            "mode": mode,
            "levels": sale_levels((7, 3)),
            "moonBag": {"enabled": False, "triggerPercent": "5", "retainPercent": "6"},
        },
    }
    filled = json.loads(rules(db, own))
    assert (filled["dca"]["levels"] == own["dca"]["levels"]) == (mode == "custom")
    assert (filled["takeProfit"]["levels"] == own["takeProfit"]["levels"]) == (mode == "custom")
    assert (filled["takeProfit"]["moonBag"] == own["takeProfit"]["moonBag"]) == (mode == "custom")
    assert filled["dca"]["maxDCACount"] == 2, "what a preset does not name is the agent's own"
    assert filled["takeProfit"]["moonBag"]["enabled"] is False
    assert value(db, "select book.default_trading_rules()") == rules_in_force(None)


# Sizes


def sizing(most: str, keep: str, *, randomized: bool = False) -> Json:
    """The config of the paper's table of sizes."""
    return {
        "purchaseLimits": {"maxPurchasePerToken": most, "minimumAgentBalance": keep},
        "positionCalculator": {
            "solBalanceThresholds": {"minimum": "0.1", "medium": "1", "large": "10"},
            "positionSizes": {
                "small": {"min": "0.1", "max": "0.5"},
                "medium": {"min": "0.5", "max": "2"},
                "large": {"min": "2", "max": "10"},
            },
            "randomization": {"enabled": randomized},
        },
    }


def size(db: Db, config: Json, balance: str, seed: str = "seed") -> D | None:
    """The size that SQL chooses, which is that of the model."""
    chosen = value(db, "select book.purchase_size(%s, %s, %s)", rules(db, config), balance, seed)
    assert chosen == purchase_size(rules_in_force(config), D(balance), seed)
    return None if chosen is None else D(chosen)


@pytest.mark.parametrize(
    ("balance", "most", "keep", "expected"),
    [
        ("0.5", "5", "0.05", "0.45"),
        ("5", "5", "0.1", "2"),
        ("20", "15", "0.1", "10"),
        ("20", "5", "0.1", "5"),
        ("2.5", "10", "1", "1.5"),
        ("0.05", "5", "0.05", None),
        ("0", "5", "0.05", None),
        ("0.5", "10", "0.5", None),
        # One step beside them.
        ("0.1", "5", "0.05", "0.05"),
        ("0.099999999999999999", "5", "0.05", None),
        ("0.999999999999999999", "5", "0.1", "0.5"),
        ("1", "5", "0.1", "0.9"),
        ("9.999999999999999999", "15", "0.1", "2"),
        ("10", "15", "0.1", "9.9"),
        ("0.500000000000000001", "10", "0.5", "0.000000000000000001"),
    ],
)
def test_size_is_of_the_sol_in_the_wallet_within_the_limits_or_none(
    db: Db, balance: str, most: str, keep: str, expected: str | None
) -> None:
    assert size(db, sizing(most, keep), balance) == (None if expected is None else D(expected))


def test_chance_spreads_sizes_from_min_to_max_and_is_the_same_for_the_same_seed(db: Db) -> None:
    config = sizing("100", "0.1", randomized=True)
    sizes = [size(db, config, "5", f"{signal}/agent/seed") for signal in range(300)]
    assert sizes == [size(db, config, "5", f"{signal}/agent/seed") for signal in range(300)]
    known = [chosen for chosen in sizes if chosen is not None]
    assert len(known) == 300
    assert D("0.5") <= min(known) < D("0.6") and D("1.9") < max(known) <= 2
    assert len(set(known)) > 290
    assert all(chosen == round(chosen, 9) for chosen in known), "in lamports"
    assert D("1.2") < sum(known) / 300 < D("1.3")


def test_size_without_chance_is_the_max_whatever_the_seed(db: Db) -> None:
    assert {size(db, sizing("100", "0.1"), "5", str(seed)) for seed in range(5)} == {D(2)}


# Stop-loss


STOPS = [
    # rise, fixed, exponential, zones
    ("0", "-32", "-32", "-32"),
    ("19.99", "-32", "-32", "-32"),
    ("19.999999999999999999", "-32", "-32", "-32"),
    ("20", "10", "-32", "10"),
    ("25", "15", "3.6964", "12.5"),
    ("25.000000000000000001", "15.000000000000000001", "3.6964", "15.0000000000000000006"),
    ("50", "40", "30.8099", "30"),
    ("50.000000000000000001", "40.000000000000000001", "30.8099", "35.0000000000000000007"),
    ("75", "65", "53.0966", "52.5"),
    ("85", "75", "69.7110", "59.5"),
    ("100", "90", "90", "70"),
    ("100.000000000000000001", "90.000000000000000001", "90", "80.0000000000000000008"),
    ("200", "190", "180", "160"),
    ("200.000000000000000001", "190.000000000000000001", "180", "170.00000000000000000085"),
    ("500", "490", "450", "425"),
    ("1010", "1000", "909", "858.5"),
    ("1010.123456", "1000.123456", "909.1111", "858.6049376"),
    ("1030.123456", "1020.123456", "927.1111", "875.6049376"),
    ("99999999", "99999989", "89999999.1", "84999999.15"),
    ("-0.000000000000000001", "-32", "-32", "-32"),
    ("-50", "-32", "-32", "-32"),
]


@pytest.mark.parametrize("mode", ["fixed", "exponential", "zones"])
@pytest.mark.parametrize("row", STOPS, ids=lambda row: row[0])
def test_target_of_the_stop_follows_the_rise_by_the_mode(db: Db, row: tuple[str, ...], mode: str) -> None:
    settings = {"defaultPercentage": "-32", "mode": mode, "trailingLevels": []}
    expected = D(row[("fixed", "exponential", "zones").index(mode) + 1])
    assert value(db, "select book.stop_loss_target(%s, %s)", json.dumps(settings), row[0]) == expected
    assert stop_loss_target(settings, D(row[0])) == expected


def test_the_exponential_target_is_that_of_the_model_all_along(db: Db) -> None:
    settings = {"defaultPercentage": "-32", "mode": "exponential", "trailingLevels": []}
    rises = [D(n) / 8 for n in range(1600)] + [D(n) * 7 for n in range(28, 200)]
    found = db.execute(
        "select book.stop_loss_target(%s, n) from unnest(%s::numeric[]) with ordinality as u (n, place) order by place",
        [json.dumps(settings), rises],
    ).fetchall()
    assert [target for (target,) in found] == [stop_loss_target(settings, rise) for rise in rises]


@pytest.mark.parametrize(
    ("rise", "expected"), [("49.99", "-5"), ("50", "90"), ("150", "95"), ("199.9", "95"), ("200", "98")]
)
def test_a_custom_target_is_that_of_the_highest_level_reached(db: Db, rise: str, expected: str) -> None:
    levels = trail_levels((200, 98), (100, 95), (50, 90))
    for ordered in (levels, levels[::-1]):
        settings = {"defaultPercentage": "-5", "mode": "custom", "trailingLevels": ordered}
        assert value(db, "select book.stop_loss_target(%s, %s)", json.dumps(settings), rise) == D(expected)
        assert stop_loss_target(settings, D(rise)) == D(expected)


FIFTY = {"mode": "custom", "trailingLevels": trail_levels((50, 90))}
THREE = {"mode": "custom", "trailingLevels": trail_levels((200, 98), (100, 95), (50, 90))}


@pytest.mark.parametrize(
    ("settings", "peak", "stop", "sells_at", "holds_at"),
    [
        (FIFTY, "200", "190", "179", "195"),
        (FIFTY, "200", "190", "190", "190.000000000000000001"),
        (THREE, "250", "195", "195", "195.000000000000000001"),
        ({"mode": "custom", "trailingLevels": []}, "110", "68", "68", "80"),
        ({"mode": "custom", "trailingLevels": []}, "110", "68", "68", "68.000000000000000001"),
        ({"mode": "fixed"}, "120", "110", "110", "110.000000000000000001"),
        ({"mode": "fixed"}, "119.999999999999999999", "68", "68", "68.000000000000000001"),
        ({"mode": "zones"}, "300", "260", "260", "260.000000000000000001"),
        ({"mode": "exponential"}, "150", "130.8099", "130.8099", "130.809900000000000001"),
        ({"mode": "fixed", "defaultPercentage": "-100"}, "110", "0", None, "0.000000000000000001"),
        ({"mode": "fixed", "defaultPercentage": "0"}, "110", "100", "100", "100.000000000000000001"),
    ],
)
def test_the_stop_sells_all_at_its_price_and_not_above(
    db: Db, settings: Json, peak: str, stop: str, sells_at: str | None, holds_at: str
) -> None:
    config = only("stopLoss", **settings)
    held = ask(db, question(config, holds_at, peak=peak, highest=holds_at))
    assert (held["rule"], held["amount"], held["stopPrice"], held["peak"]) == (None, None, D(stop), D(peak))
    assert held["stopPercent"] == round(D(stop) - 100, 2)
    assert held["reasons"]["stopLoss"] == "above_stop"
    if sells_at is not None:
        sold = ask(db, question(config, sells_at, peak=peak, highest=sells_at))
        assert (sold["rule"], sold["amount"], sold["stopPrice"]) == ("stop_loss", 1000, D(stop))
        assert sold["reasons"] == {}


def test_the_peak_is_the_highest_price_and_lifts_the_stop_at_once(db: Db) -> None:
    config = only("stopLoss", mode="fixed")
    verdict = ask(db, question(config, "150", peak="110", stopPrice="68"))
    assert (verdict["rule"], verdict["peak"], verdict["stopPrice"], verdict["stopPercent"]) == (None, 150, 140, 40)


def test_a_peak_between_two_looks_lifts_the_stop_that_the_latest_price_is_held_against(db: Db) -> None:
    config = only("stopLoss", mode="fixed")
    verdict = ask(db, question(config, "139", highest="150", lowest="90", peak="110", stopPrice="68"))
    assert (verdict["rule"], verdict["peak"], verdict["lowest"], verdict["stopPrice"]) == ("stop_loss", 150, 90, 140)


def test_a_lowest_price_between_two_looks_sells_nothing(db: Db) -> None:
    verdict = ask(db, question(only("stopLoss", mode="fixed"), "139", highest="139", lowest="50", stopPrice="68"))
    assert (verdict["rule"], verdict["lowest"]) == (None, 50)


def test_the_stop_never_falls_though_its_target_does(db: Db) -> None:
    verdict = ask(db, question(only("stopLoss", mode="zones"), "121", peak="120", stopPrice="115"))
    assert (verdict["rule"], verdict["stopPrice"], verdict["stopPercent"]) == (None, 115, 15)
    assert ask(db, question(only("stopLoss", mode="zones"), "115", peak="120", stopPrice="115"))["rule"] == "stop_loss"


def test_the_stop_stays_at_its_price_where_the_average_cost_changes(db: Db) -> None:
    """As by a deposit: the same price is another percentage, and no lower one takes its place."""
    cheaper = question(only("stopLoss"), "95", amount="2000", cost="170000", peak="100", stopPrice="68")
    assert (ask(db, cheaper)["stopPrice"], ask(db, cheaper)["stopPercent"]) == (68, -20)
    dearer = question(only("stopLoss"), "95", amount="2000", cost="190000", peak="100", stopPrice="68")
    assert (ask(db, dearer)["stopPrice"], ask(db, dearer)["stopPercent"]) == (68, D("-28.42"))


def test_the_percentage_of_the_stop_is_held_at_its_column_s_limit_and_its_price_is_exact(db: Db) -> None:
    verdict = ask(db, question(only("stopLoss", mode="fixed"), "1109.99", peak="1"))
    assert (verdict["stopPercent"], verdict["stopPrice"]) == (D("999.99"), D("1099.99"))
    verdict = ask(db, question(only("stopLoss", mode="fixed"), "5000", peak="1"))
    assert (verdict["stopPercent"], verdict["stopPrice"]) == (D("999.99"), 4990)


def test_the_stop_is_of_the_exact_cost_and_rounded_once(db: Db) -> None:
    verdict = ask(db, question(only("stopLoss"), "0.3", amount="3", cost="1"))
    assert verdict["stopPrice"] == D("0.226666666666666667")
    assert ask(db, question(only("stopLoss"), "0.226666666666666667", amount="3", cost="1"))["rule"] == "stop_loss"
    assert ask(db, question(only("stopLoss"), "0.226666666666666668", amount="3", cost="1"))["rule"] is None


def test_a_stop_that_is_off_has_no_price_and_sells_nothing(db: Db) -> None:
    verdict = ask(
        db, question(only("stopLoss", enabled=False), "0.001", peak="500", stopPrice="400", stopPercent="300")
    )
    assert (verdict["rule"], verdict["stopPrice"], verdict["stopPercent"], verdict["peak"]) == (None, None, None, 500)
    assert verdict["reasons"]["stopLoss"] == "disabled"


# Take-profit


LADDER = {"mode": "custom", "levels": sale_levels((50, 25), (150, 25), (300, 25), (400, 15))}
ONE = {
    "mode": "custom",
    "levels": sale_levels((50, 70)),
    "moonBag": {"enabled": True, "triggerPercent": "50", "retainPercent": "30"},
}


@pytest.mark.parametrize(
    ("settings", "price", "held", "done", "moon", "sells", "done_then", "moon_then", "reason"),
    [
        (LADDER, "130", "1000", 0, None, None, 0, None, "no_new_level"),
        (LADDER, "149.999999999999999999", "1000", 0, None, None, 0, None, "no_new_level"),
        (LADDER, "150", "1000", 0, None, "250", 1, None, None),
        (LADDER, "249.999999999999999999", "1000", 0, None, "250", 1, None, None),
        (LADDER, "260", "1000", 0, None, "500", 2, None, None),
        (LADDER, "260", "750", 1, None, "250", 2, None, None),
        (LADDER, "399.999999999999999999", "500", 2, None, None, 2, None, "no_new_level"),
        (LADDER, "400", "500", 2, None, "250", 3, "100", None),
        (LADDER, "499.999999999999999999", "250", 3, "100", None, 3, "100", "no_new_level"),
        (LADDER, "500", "250", 3, "100", "150", 4, "100", None),
        (LADDER, "600", "100", 4, "100", None, 4, "100", "no_new_level"),
        (LADDER, "600", "1000", 0, None, "900", 4, "100", None),
        (LADDER, "400", "100", 2, None, None, 3, "100", "nothing_to_sell"),
        (LADDER, "400", "100.000000000000000001", 2, None, "0.000000000000000001", 3, "100", None),
        (LADDER, "150", "1000", 1, None, None, 1, None, "no_new_level"),
        (LADDER, "150", "100", 0, None, "100", 1, None, None),
        (ONE, "150", "1000", 0, None, "700", 1, "300", None),
        (ONE, "149.999999999999999999", "1000", 0, None, None, 0, None, "no_new_level"),
    ],
)
def test_the_ladder_sells_what_the_newly_reached_levels_are_of_at_once(
    db: Db,
    settings: Json,
    price: str,
    held: str,
    done: int,
    moon: str | None,
    sells: str | None,
    done_then: int,
    moon_then: str | None,
    reason: str | None,
) -> None:
    verdict = ask(
        db,
        question(
            only("takeProfit", **settings), price, amount=held, cost=str(D(held) * 100), levelsDone=done, moonBag=moon
        ),
    )
    assert verdict["rule"] == ("take_profit" if sells else None)
    assert verdict["amount"] == (D(sells) if sells else None)
    assert (verdict["levelsDone"], verdict["moonBag"]) == (done_then, D(moon_then) if moon_then else None)
    assert verdict["reasons"].get("takeProfit") == reason


def test_the_moon_bag_is_set_aside_by_the_last_level_below_its_trigger(db: Db) -> None:
    settings = ONE | {"moonBag": {"enabled": True, "triggerPercent": "10000", "retainPercent": "30"}}
    verdict = ask(db, question(only("takeProfit", **settings), "150"))
    assert (verdict["amount"], verdict["moonBag"]) == (700, 300)
    two = settings | {"levels": sale_levels((50, 40), (60, 30))}
    assert ask(db, question(only("takeProfit", **two), "159.99"))["moonBag"] is None
    assert ask(db, question(only("takeProfit", **two), "160"))["moonBag"] == 300


def test_the_moon_bag_is_set_aside_at_its_trigger_between_two_levels(db: Db) -> None:
    settings = {
        "mode": "custom",
        "levels": sale_levels((50, 25), (150, 25)),
        "moonBag": {"enabled": True, "triggerPercent": "100", "retainPercent": "30"},
    }
    config = only("takeProfit", **settings)
    verdict = ask(db, question(config, "200", amount="750", cost="75000", levelsDone=1))
    assert (verdict["rule"], verdict["moonBag"]) == (None, 300)
    assert (
        ask(db, question(config, "199.999999999999999999", amount="750", cost="75000", levelsDone=1))["moonBag"] is None
    )


def test_the_moon_bag_is_set_aside_once_of_what_the_ladder_began_with(db: Db) -> None:
    config = only("takeProfit", **LADDER)
    verdict = ask(db, question(config, "400", amount="500", cost="50000", levelsDone=2, moonBag="7"))
    assert (verdict["amount"], verdict["moonBag"]) == (250, 7)
    verdict = ask(db, question(config, "400", amount="500", cost="50000", levelsDone=2, ladderBase="400"))
    assert (verdict["amount"], verdict["moonBag"]) == (100, 40)


def test_without_a_moon_bag_the_last_level_may_sell_all(db: Db) -> None:
    settings = {"mode": "custom", "levels": sale_levels((50, 100)), "moonBag": {"enabled": False}}
    verdict = ask(db, question(only("takeProfit", **settings), "150"))
    assert (verdict["rule"], verdict["amount"], verdict["moonBag"]) == ("take_profit", 1000, None)


@pytest.mark.parametrize(("held", "percent"), [("1000.000000000000000005", "9.2"), ("1000.000000000000000001", "49.9")])
def test_what_a_level_sells_is_rounded_once(db: Db, held: str, percent: str) -> None:
    settings = {"mode": "custom", "levels": sale_levels((50, percent)), "moonBag": {"enabled": False}}
    verdict = ask(db, question(only("takeProfit", **settings), "150", amount=held, ladderBase=held))
    assert verdict["amount"] == (D(held) * D(percent) / 100).quantize(JUST)


def test_take_profit_that_is_off_sells_nothing(db: Db) -> None:
    verdict = ask(db, question(only("takeProfit", enabled=False), "100000"))
    assert (verdict["rule"], verdict["levelsDone"], verdict["moonBag"]) == (None, 0, None)
    assert verdict["reasons"]["takeProfit"] == "disabled"


@pytest.mark.parametrize(
    ("mode", "price", "sells", "moon"),
    [
        ("aggressive", "125", "250", None),
        ("aggressive", "124.99", None, None),
        ("aggressive", "200", "750", "100"),
        ("aggressive", "250", "900", "100"),
        ("moderate", "150", "250", None),
        ("moderate", "149.99", None, None),
        ("moderate", "400", "750", "100"),
        ("moderate", "500", "900", "100"),
        ("conservative", "200", "200", None),
        ("conservative", "199.99", None, None),
        ("conservative", "500", "650", "150"),
        ("conservative", "700", "850", "150"),
    ],
)
def test_preset_ladders_sell_at_their_levels(
    db: Db, mode: str, price: str, sells: str | None, moon: str | None
) -> None:
    verdict = ask(db, question(only("takeProfit", mode=mode), price))
    assert verdict["amount"] == (D(sells) if sells else None)
    assert verdict["moonBag"] == (D(moon) if moon else None)


# Stale trades


@pytest.mark.parametrize(
    ("least", "most", "price", "sells"),
    [
        ("1", "10", "1.005", False),
        ("1", "10", "1.009999999999999999", False),
        ("1", "10", "1.01", True),
        ("1", "10", "1.05", True),
        ("1", "10", "1.099", True),
        ("1", "10", "1.1", True),
        ("1", "10", "1.100000000000000001", False),
        ("1", "10", "1.15", False),
        ("1", "10", "0.95", False),
        ("-5", "-1", "0.97", True),
        ("-5", "-1", "0.99", True),
        ("-5", "-1", "0.990000000000000001", False),
        ("-5", "-1", "0.95", True),
        ("-5", "-1", "0.949999999999999999", False),
        ("-5", "-1", "0.90", False),
    ],
)
@pytest.mark.parametrize(
    ("age", "is_old"),
    [
        (timedelta(minutes=60), True),
        (timedelta(minutes=60, microseconds=-1), False),
        (timedelta(days=30), True),
        (timedelta(0), False),
    ],
)
def test_a_stale_trade_is_sold_at_its_age_between_its_gains_both_included(
    db: Db, least: str, most: str, price: str, sells: bool, age: timedelta, is_old: bool
) -> None:
    config = only("staleTrade", minHoldTimeMinutes=60, minProfitPercent=least, maxProfitPercent=most)
    verdict = ask(db, question(config, price, amount="1000", cost="1000", age=age))
    assert verdict["rule"] == ("stale_trade" if sells and is_old else None)
    assert verdict["amount"] == (1000 if sells and is_old else None)
    expected = None if sells and is_old else "gain_outside" if is_old else "too_young"
    assert verdict["reasons"].get("staleTrade") == expected


def test_a_stale_trade_is_sold_by_the_age_of_the_position_not_of_its_last_dca_buy(db: Db) -> None:
    age = timedelta(minutes=60)
    asked = question(only("staleTrade"), "105", age=age, lastDcaTime=(START + age).isoformat(), dcaCount=1)
    assert ask(db, asked)["rule"] == "stale_trade"


def test_stale_trades_that_are_off_are_left(db: Db) -> None:
    verdict = ask(db, question(only("staleTrade", enabled=False), "105", age=timedelta(days=9)))
    assert (verdict["rule"], verdict["reasons"]["staleTrade"]) == (None, "disabled")


# DCA


THREE_DROPS = {"mode": "custom", "levels": dca_levels((-30, 100), (-10, 25), (-20, 50))}


@pytest.mark.parametrize(
    ("settings", "price", "count", "spends", "reason"),
    [
        ({"mode": "moderate"}, "0.00095", 0, None, "above_level"),
        ({"mode": "moderate"}, "0.000800000000000001", 0, None, "above_level"),
        ({"mode": "moderate"}, "0.0008", 0, "0.6", None),
        ({"mode": "moderate"}, "0.0008", 1, "0.6", None),
        ({"mode": "moderate"}, "0.0008", 2, None, "levels_used"),
        ({"mode": "aggressive"}, "0.0009", 0, "0.9", None),
        ({"mode": "aggressive"}, "0.0009", 2, "0.9", None),
        ({"mode": "aggressive"}, "0.000900000000000001", 0, None, "above_level"),
        ({"mode": "aggressive"}, "0.0009", 3, None, "count_reached"),
        ({"mode": "aggressive", "maxDCACount": 4}, "0.0009", 3, None, "levels_used"),
        ({"mode": "conservative"}, "0.00085", 0, None, "above_level"),
        ({"mode": "conservative"}, "0.0008", 0, "0.8", None),
        ({"mode": "conservative"}, "0.0008", 1, None, "levels_used"),
        (THREE_DROPS, "0.00088", 0, "0.22", None),
        (THREE_DROPS, "0.00091", 0, None, "above_level"),
        (THREE_DROPS, "0.00088", 1, None, "above_level"),
        (THREE_DROPS, "0.0008", 1, "0.4", None),
        (THREE_DROPS, "0.0008", 2, None, "above_level"),
        (THREE_DROPS, "0.0007", 2, "0.7", None),
        (THREE_DROPS, "0.0007", 3, None, "count_reached"),
        (THREE_DROPS | {"maxDCACount": 2}, "0.0007", 2, None, "count_reached"),
        ({"enabled": False}, "0.0001", 0, None, "disabled"),
    ],
)
def test_a_position_that_fell_to_its_level_is_added_to(
    db: Db, settings: Json, price: str, count: int, spends: str | None, reason: str | None
) -> None:
    verdict = ask(db, question(only("dca", **settings), price, amount="1000", cost="1", dcaCount=count))
    assert verdict["rule"] == ("dca" if spends else None)
    assert verdict["amount"] == (D(spends) if spends else None)
    assert verdict["reasons"].get("dca") == reason


def dca_question(price: str = "0.0008", config: Json | None = None, **changes: Any) -> Json:
    """A position of 1,000 tokens at .001, five minutes old."""
    return question(config or only("dca", mode="moderate"), price, amount="1000", cost="1", **changes)


@pytest.mark.parametrize("which", ["lastDcaTime", "dcaSkippedAt"])
@pytest.mark.parametrize(("cooldown", "seconds", "buys"), [(30, 30, True), (30, 29.999999, False), (300, 299, False)])
def test_the_cooldown_runs_from_the_last_buy_and_from_the_last_that_was_left_out(
    db: Db, which: str, cooldown: int, seconds: float, buys: bool
) -> None:
    at = START + timedelta(minutes=5)
    last = {"lastDcaTime": START, "dcaSkippedAt": START} | {which: at - timedelta(seconds=seconds)}
    times = {name: time.isoformat() for name, time in last.items()}
    verdict = ask(db, dca_question(config=only("dca", cooldownSeconds=cooldown), dcaCount=1, **times))
    assert (verdict["rule"], verdict["reasons"].get("dca")) == (("dca", None) if buys else (None, "cooldown"))


@pytest.mark.parametrize(
    ("moon", "buys"), [(None, True), ("1000", False), ("1000.5", False), ("999.999999999999999999", True)]
)
def test_a_moon_bag_that_is_all_that_is_left_is_not_added_to(db: Db, moon: str | None, buys: bool) -> None:
    verdict = ask(db, dca_question(moonBag=moon))
    assert (verdict["rule"], verdict["reasons"].get("dca")) == (("dca", None) if buys else (None, "moon_bag_only"))


def test_automation_that_is_off_stops_dca_but_no_exit(db: Db) -> None:
    assert ask(db, dca_question(canBuy=False))["reasons"]["dca"] == "automation_off"
    assert ask(db, question(only("stopLoss"), "68", canBuy=False))["rule"] == "stop_loss"
    assert ask(db, question(only("takeProfit"), "150", canBuy=False))["rule"] == "take_profit"
    assert ask(db, question(only("staleTrade"), "105", age=timedelta(hours=1), canBuy=False))["rule"] == "stale_trade"


@pytest.mark.parametrize(
    ("limits", "balance", "spends"),
    [
        ({"maxPurchasePerToken": "0.5"}, "100", "0.5"),
        ({"minimumAgentBalance": "0.5"}, "1.1", "0.6"),
        ({"minimumAgentBalance": "0.5"}, "1.099999999999999999", "0.599999999999999999"),
        ({"minimumAgentBalance": "0.5"}, "0.500000000000000001", "0.000000000000000001"),
        ({"minimumAgentBalance": "0.5"}, "0.5", None),
        ({"minimumAgentBalance": "0.5"}, "0", None),
    ],
)
def test_a_dca_buy_keeps_within_the_limits_or_has_no_sol(
    db: Db, limits: Json, balance: str, spends: str | None
) -> None:
    config = only("dca", mode="moderate") | {"purchaseLimits": limits}
    verdict = ask(db, dca_question(config=config, balance=balance))
    assert (verdict["rule"], verdict["amount"]) == ("dca", D(spends) if spends else None)
    assert "dca" not in verdict["reasons"]


def test_what_a_dca_buy_spends_is_rounded_once(db: Db) -> None:
    """75 % of 0.6 of the last place is none; 75 % of 0.6 rounded would be one."""
    price, held = D("0.000000000000000006"), D("0.1")
    config = only("dca", mode="custom", levels=dca_levels((-10, 75)))
    asked = question(config, str(price), amount=str(held), cost="1", peak="10")
    verdict = ask(db, asked)
    assert (verdict["rule"], verdict["amount"]) == ("dca", None)


# All together


EVERYTHING: Json = {
    "stopLoss": {"mode": "fixed"},
    "takeProfit": {"enabled": True, "mode": "custom", "levels": sale_levels((5, 50))},
    "staleTrade": {"minProfitPercent": "-50", "maxProfitPercent": "50"},
    "dca": {"enabled": True, "mode": "custom", "levels": dca_levels((-10, 50))},
}
LATER = timedelta(hours=2)


@pytest.mark.parametrize(
    ("left_out", "price", "peak", "rule"),
    [
        ([], "109", "120", "stop_loss"),
        (["stopLoss"], "109", "120", "take_profit"),
        (["stopLoss", "takeProfit"], "109", "120", "stale_trade"),
        ([], "90", "100", "stale_trade"),
        (["staleTrade"], "90", "100", "dca"),
        (["staleTrade", "dca"], "90", "100", None),
    ],
)
def test_rules_are_asked_in_their_order_and_the_first_that_acts_is_the_only_one(
    db: Db, left_out: list[str], price: str, peak: str, rule: str | None
) -> None:
    config = EVERYTHING | {section: {"enabled": False} for section in left_out}
    verdict = ask(db, question(config, price, peak=peak, highest=price, age=LATER))
    assert verdict["rule"] == rule
    order = ["stopLoss", "takeProfit", "staleTrade", "dca"]
    asked = order.index(
        {"stop_loss": "stopLoss", "take_profit": "takeProfit", "stale_trade": "staleTrade"}.get(rule or "", "dca")
    )
    assert sorted(verdict["reasons"]) == sorted(order[: asked + (rule is None)])


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"managed": False}, "not_managed"), ({"isDust": True}, "dust"), ({"cost": "0"}, "no_cost")],
)
@pytest.mark.parametrize("price", ["0.000001", "90", "105", "100000"])
def test_no_rule_touches_what_is_not_managed_or_dust_or_cost_nothing(
    db: Db, change: Json, reason: str, price: str
) -> None:
    verdict = ask(db, question(EVERYTHING, price, age=LATER, peak="100", stopPrice="70", stopPercent="-30", **change))
    assert verdict["reasons"] == {"all": reason}
    assert (verdict["rule"], verdict["amount"]) == (None, None)
    assert (verdict["peak"], verdict["stopPrice"], verdict["stopPercent"]) == (100, 70, -30)
    assert (verdict["levelsDone"], verdict["moonBag"]) == (0, None)


@pytest.mark.parametrize("price", ["60", "90", "105", "100000"])
def test_a_price_of_more_than_60_seconds_ago_moves_peak_and_stop_but_triggers_nothing(db: Db, price: str) -> None:
    at = START + LATER
    old = (at - timedelta(seconds=60, microseconds=1)).isoformat()
    verdict = ask(db, question(EVERYTHING, price, age=LATER, highest="130", peak="100", observedAt=old))
    assert verdict["reasons"] == {"all": "price_too_old"}
    assert (verdict["rule"], verdict["peak"]) == (None, 130)
    assert verdict["stopPrice"] == 120
    assert (verdict["levelsDone"], verdict["moonBag"]) == (0, None)
    just = (at - timedelta(seconds=60)).isoformat()
    assert (
        ask(db, question(EVERYTHING, price, age=LATER, highest="130", peak="100", observedAt=just))["rule"] is not None
    )


@pytest.mark.parametrize(("order", "price"), [("taken", "60"), ("taken", "130"), ("waiting", "130")])
def test_an_open_order_moves_peak_and_stop_but_triggers_nothing(db: Db, order: str, price: str) -> None:
    verdict = ask(db, question(EVERYTHING, price, age=LATER, highest="130", peak="100", openOrder=order))
    assert verdict["reasons"] == {"all": "order_open"}
    assert (verdict["rule"], verdict["peak"], verdict["stopPrice"]) == (None, 130, 120)


def test_a_stop_takes_the_place_of_an_order_that_no_executor_is_at(db: Db) -> None:
    at_the_stop = question(EVERYTHING, "120", age=LATER, highest="130", peak="100", openOrder="waiting")
    assert ask(db, at_the_stop)["rule"] == "stop_loss"
    assert ask(db, at_the_stop | {"price": "120.000000000000000001"})["reasons"] == {"all": "order_open"}
