"""Trading configs: each rule on both sides of its bound, whoever writes it; what is stored, and what it makes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.ledger import acting_as, new_agent, new_user, value
from tests.sessions import Session

Db = psycopg.Connection[Any]

JUST = "0.000000000000000001"
"""The least that a number can be beside another."""

TOKEN = "So11111111111111111111111111111111111111112"

STRATEGY = {
    "purchaseLimits": {
        "minimumAgentBalance": "0.5",
        "maxPurchasePerToken": "2",
        "maxPriceImpact": "0.05",
        "maxOpenPositions": 25,
    },
    "signals": {
        "minScore": 1,
        "allowedSignalTypes": [],
        "tokenFilterMode": "none",
        "tokenList": [],
        "marketCapMin": None,
        "marketCapMax": None,
        "liquidityMin": None,
        "liquidityMax": None,
        "holderCountMin": None,
        "holderCountMax": None,
    },
    "stopLoss": {"enabled": True, "defaultPercentage": "-32", "mode": "fixed", "trailingLevels": []},
    "positionCalculator": {
        "solBalanceThresholds": {"minimum": "0.2", "medium": "5", "large": "10"},
        "positionSizes": {
            "small": {"min": "0.1", "max": "0.1"},
            "medium": {"min": "0.5", "max": "1"},
            "large": {"min": "1.5", "max": "2"},
        },
        "randomization": {"enabled": True},
    },
    "staleTrade": {"enabled": True, "minHoldTimeMinutes": 60, "minProfitPercent": "1", "maxProfitPercent": "10"},
    "dca": {"enabled": False, "mode": "moderate", "levels": [], "maxDCACount": 3, "cooldownSeconds": 30},
    "takeProfit": {
        "enabled": False,
        "mode": "moderate",
        "levels": [],
        "moonBag": {"enabled": True, "triggerPercent": "300", "retainPercent": "10"},
    },
}
"""The defaults, as the paper on strategy has them."""


def trail(*levels: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"change": change, "stopLoss": stop} for change, stop in levels]


def dca(*levels: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"dropPercent": drop, "buyPercent": buy} for drop, buy in levels]


def sales(*levels: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"targetPercent": target, "sellPercent": sell} for target, sell in levels]


TEN = [(target, 1) for target in range(1, 11)]

PAST_TWO = "12345678901234567890.123456789012345678"

RULES: dict[str, tuple[list[Any], list[Any]]] = {
    # path: what is fine, and what is not
    "purchaseLimits": ([{}], [None, [], 1, "x", True]),
    "purchaseLimits.minimumAgentBalance": (
        ["0.1", 0.1, 5, "99999999999999999999.999999999999999999", PAST_TWO],
        [
            *("0.099999999999999999", 0, "-1", "100000000000000000000", "0.1000000000000000000"),
            *(None, True, "", "x", "NaN", "Infinity", "1e3", " 1", "+1", "1.", ".5", [], {}),
        ],
    ),
    "purchaseLimits.maxPurchasePerToken": ([JUST, 1, 2.5], [0, "0", "-0.1", None]),
    "purchaseLimits.maxPriceImpact": ([None, 0, 1, "0.5"], ["-0.1", "1.000000000000000001", "x", False]),
    "purchaseLimits.maxOpenPositions": ([1, 1000], [0, 1001, 1.5, "5", None, True]),
    "signals.minScore": ([1, 5], [0, 6, 2.5, "3", None]),
    "signals.allowedSignalTypes": ([[], ["a", "b" * 50]], [None, "a", {}]),
    "signals.allowedSignalTypes.0": (["x", "x" * 50], ["", "x" * 51, 1, None, "a\tb", []]),
    "signals.tokenFilterMode": (["none", "blacklist", "whitelist"], ["", "None", "greylist", None, 1]),
    "signals.tokenList": ([[], [TOKEN]], [None, TOKEN, {}]),
    "signals.tokenList.0": (["x" * 32, "x" * 44], ["x" * 31, "x" * 45, None, 1, "x" * 40 + "\n"]),
    **{
        f"signals.{what}{which}": ([None, JUST, 1], [0, "-1", "x", True])
        for what in ("marketCap", "liquidity")
        for which in ("Min", "Max")
    },
    **{f"signals.holderCount{which}": ([None, 0, 2147483647], [-1, 2147483648, 0.5, "1"]) for which in ("Min", "Max")},
    "stopLoss.enabled": ([True, False], [None, 0, "true"]),
    "stopLoss.defaultPercentage": ([-100, 0, "-32.5"], ["-100.000000000000000001", JUST, None, "x"]),
    "stopLoss.mode": (["fixed", "exponential", "zones"], ["", "Fixed", "moderate", None]),
    "stopLoss.trailingLevels": (
        [[], trail((50, 90)), trail(("50.1", 90), (50, 95), (JUST, 1))],
        [None, {}, "x", [None], [1], [{}], [[]], trail((50, 90), (50, 95)), trail((50, 90), (50.1, 95))],
    ),
    "stopLoss.trailingLevels.0.change": ([JUST, 100000], [0, "-1", None, "x"]),
    "stopLoss.trailingLevels.0.stopLoss": ([JUST, 1000], [0, "1000.000000000000000001", None]),
    "positionCalculator.solBalanceThresholds.minimum": ([JUST, "4.999999999999999999"], [0, "-1", 5, 6, None]),
    "positionCalculator.solBalanceThresholds.medium": (
        ["0.200000000000000001", "9.999999999999999999"],
        ["0.2", 10, 0, None],
    ),
    "positionCalculator.solBalanceThresholds.large": (["5.000000000000000001"], [5, 0, "-1", None]),
    "positionCalculator.positionSizes.small.min": ([0, "0.1"], ["-0.1", "0.100000000000000001", None]),
    "positionCalculator.positionSizes.small.max": (["0.1", 100], ["0.09", "-0.1", None]),
    "positionCalculator.positionSizes.medium.min": ([0, 1], ["-0.1", "1.1", None]),
    "positionCalculator.positionSizes.medium.max": (["0.5"], ["0.4", None]),
    "positionCalculator.positionSizes.large.min": ([0, 2], ["-0.1", "2.1", None]),
    "positionCalculator.positionSizes.large.max": (["1.5"], ["1.4", None]),
    "positionCalculator.randomization.enabled": ([True, False], [None, 1]),
    "staleTrade.enabled": ([True, False], [None, "false"]),
    "staleTrade.minHoldTimeMinutes": ([1, 2147483647], [0, -1, 2147483648, 1.5, None]),
    "staleTrade.minProfitPercent": ([-50, 10], ["10.000000000000000001", None]),
    "staleTrade.maxProfitPercent": ([1, 1000], ["0.999999999999999999", None]),
    "dca.enabled": ([True, False], [None]),
    "dca.mode": (["aggressive", "moderate", "conservative", "custom"], ["", "fixed", None]),
    "dca.levels": (
        [[], dca((-30, 100), (-10, 25), (-20, 50)), dca((-10, 100), (-10, 100))],
        [None, {}, [1], [{}], [{"dropPercent": -10}], [{"dropPercent": -10, "buyPercent": 1, "x": 1}]],
    ),
    "dca.levels.0.dropPercent": ([-99, -1], ["-99.000000000000000001", "-0.999999999999999999", 10, None]),
    "dca.levels.0.buyPercent": ([1, 500], ["0.999999999999999999", "500.000000000000000001", None]),
    "dca.maxDCACount": ([1, 10], [0, 11, 1.5, None]),
    "dca.cooldownSeconds": ([10, 3600], [9, 3601, None]),
    "takeProfit.enabled": ([True, False], [None]),
    "takeProfit.mode": (["aggressive", "moderate", "conservative", "custom"], ["", "zones", None]),
    "takeProfit.levels": (
        [[], sales(*TEN), sales((50, 45), (150, 45)), sales((50, 40), ("50.000000000000000001", 40))],
        [
            *(None, {}, [1], [{}], sales(*TEN, (11, 1)), sales((50, 10), (50, 10)), sales((150, 10), (50, 10))),
            sales((50, 45), (150, "45.000000000000000001")),
        ],
    ),
    "takeProfit.levels.0.targetPercent": ([1, 10000], ["0.999999999999999999", "10000.1", None]),
    "takeProfit.levels.0.sellPercent": ([1, 90], ["0.999999999999999999", "90.000000000000000001", 101, None]),
    "takeProfit.moonBag.enabled": ([True, False], [None, 1]),
    "takeProfit.moonBag.triggerPercent": ([1, 10000], [0, "0.9", "10000.000000000000000001", None]),
    "takeProfit.moonBag.retainPercent": ([1, 50], ["0.999999999999999999", "50.000000000000000001", None]),
}

TOLD_OF = {
    "positionCalculator.solBalanceThresholds.minimum": "/positionCalculator/solBalanceThresholds/medium",
    "positionCalculator.solBalanceThresholds.medium": "/positionCalculator/solBalanceThresholds/large",
    "positionCalculator.positionSizes.small.min": "/positionCalculator/positionSizes/small/max",
    "positionCalculator.positionSizes.medium.min": "/positionCalculator/positionSizes/medium/max",
    "positionCalculator.positionSizes.large.min": "/positionCalculator/positionSizes/large/max",
    "staleTrade.minProfitPercent": "/staleTrade/maxProfitPercent",
    "takeProfit.levels.0.sellPercent": "/takeProfit/levels",
}
"""Where it is told that a setting that is right by itself is at odds with another."""

ELEMENTS = {
    "stopLoss.trailingLevels.0": trail((50, 90))[0],
    "dca.levels.0": dca((-10, 25))[0],
    "takeProfit.levels.0": sales((50, 25))[0],
}

TOGETHER: list[tuple[dict[str, Any], list[str]]] = [
    # a config, and the paths that are wrong in it
    ({"signals": {"marketCapMin": 5, "marketCapMax": 5}}, []),
    ({"signals": {"marketCapMin": 5, "marketCapMax": 4}}, ["/signals/marketCapMax"]),
    ({"signals": {"liquidityMin": "5", "liquidityMax": 4}}, ["/signals/liquidityMax"]),
    ({"signals": {"holderCountMin": 5, "holderCountMax": 4}}, ["/signals/holderCountMax"]),
    ({"signals": {"holderCountMin": 5, "holderCountMax": None}}, []),
    ({"stopLoss": {"mode": "custom"}}, ["/stopLoss/trailingLevels"]),
    ({"stopLoss": {"mode": "custom", "enabled": False}}, []),
    ({"stopLoss": {"mode": "custom", "trailingLevels": trail((50, 90))}}, []),
    ({"takeProfit": {"levels": sales((50, 70)), "moonBag": {"retainPercent": 30}}}, []),
    ({"takeProfit": {"levels": sales((50, 71)), "moonBag": {"retainPercent": 30}}}, ["/takeProfit/levels"]),
    ({"takeProfit": {"levels": sales((50, 100)), "moonBag": {"enabled": False}}}, []),
    (
        {"takeProfit": {"levels": sales((50, 60), (60, 41)), "moonBag": {"enabled": False}}},
        ["/takeProfit/levels"],
    ),
    ({"extra": 1}, ["/extra"]),
    ({"dca": {"extra": 1}}, ["/dca/extra"]),
    ({"signals.minScore": 1, "*": 1, "": 1, "a/b~c": 1}, ["/", "/*", "/a~1b~0c", "/signals.minScore"]),
    ({"dca": {"levels": {"*": {"dropPercent": -10}}}}, ["/dca/levels"]),
    ({"dca": {"levels": [{"dropPercent": -10}]}}, ["/dca/levels/0/buyPercent"]),
    (
        {"positionCalculator": {"positionSizes": {"tiny": {"min": 1, "max": 2}}}},
        ["/positionCalculator/positionSizes/tiny"],
    ),
    (
        {
            "signals": {"minScore": 6, "tokenList": ["x", TOKEN, None]},
            "staleTrade": None,
            "dca": {"levels": [*dca((-10, 25), (5, 0)), 3], "maxDCACount": "3"},
            "takeProfit": {"levels": sales((50, 60), (40, 60))},
        },
        [
            "/dca/levels/1/buyPercent",
            "/dca/levels/1/dropPercent",
            "/dca/levels/2",
            "/dca/maxDCACount",
            "/signals/minScore",
            "/signals/tokenList/0",
            "/signals/tokenList/2",
            "/staleTrade",
            "/takeProfit/levels",
            "/takeProfit/levels/1/targetPercent",
        ],
    ),
]


def config_of(path: str, setting: Any) -> dict[str, Any]:
    """A config with one setting; the rest of an element of a list is right."""
    for element, content in ELEMENTS.items():
        if path.startswith(element + "."):
            path, setting = element, content | {path.removeprefix(element + "."): setting}
    *above, last = path.split(".")
    config: Any = [setting] if last == "0" else {last: setting}
    for name in reversed(above):
        config = {name: config}
    return config


def write(db: Db, agent: UUID, config: Any) -> list[str]:
    """Store a config; where it is refused, the paths that are wrong."""
    try:
        with db.transaction():
            text = config if isinstance(config, str | None) else json.dumps(config)
            db.execute("update agents set trading_config = %s where id = %s", [text, agent])
    except psycopg.errors.DatabaseError as error:
        assert error.sqlstate == "TB040", error
        assert error.diag.message_detail is not None
        told = json.loads(error.diag.message_detail)["errors"]
        assert all(each["detail"] for each in told)
        return [each["pointer"] for each in told]
    return []


def read(db: Db, agent: UUID, column: str = "effective") -> Any:
    return value(db, f"select {column} from report.trading_configs where agent_id = %s", agent)


def at(config: Any, path: str) -> Any:
    for name in path.split("."):
        config = config[int(name) if isinstance(config, list) else name]
    return config


@pytest.fixture
def agent(db: Db) -> UUID:
    return new_agent(db)


# The rules


@pytest.mark.parametrize("path", RULES)
def test_each_setting_is_taken_and_refused_on_both_sides_of_its_bounds(db: Db, agent: UUID, path: str) -> None:
    fine, wrong = RULES[path]
    for setting in fine:
        assert write(db, agent, config_of(path, setting)) == [], setting
        if setting != {}:
            assert same(at(read(db, agent), path), setting)
    before = read(db, agent, "stored")
    for setting in wrong:
        told = write(db, agent, config_of(path, setting))
        pointer = "/" + path.replace(".", "/")
        assert any(each.startswith(pointer) for each in told) or told == [TOLD_OF.get(path)], setting
    assert read(db, agent, "stored") == before


def same(stored: Any, given: Any) -> bool:
    """Whether that is stored which was given; numbers are stored as strings."""
    if isinstance(given, dict):
        return stored.keys() == given.keys() and all(same(stored[name], given[name]) for name in given)
    if isinstance(given, list):
        return len(stored) == len(given) and all(map(same, stored, given))
    if isinstance(stored, str) and isinstance(given, int | float):
        return Decimal(stored) == Decimal(str(given))
    if isinstance(stored, str) and isinstance(given, str) and given[:1] in "-0123456789":
        return Decimal(stored) == Decimal(given)
    return bool(stored == given)


@pytest.mark.parametrize(("config", "wrong"), TOGETHER)
def test_all_that_is_wrong_is_told_at_once_each_by_its_path(
    db: Db, agent: UUID, config: dict[str, Any], wrong: list[str]
) -> None:
    assert write(db, agent, config) == wrong


def test_every_setting_of_the_rules_is_tried(db: Db) -> None:
    leaves = {
        path.replace("[]", ".0")
        for (path,) in db.execute("select path from report.trading_config_rules where kind not in ('object', 'list')")
    }
    assert leaves <= RULES.keys()


def test_the_defaults_are_those_of_the_strategy_and_valid(db: Db, agent: UUID) -> None:
    assert value(db, "select book.default_trading_config()") == STRATEGY
    assert db.execute("select * from book.trading_config_violations(book.default_trading_config())").fetchall() == []
    assert (read(db, agent), read(db, agent, "stored")) == (STRATEGY, None)


def test_every_setting_has_a_rule_and_every_rule_a_setting(db: Db) -> None:
    def places(content: Any, place: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        below = content.items() if isinstance(content, dict) else ()
        return {place}.union(*(places(each, (*place, name)) for name, each in below))

    ruled = {tuple(place) for (place,) in db.execute("select place from report.trading_config_rules")}
    assert places(STRATEGY) == {place for place in ruled if "*" not in place}


@pytest.mark.parametrize(
    "number",
    ["1e20", "-1e20", "1e5000", "1e-19", "1e-5000", "0e-5000", "0." + "0" * 18 + "1", '"' + "9" * 21 + '"'],
)
def test_a_number_beyond_all_limits_is_refused_and_never_written_out(db: Db, agent: UUID, number: str) -> None:
    for path in ("maxPurchasePerToken", "maxOpenPositions", "maxPriceImpact"):
        told = write(db, agent, f'{{"purchaseLimits": {{"{path}": {number}}}}}')
        assert told == [f"/purchaseLimits/{path}"]


def test_a_config_that_is_deep_or_wide_is_refused_with_the_first_thousand(db: Db, agent: UUID) -> None:
    assert write(db, agent, '{"x": ' + "[" * 1000 + "]" * 1000 + "}") == ["/x"]
    told = write(db, agent, {f"key {number}": number for number in range(5000)})
    assert len(told) == 1000
    assert write(db, agent, {"n" * 5000: 1}) == ["/" + "n" * 60]


# What is stored


def test_only_what_differs_is_stored_in_plain_form(db: Db, agent: UUID) -> None:
    config = {
        "purchaseLimits": {"maxPurchasePerToken": 2.50, "minimumAgentBalance": 0.500, "maxPriceImpact": None},
        "dca": {"enabled": False, "levels": dca((-10.0, "25.00"))},
        "staleTrade": {"minHoldTimeMinutes": 60.0},
        "signals": {},
    }
    assert write(db, agent, config) == []
    assert read(db, agent, "stored") == {
        "purchaseLimits": {"maxPurchasePerToken": "2.5", "maxPriceImpact": None},
        "dca": {"levels": dca(("-10", "25"))},
    }
    assert write(db, agent, read(db, agent)) == []
    assert read(db, agent, "stored")["dca"] == {"levels": dca(("-10", "25"))}
    for nothing in ({}, {"dca": {}}, STRATEGY, None):
        assert write(db, agent, nothing) == []
        assert value(db, "select trading_config is null from agents where id = %s", agent)


def test_lists_are_replaced_and_objects_merged(db: Db, agent: UUID) -> None:
    assert write(db, agent, {"takeProfit": {"levels": sales((50, 20), (60, 20)), "moonBag": {"enabled": False}}}) == []
    assert at(read(db, agent), "takeProfit") == STRATEGY["takeProfit"] | {
        "levels": sales(("50", "20"), ("60", "20")),
        "moonBag": {"enabled": False, "triggerPercent": "300", "retainPercent": "10"},
    }
    user = value(db, "select user_id from agents where id = %s", agent)
    changed = value(
        db,
        "select book.merge_trading_config(%s, %s, %s)",
        user,
        agent,
        json.dumps({"takeProfit": {"levels": sales((70, 20)), "moonBag": {"retainPercent": 20}}}),
    )
    assert at(changed, "takeProfit.levels") == sales(("70", "20"))
    assert at(changed, "takeProfit.moonBag") == {"enabled": False, "triggerPercent": "300", "retainPercent": "20"}


def test_merge_and_difference_undo_each_other(db: Db) -> None:
    base = {"a": 1, "b": {"c": [1, 2], "d": None, "e": {"f": 1}}, "g": "x"}
    for changed in (
        base,
        base | {"a": None},
        base | {"b": {"c": [2], "d": 3, "e": {"f": 1}}},
        base | {"b": 5},
        base | {"b": {"c": [1, 2], "d": None, "e": {"f": 2, "h": {}}}},
    ):
        difference = "book.json_difference(%(changed)s::jsonb, %(base)s::jsonb)"
        parameters = {"changed": json.dumps(changed), "base": json.dumps(base)}
        row = db.execute(
            f"select book.merge_json(%(base)s::jsonb, coalesce({difference}, '{{}}')), {difference} is null", parameters
        ).fetchone()
        assert row == (changed, changed == base)


def test_a_new_agent_meets_the_same_rules(db: Db) -> None:
    user = new_user(db)
    query = "insert into agents (user_id, name, trading_config) values (%s, 'x', %s) returning trading_config"
    assert value(db, query, user, '{"dca": {"maxDCACount": 5, "enabled": false}}') == {"dca": {"maxDCACount": 5}}
    with pytest.raises(psycopg.Error) as refused:
        db.execute(query, [user, '{"dca": {"maxDCACount": 11}}'])
    assert refused.value.sqlstate == "TB040"


def test_all_roles_that_write_a_config_meet_the_rules(db: Db, agent: UUID) -> None:
    user = value(db, "select user_id from agents where id = %s", agent)
    with acting_as(db, "api", user):
        assert write(db, agent, {"dca": {"maxDCACount": 11}}) == ["/dca/maxDCACount"]
        assert write(db, agent, {"dca": {"maxDCACount": 10}}) == []


def test_two_changes_at_once_are_both_kept(db: Db, database_url: str, agent: UUID) -> None:
    user = value(db, "select user_id from agents where id = %s", agent)
    db.commit()
    merge = "select book.merge_trading_config(%s, %s, %s)"
    with Session(database_url) as first, Session(database_url) as second:
        first.connection.execute(merge, [user, agent, '{"dca": {"maxDCACount": 5}}'])
        running = second.start(second.connection.execute, merge, [user, agent, '{"dca": {"cooldownSeconds": 60}}'])
        assert second.waits_for(running, first)
        first.commit()
        running.result()
        second.commit()
    assert read(db, agent, "stored") == {"dca": {"maxDCACount": 5, "cooldownSeconds": 60}}


# Presets


def test_presets_are_those_of_the_strategy_and_valid(db: Db) -> None:
    presets = {
        (section, mode): settings
        for section, mode, settings in db.execute("select section, mode, settings from report.mode_presets")
    }

    def moon(trigger: str, retain: str) -> dict[str, str]:
        return {"triggerPercent": trigger, "retainPercent": retain}

    def take(levels: str, bag: dict[str, str]) -> dict[str, Any]:
        pairs = [each.split("/") for each in levels.split()]
        return {"levels": sales(*((target, sell) for target, sell in pairs)), "moonBag": bag}

    assert presets == {
        ("dca", "aggressive"): {"levels": dca(*[("-10", "100")] * 3)},
        ("dca", "moderate"): {"levels": dca(*[("-20", "75")] * 2)},
        ("dca", "conservative"): {"levels": dca(("-20", "100"))},
        ("takeProfit", "aggressive"): take("25/25 50/25 100/25 150/15", moon("100", "10")),
        ("takeProfit", "moderate"): take("50/25 150/25 300/25 400/15", moon("300", "10")),
        ("takeProfit", "conservative"): take("100/20 200/20 400/25 600/20", moon("400", "15")),
    }
    for (section, _), settings in presets.items():
        config = json.dumps({section: settings | {"mode": "custom"}})
        assert value(db, "select book.stored_trading_config(%s::jsonb)", config)


def test_what_is_in_force_has_the_levels_of_the_mode(db: Db, agent: UUID) -> None:
    own = {"levels": sales((70, 20)), "moonBag": {"enabled": False, "triggerPercent": "7", "retainPercent": "7"}}
    assert write(db, agent, {"dca": {"mode": "aggressive", "maxDCACount": 2}, "takeProfit": own}) == []
    force = read(db, agent, "in_force")
    assert force["dca"] == STRATEGY["dca"] | {
        "mode": "aggressive",
        "maxDCACount": 2,
        "levels": dca(*[("-10", "100")] * 3),
    }
    assert force["takeProfit"]["moonBag"] == {"enabled": False, "triggerPercent": "300", "retainPercent": "10"}
    assert len(force["takeProfit"]["levels"]) == 4
    assert force["stopLoss"] == STRATEGY["stopLoss"]
    assert write(db, agent, {"dca": {"mode": "custom"}, "takeProfit": own | {"mode": "custom"}}) == []
    force = read(db, agent, "in_force")
    assert force["dca"]["levels"] == []
    assert force["takeProfit"] == read(db, agent)["takeProfit"]
    assert force["takeProfit"]["levels"] == sales(("70", "20"))


# What rules go by


def rules(db: Db, agent: UUID) -> Any:
    return value(db, "select trading_rules from agents where id = %s", agent)


WRITERS = {
    "an update": "update agents set trading_config = %(config)s where id = %(agent)s",
    "a replacement": "select book.replace_trading_config(%(user)s, %(agent)s, %(config)s)",
    "a merge": "select book.merge_trading_config(%(user)s, %(agent)s, %(config)s)",
    "one who states them himself": (
        "update agents set trading_config = %(config)s, trading_rules = '{}' where id = %(agent)s"
    ),
    "a new agent": (
        "insert into agents (id, user_id, name, trading_config)"
        " select %(agent)s, id, 'agent', %(config)s from users where id = %(user)s"
    ),
}


@pytest.mark.parametrize("how", WRITERS)
def test_what_rules_go_by_is_kept_with_the_config_whoever_writes_it(db: Db, how: str) -> None:
    user = new_user(db)
    agent = new_agent(db, user)
    if how == "a new agent":
        db.execute("delete from agents where id = %s", [agent])
    config = {"dca": {"mode": "aggressive"}, "stopLoss": {"enabled": False}}
    db.execute(WRITERS[how], {"user": user, "agent": agent, "config": json.dumps(config)})
    assert read(db, agent, "stored") == config
    assert rules(db, agent) == value(db, "select book.trading_rules(%s)", json.dumps(config))
    assert rules(db, agent) == read(db, agent, "in_force")
    assert rules(db, agent)["dca"]["levels"] == dca(*[("-10", "100")] * 3)


def test_nobody_changes_what_rules_go_by_apart_from_the_config(db: Db, agent: UUID) -> None:
    write(db, agent, {"dca": {"enabled": True}})
    before = rules(db, agent)
    db.execute("update agents set trading_rules = null")
    assert rules(db, agent) == before
    user = value(db, "select user_id from agents where id = %s", agent)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(), acting_as(db, "api", user):
        db.execute("update agents set trading_rules = '{}'")


def test_without_a_config_rules_go_by_the_defaults_and_none_are_stored(db: Db, agent: UUID) -> None:
    """So that the defaults of the next version are theirs at once."""
    assert (rules(db, agent), read(db, agent, "stored")) == (None, None)
    defaults = read(db, agent, "in_force")
    assert defaults == value(db, "select book.default_trading_rules()") == value(db, "select book.trading_rules(null)")
    assert defaults["takeProfit"]["levels"] == sales(("50", "25"), ("150", "25"), ("300", "25"), ("400", "15"))
    write(db, agent, {"dca": {"enabled": True}})
    assert rules(db, agent)["dca"]["enabled"] is True
    db.execute("update agents set trading_config = null, trading_rules = '{}' where id = %s", [agent])
    assert (rules(db, agent), read(db, agent, "in_force")) == (None, defaults)


def test_a_config_that_says_nothing_is_in_force_as_the_defaults(db: Db, agent: UUID) -> None:
    defaults = read(db, agent, "in_force")
    assert write(db, agent, {}) == []
    assert read(db, agent, "in_force") == defaults
