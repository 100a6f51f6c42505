"""A second, independent statement of the rules that agents go by, in plain Decimal, to hold those in SQL against.

Written from the paper on strategy. JSON in and JSON out: amounts and percentages are decimal strings, times ISO 8601.
Gains and stops are of the exact cost (cost / amount held); a quotient is rounded once, half away from zero, at 18
decimals, after all products.
"""

from __future__ import annotations

import copy
import hashlib
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

Json = dict[str, Any]

ROOM = Context(prec=400, rounding=ROUND_HALF_UP)
"""Enough digits for every product to be exact."""

EXPONENT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Enough digits for what is rounded at 4 decimals."""

FRESH = timedelta(seconds=60)

LIMIT = Decimal("99999999999999999999.999999999999999999")
"""What a column of 20 and 18 digits can hold."""

DEFAULTS: Json = {
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


def dca_levels(*levels: tuple[Any, Any]) -> list[Json]:
    """(drop, buy) in percent."""
    return [{"dropPercent": str(drop), "buyPercent": str(buy)} for drop, buy in levels]


def sale_levels(*levels: tuple[Any, Any]) -> list[Json]:
    """(target, sell) in percent."""
    return [{"targetPercent": str(target), "sellPercent": str(sell)} for target, sell in levels]


def trail_levels(*levels: tuple[Any, Any]) -> list[Json]:
    """(change, stop) in percent."""
    return [{"change": str(change), "stopLoss": str(stop)} for change, stop in levels]


DCA_PRESETS = {
    "aggressive": dca_levels((-10, 100), (-10, 100), (-10, 100)),
    "moderate": dca_levels((-20, 75), (-20, 75)),
    "conservative": dca_levels((-20, 100)),
}

TAKE_PROFIT_PRESETS = {
    "aggressive": (sale_levels((25, 25), (50, 25), (100, 25), (150, 15)), (100, 10)),
    "moderate": (sale_levels((50, 25), (150, 25), (300, 25), (400, 15)), (300, 10)),
    "conservative": (sale_levels((100, 20), (200, 20), (400, 25), (600, 20)), (400, 15)),
}


def rules_in_force(config: Json | None) -> Json:
    """A trading config over the defaults, presets filled in where a mode is one."""
    rules = _merged(DEFAULTS, config or {})
    dca, take_profit = rules["dca"], rules["takeProfit"]
    if dca["mode"] in DCA_PRESETS:
        dca["levels"] = copy.deepcopy(DCA_PRESETS[dca["mode"]])
    if take_profit["mode"] in TAKE_PROFIT_PRESETS:
        levels, (trigger, retain) = TAKE_PROFIT_PRESETS[take_profit["mode"]]
        take_profit["levels"] = copy.deepcopy(levels)
        take_profit["moonBag"] |= {"triggerPercent": str(trigger), "retainPercent": str(retain)}
    return rules


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """numerator / denominator, rounded once at 18 decimals, half away from zero."""
    upper, lower = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    above, below = upper[0] * lower[1] * 10**18, upper[1] * lower[0]
    sign = -1 if (above < 0) != (below < 0) else 1
    above, below = abs(above), abs(below)
    return ROOM.multiply(Decimal(sign * ((2 * above + below) // (2 * below))), Decimal("1e-18"))


def rounded(number: Decimal, places: int = 18) -> Decimal:
    """A number at so many decimals, half away from zero."""
    return ROOM.quantize(number, Decimal(1).scaleb(-places))


def product(*factors: Decimal) -> Decimal:
    """An exact product."""
    result = Decimal(1)
    for factor in factors:
        result = ROOM.multiply(result, factor)
    return result


def difference(a: Decimal, b: Decimal) -> Decimal:
    """An exact difference."""
    return ROOM.subtract(a, b)


def stop_loss_target(settings: Json, rise: Decimal) -> Decimal:
    """Where the stop belongs when the peak is `rise` percent above the cost; percent of the cost."""
    default = Decimal(settings["defaultPercentage"])
    if rise < 0:
        return default
    target = _target(settings["mode"], settings["trailingLevels"], rise)
    return default if target is None or target <= 0 else target


def judge_position(question: Json) -> Json:
    """What the rules say of a position at a price.

    question: position {managed, isDust, amount, cost, peak, lowest, stopPrice, stopPercent, openedAt, lastDcaTime,
    dcaSkippedAt, dcaCount, ladderBase, levelsDone, moonBag}; rules, in force; price, highest, lowest, observedAt, at,
    balance, canBuy, openOrder (None, waiting
    or taken). A price that is late, or from before the position opened or its last DCA buy, is no
    question at all: see `says_nothing`.
    """
    position, rules = question["position"], question["rules"]
    verdict: Json = {
        "rule": None,
        "amount": None,
        "peak": position["peak"],
        "lowest": position["lowest"],
        "stopPrice": position["stopPrice"],
        "stopPercent": position["stopPercent"],
        "levelsDone": position["levelsDone"],
        "moonBag": position["moonBag"],
        "reasons": {},
    }
    held, cost = Decimal(position["amount"]), Decimal(position["cost"])
    for applies, reason in [
        (not position["managed"], "not_managed"),
        (position["isDust"], "dust"),
        (not cost, "no_cost"),
    ]:
        if applies:
            return verdict | {"reasons": {"all": reason}}

    price = Decimal(question["price"])
    peak = max(Decimal(known) for known in (position["peak"], question["highest"]) if known is not None)
    lowest = min(Decimal(known) for known in (position["lowest"], question["lowest"]) if known is not None)
    stop = None
    if rules["stopLoss"]["enabled"]:
        target = stop_loss_target(rules["stopLoss"], _gain(peak, held, cost))
        stop = min(quotient(product(cost, 100 + target), product(Decimal(100), held)), LIMIT)
        if position["stopPrice"] is not None:
            stop = max(stop, Decimal(position["stopPrice"]))
    verdict |= {"peak": str(peak), "lowest": str(lowest), "stopPrice": _text(stop), "stopPercent": None}
    if stop is not None:
        percent = rounded(_gain(stop, held, cost), 2)
        verdict["stopPercent"] = str(min(max(percent, Decimal(-100)), Decimal("999.99")))

    at = datetime.fromisoformat(question["at"])
    if at - datetime.fromisoformat(question["observedAt"]) > FRESH:
        return verdict | {"reasons": {"all": "price_too_old"}}
    if question["openOrder"] == "taken":
        return verdict | {"reasons": {"all": "order_open"}}

    reasons: Json = verdict["reasons"]
    gain = _gain(price, held, cost)
    if stop is not None and price <= stop:
        return verdict | {"rule": "stop_loss", "amount": str(held)}
    if question["openOrder"] == "waiting":
        return verdict | {"reasons": {"all": "order_open"}}
    reasons["stopLoss"] = "disabled" if stop is None else "above_stop"

    sells, reason = _take_profit(position, rules["takeProfit"], gain, verdict)
    if reason is None:
        return verdict | {"rule": "take_profit", "amount": str(sells)}
    reasons["takeProfit"] = reason

    reason = _why_not_stale(rules["staleTrade"], gain, at - datetime.fromisoformat(position["openedAt"]))
    if reason is None:
        return verdict | {"rule": "stale_trade", "amount": str(held)}
    reasons["staleTrade"] = reason

    spends, reason = _dca(question, gain, at)
    if reason is None:
        return verdict | {"rule": "dca", "amount": _text(spends)}
    reasons["dca"] = reason
    return verdict


def says_nothing(position: Json, observed_at: str) -> bool:
    """Whether a price is from before the position opened, or from before its last DCA buy."""
    return datetime.fromisoformat(observed_at) < datetime.fromisoformat(position["lastDcaTime"] or position["openedAt"])


def chance(seed: str) -> int:
    """A number of 0 to 999999 that follows from a text."""
    return int(hashlib.sha256(seed.encode()).hexdigest()[:12], 16) % 1_000_000


def purchase_size(rules: Json, balance: Decimal, seed: str) -> Decimal | None:
    """For how much SOL an agent buys at once; None where it buys nothing."""
    calculator, limits = rules["positionCalculator"], rules["purchaseLimits"]
    thresholds = {name: Decimal(text) for name, text in calculator["solBalanceThresholds"].items()}
    if balance < thresholds["minimum"]:
        return None
    size = next((name for name in ("large", "medium") if balance >= thresholds[name]), "small")
    least, most = (Decimal(calculator["positionSizes"][size][end]) for end in ("min", "max"))
    chosen = most
    if calculator["randomization"]["enabled"]:
        chosen = least + rounded(ROOM.divide(product(most - least, Decimal(chance(seed))), Decimal(999999)), 9)
    chosen = min(chosen, Decimal(limits["maxPurchasePerToken"]))
    chosen = min(chosen, difference(balance, Decimal(limits["minimumAgentBalance"])))
    return chosen if chosen > 0 else None


def judge_signal(question: Json) -> Json:
    """Whether an agent follows a signal: {size, reason}, one of them None.

    question: signal {strength, type, token, marketCap, liquidity, holderCount}; rules, in force; isAutomated,
    hasWallet, isOpen, openPositions, balance, hasFreshPrice, seed.
    """
    signal, rules = question["signal"], question["rules"]
    wanted, limits = rules["signals"], rules["purchaseLimits"]
    listed = signal["token"] in wanted["tokenList"]
    balance = Decimal(question["balance"])
    against = {
        "automation_off": not question["isAutomated"],
        "no_wallet": not question["hasWallet"],
        "score_too_low": signal["strength"] < wanted["minScore"],
        "type_not_allowed": wanted["allowedSignalTypes"] != [] and signal["type"] not in wanted["allowedSignalTypes"],
        "token_filtered": {"none": False, "blacklist": listed, "whitelist": not listed}[wanted["tokenFilterMode"]],
        "metric_outside": any(
            _is_outside(signal[name], wanted[f"{name}Min"], wanted[f"{name}Max"])
            for name in ("marketCap", "liquidity", "holderCount")
        ),
        "position_open": question["isOpen"],
        "too_many_positions": question["openPositions"] >= limits["maxOpenPositions"],
        "balance_too_low": balance <= Decimal(limits["minimumAgentBalance"]),
        "no_fresh_price": not question["hasFreshPrice"],
    }
    reason = next((name for name, applies in against.items() if applies), None)
    if reason is not None:
        return {"size": None, "reason": reason}
    size = purchase_size(rules, balance, question["seed"])
    return {"size": _text(size), "reason": "size_too_small" if size is None else None}


def _target(mode: str, levels: list[Json], rise: Decimal) -> Decimal | None:
    if mode == "custom":
        reached = [level for level in levels if Decimal(level["change"]) <= rise]
        return Decimal(max(reached, key=lambda level: Decimal(level["change"]))["stopLoss"]) if reached else None
    if mode == "fixed":
        return max(Decimal(0), difference(rise, Decimal(10))) if rise >= 20 else None
    if mode == "zones":
        if rise < 20:
            return None
        for end, share in [(25, "0.50"), (50, "0.60"), (100, "0.70"), (200, "0.80")]:
            if rise <= end:
                return product(rise, Decimal(share))
        return product(rise, Decimal("0.85"))
    assert mode == "exponential"
    return _exponential(rise) if rise > 20 else None


def _exponential(rise: Decimal) -> Decimal:
    most = Decimal("0.90")
    x = difference(rise, Decimal(20))

    def e(exponent: Decimal) -> Decimal:
        return EXPONENT.exp(exponent)

    def over(a: Decimal, b: int) -> Decimal:
        return EXPONENT.divide(a, Decimal(b))

    bell = over(x - 55, 8)
    k = 1 - e(over(-x * Decimal("3.2"), 100)) - Decimal("0.12") * e(-(bell * bell) / 2)
    k = min(max(k, Decimal(0)), most)
    if x > 65:
        k = min(most, k + Decimal("0.30") * (1 - e(-over(x - 65, 80))))
    return rounded(product(rise, k), 4)


def _take_profit(position: Json, settings: Json, gain: Decimal, verdict: Json) -> tuple[Decimal, str | None]:
    """What the ladder sells, or why nothing; sets levelsDone and moonBag of the verdict."""
    if not settings["enabled"]:
        return Decimal(0), "disabled"
    held = Decimal(position["amount"])
    base = Decimal(position["ladderBase"] or position["amount"])
    levels, moon, done = settings["levels"], settings["moonBag"], position["levelsDone"]
    reached = [n for n, level in enumerate(levels) if Decimal(level["targetPercent"]) <= gain]
    new = [levels[n] for n in reached if n >= done]
    if (
        moon["enabled"]
        and position["moonBag"] is None
        and (gain >= Decimal(moon["triggerPercent"]) or (new and len(reached) == len(levels)))
    ):
        verdict["moonBag"] = str(rounded(product(base, Decimal(moon["retainPercent"]), Decimal("0.01"))))
    verdict["levelsDone"] = done + len(new)
    percent = sum((Decimal(level["sellPercent"]) for level in new), Decimal(0))
    reserved = Decimal(verdict["moonBag"] or 0)
    sells = min(rounded(product(base, percent, Decimal("0.01"))), difference(held, reserved))
    if not new:
        return Decimal(0), "no_new_level"
    return (sells, None) if sells > 0 else (Decimal(0), "nothing_to_sell")


def _why_not_stale(settings: Json, gain: Decimal, age: timedelta) -> str | None:
    if not settings["enabled"]:
        return "disabled"
    if age < timedelta(minutes=settings["minHoldTimeMinutes"]):
        return "too_young"
    if not Decimal(settings["minProfitPercent"]) <= gain <= Decimal(settings["maxProfitPercent"]):
        return "gain_outside"
    return None


def _dca(question: Json, gain: Decimal, at: datetime) -> tuple[Decimal | None, str | None]:
    """What is spent (None: there is too little), or why nothing is bought."""
    position, rules = question["position"], question["rules"]
    settings, limits = rules["dca"], rules["purchaseLimits"]
    held, count = Decimal(position["amount"]), position["dcaCount"]
    tries = [datetime.fromisoformat(time) for time in (position["lastDcaTime"], position["dcaSkippedAt"]) if time]
    if not settings["enabled"]:
        return None, "disabled"
    if not question["canBuy"]:
        return None, "automation_off"
    if position["moonBag"] is not None and held <= Decimal(position["moonBag"]):
        return None, "moon_bag_only"
    if count >= settings["maxDCACount"]:
        return None, "count_reached"
    if tries and at < max(tries) + timedelta(seconds=settings["cooldownSeconds"]):
        return None, "cooldown"
    levels = sorted(settings["levels"], key=lambda level: -Decimal(level["dropPercent"]))
    if count >= len(levels):
        return None, "levels_used"
    level = levels[count]
    if gain > Decimal(level["dropPercent"]):
        return None, "above_level"
    spends = min(
        rounded(product(Decimal(question["price"]), held, Decimal(level["buyPercent"]), Decimal("0.01"))),
        Decimal(limits["maxPurchasePerToken"]),
        difference(Decimal(question["balance"]), Decimal(limits["minimumAgentBalance"])),
    )
    return (spends if spends > 0 else None), None


def _is_outside(known: str | int | None, least: str | int | None, most: str | int | None) -> bool:
    if known is None:
        return least is not None or most is not None
    number = Decimal(known)
    return (least is not None and number < Decimal(least)) or (most is not None and number > Decimal(most))


def _gain(price: Decimal, held: Decimal, cost: Decimal) -> Decimal:
    """Percent that a price is above the cost of what is held."""
    return quotient(product(Decimal(100), difference(product(price, held), cost)), cost)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _merged(base: Json, change: Json) -> Json:
    merged = copy.deepcopy(base)
    for key, value in change.items():
        inner = merged.get(key)
        merged[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
