"""Random price paths under random configs: what the rules do to a wallet is what the model says, to the last digit."""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal as D
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.ledger import SOL, START, Ledger, value
from tests.questions import COLUMNS, as_numbers, sql_verdict
from tests.rules_model import (
    Json,
    dca_levels,
    difference,
    judge_position,
    product,
    quotient,
    rounded,
    rules_in_force,
    sale_levels,
    says_nothing,
    trail_levels,
)

PATHS = int(os.environ.get("PATHS", "40"))

TOKENS = ["A", "B"]

LEAST = {
    "stop_loss": 20,
    "take_profit": 20,
    "stale_trade": 5,
    "dca": 4,
    "dca skipped": 4,
    "put off": 1,
    "late": 20,
    "old": 20,
}
"""How often it has to happen at the least, in 40 paths."""

FACTORS = ["0.6", "0.79", "0.8", "0.9", "0.95", "0.99", "1", "1.003", "1.01", "1.07", "1.25", "1.5", "2", "3.1"]
MODES = ["aggressive", "moderate", "conservative", "custom", "custom"]


def random_config(dice: Random) -> Json:
    """A trading config, most rules on."""
    pick = dice.choice
    least, most = pick([("1", "10"), ("-5", "-1"), ("-100", "1000")])
    trail = sorted(dice.sample([1, 10, 50, 100], dice.randint(1, 4)), reverse=True)
    targets = sorted(dice.sample([1, 5, 20, 50, 110, 400], dice.randint(1, 4)))
    retained = pick(["1", "7", "30", "50"])
    # No more than everything is sold and retained.
    shares = [pick(["5.25", "12.5", "10"]) for _ in targets[1:]]
    rest = (D(100) - D(retained) - sum(map(D, shares), D(0))).normalize()
    shares.append(pick([format(rest, "f"), "12.345"]))
    mostly = [True, True, True, False]
    return {
        "purchaseLimits": {
            "minimumAgentBalance": pick(["0.1", "5", "19"]),
            "maxPurchasePerToken": pick(["0.05", "2"]),
        },
        "stopLoss": {
            "enabled": pick(mostly),
            "mode": pick(["fixed", "zones", "exponential", "custom"]),
            "defaultPercentage": pick(["-100", "-60", "-60", "-32.5", "0"]),
            "trailingLevels": trail_levels(*((change, pick(["0.5", "40", "99"])) for change in trail)),
        },
        "staleTrade": {
            "enabled": dice.random() < 0.4,
            "minHoldTimeMinutes": pick([1, 60]),
            "minProfitPercent": least,
            "maxProfitPercent": most,
        },
        "dca": {
            "enabled": pick(mostly),
            "mode": pick(MODES),
            "levels": dca_levels(
                *((dice.randint(-40, -1), pick(["1", "33.3", "75", "500"])) for _ in range(dice.randint(0, 3)))
            ),
            "maxDCACount": dice.randint(1, 4),
            "cooldownSeconds": pick([10, 30, 3600]),
        },
        "takeProfit": {
            "enabled": pick(mostly),
            "mode": pick(MODES),
            "levels": sale_levels(*zip(targets, shares, strict=True)),
            "moonBag": {
                "enabled": pick(mostly),
                "triggerPercent": pick(["5", "60", "300"]),
                "retainPercent": retained,
            },
        },
    }


def random_agent(dice: Random) -> Json:
    """What else of an agent the rules depend on."""
    return {
        "sol": dice.choice(["20", "6.5", "1000"]),
        "slippage": dice.choice([0, 0, 30, 500]),
        "fee": dice.choice([0, 5000, 1]),
        "automated": dice.random() < 0.8,
    }


def random_event(dice: Random) -> tuple[Any, ...]:
    """What kind, how many seconds after the last, and the rest."""
    pick = dice.choice
    token = pick(TOKENS)
    kind = dice.choices(["price", "both", "edge", "time", "buy", "sell", "deposit"], [12, 4, 5, 2, 3, 1, 1])[0]
    rest: dict[str, list[Any]] = {
        "price": [token, pick(FACTORS), pick([0, 0, 0, 0, 7, 60, 61, 700])],
        "both": [pick(FACTORS)],
        "edge": [token, pick(["stop", "above stop", "trail", "level", "drop"])],
        "time": [],
        "buy": [token, pick(["0.1", "0.3333333333", "1.7"])],
        "sell": [token, pick(["0.07", "0.5", "0.9999999", "1"])],
        "deposit": [token, pick(["3.000000000000000007", "500"])],
    }
    return (kind, pick([1, 5, 20, 59, 61, 600, 4000]), *rest[kind])


class Path:
    """A wallet with two tokens in PostgreSQL, and beside it what the model makes of the same events."""

    def __init__(self, db: psycopg.Connection[Any], config: Json, agent: Json, shares: Counter[str]) -> None:
        self.db = db
        self.shares = shares
        self.now = START
        self.ledger = Ledger(db, sol=None)
        self.rules = rules_in_force(config)
        self.agent = agent
        self.sol = D(agent["sol"])
        self.positions: dict[str, Json] = {}
        self.prices: dict[str, list[tuple[datetime, D]]] = {token: [] for token in TOKENS}
        self.acted: set[Any] = set()
        self.stops: dict[Any, D] = {}
        db.execute("update settings set price_max_age = interval '1000 days'")
        db.execute("insert into token_prices values (%s, 'feed', %s, 1, 150.5)", [SOL, START])
        stored = value(
            db,
            """
            update agents
            set trading_config = %s, simulation_slippage_bps = %s, simulation_fee_lamports = %s,
                automated_trading_simulation = %s
            where id = %s
            returning trading_rules
            """,
            json.dumps(config),
            agent["slippage"],
            agent["fee"],
            agent["automated"],
            self.ledger.agent,
        )
        assert stored == self.rules
        self.ledger.insert("DEPOSIT", input_mint=SOL, input_amount=self.sol, transaction_time=self.now)
        for token in TOKENS:
            self.now += timedelta(seconds=1)
            self.buy(token, "0.5")

    # Events

    def happen(self, event: tuple[Any, ...]) -> None:
        """One event of a path."""
        kind, seconds, *arguments = event
        self.now += timedelta(seconds=seconds)
        if kind == "price":
            self.price(*arguments)
        elif kind == "both":
            for token in TOKENS:
                self.observe(token, self.next_price(token, arguments[0]), self.now)
            self.apply(TOKENS)
        elif kind == "edge":
            self.edge(*arguments)
        elif kind == "time":
            self.apply(TOKENS)
        elif kind == "buy":
            self.buy(*arguments)
        elif kind == "sell":
            self.sell(*arguments)
        else:
            self.deposit(*arguments)
        self.compare()

    def price(self, token: str, factor: str, lag: int) -> None:
        observed_at = self.now - timedelta(seconds=lag)
        known = [time for time, _ in self.prices[token]]
        if observed_at in known:
            return
        self.shares["late"] += any(time > observed_at for time in known)
        self.observe(token, self.next_price(token, factor), observed_at)
        self.apply([token])

    def edge(self, token: str, which: str) -> None:
        """A price that is just at or beside what a rule goes by."""
        p = self.positions.get(token)
        if p is None or p["stopPrice"] is None:
            return
        average = quotient(D(p["cost"]), D(p["amount"]))
        level = next(iter(self.rules["takeProfit"]["levels"]), None)
        stop = self.rules["stopLoss"]
        steps = [D(step["change"]) for step in stop["trailingLevels"]] if stop["mode"] == "custom" else []
        drop = next(iter(self.rules["dca"]["levels"]), None)
        price = {
            "stop": D(p["stopPrice"]),
            "above stop": D(p["stopPrice"]) + D("1e-18"),
            "trail": quotient(average * (100 + min(steps, default=D(20))), D(100)),
            "level": quotient(average * (100 + D(level["targetPercent"] if level else 1)), D(100)),
            "drop": quotient(average * (100 + D(drop["dropPercent"] if drop else -1)), D(100)),
        }[which]
        if D("1e-12") < price < D("1e6"):
            self.observe(token, price, self.now)
            self.apply([token])

    def next_price(self, token: str, factor: str) -> D:
        last = max(self.prices[token])[1] if self.prices[token] else D("0.001")
        return min(max(rounded(last * D(factor), 12), D("0.000000001")), D(10000))

    def observe(self, token: str, price: D, observed_at: datetime) -> None:
        self.prices[token].append((observed_at, price))
        self.db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol) values (%s, 'feed', %s, %s)",
            [token, observed_at, price],
        )

    def buy(self, token: str, sol: str) -> None:
        """By hand, at the price that is known; of what the wallet can spare."""
        if self.sol < 2:
            return
        amount = quotient(D(sol), self.next_price(token, "1"))
        self.ledger.buy(token, str(amount), sol, fee="0.00001", transaction_time=self.now)
        self.bought(token, amount, D(sol), D("0.00001"))

    def sell(self, token: str, share: str) -> None:
        """By hand, a share of what is held."""
        p = self.positions.get(token)
        if p is None:
            return
        amount = D(p["amount"]) if share == "1" else rounded(D(p["amount"]) * D(share))
        if amount == 0:
            return
        sol = rounded(amount * self.next_price(token, "1"))
        if sol == 0:
            return
        self.ledger.sell(token, str(amount), str(sol), transaction_time=self.now)
        self.sold(token, amount, sol, D(0))

    def deposit(self, token: str, amount: str) -> None:
        """Tokens from elsewhere, at a value: to what is held, or to what no rule touches."""
        self.ledger.deposit(token, amount, "0.1", transaction_time=self.now)
        p = self.positions.get(token)
        if p is None or p["isDust"]:
            p = self.positions[token] = self.opened(p, managed=False)
        self.came_in(p, D(amount), D("0.1"))

    # The fold, as the model has it

    def opened(self, crumbs: Json | None, *, managed: bool) -> Json:
        """A position without anything but the crumbs of the one before."""
        amount, cost = (crumbs["amount"], crumbs["cost"]) if crumbs else ("0", "0")
        return {
            "managed": managed,
            "isDust": False,
            "amount": amount,
            "cost": cost,
            "bought": amount,
            "buys": 0,
            "peak": None,
            "lowest": None,
            "stopPrice": None,
            "stopPercent": None,
            "openedAt": self.now.isoformat(),
            "lastDcaTime": None,
            "dcaSkippedAt": None,
            "dcaCount": 0,
            "ladderBase": None,
            "levelsDone": 0,
            "moonBag": None,
        }

    @staticmethod
    def came_in(p: Json, amount: D, cost: D) -> None:
        p["amount"] = str(D(p["amount"]) + amount)
        p["bought"] = str(D(p["bought"]) + amount)
        p["cost"] = str(D(p["cost"]) + cost)

    def bought(self, token: str, amount: D, sol: D, fee: D) -> None:
        self.sol = difference(self.sol, sol + fee)
        p = self.positions.get(token)
        if p is None or p["isDust"]:
            p = self.positions[token] = self.opened(p, managed=True)
        self.came_in(p, amount, sol + fee)
        p["buys"] += 1
        price = str(quotient(sol, amount))
        if p["buys"] > 1:
            p |= {"dcaCount": p["buys"] - 1, "lastDcaTime": self.now.isoformat(), "dcaSkippedAt": None}
            p |= {"stopPrice": None, "stopPercent": None, "levelsDone": 0, "moonBag": None}
        p |= {"peak": price, "lowest": str(min(D(p["lowest"] or price), D(price))), "ladderBase": p["amount"]}

    def sold(self, token: str, amount: D, sol: D, fee: D) -> None:
        self.sol = self.sol + sol - fee
        p = self.positions[token]
        held, cost = D(p["amount"]), D(p["cost"])
        if amount == held:
            del self.positions[token]
            return
        p["cost"] = str(cost - quotient(product(cost, amount), held))
        p["amount"] = str(held - amount)
        p["isDust"] = p["isDust"] or D(p["amount"]) <= D(p["bought"]) * D("0.000001")

    # The rules, in both

    def apply(self, looked_at: list[str]) -> None:
        """Both hold the rules against the latest prices; what is put off is done at once."""
        due = looked_at
        expected: list[tuple[Any, ...]] = []
        put_off = self.judge(due, expected)
        value(self.db, "select book.apply_rules(%s, %s)", due, self.now)
        pending = self.ledger.rows("select token_address from position_actions where status = 'pending'")
        assert [row["token_address"] for row in pending] == put_off
        while put_off:
            self.shares["put off"] += 1
            put_off = self.judge(put_off, expected)
            value(self.db, "select book.act_on_pending(%s)", self.now)
        found = self.ledger.rows("select * from position_actions order by decided_at, token_address")
        new = [row for row in found if row["id"] not in self.acted]
        self.acted |= {row["id"] for row in new}
        assert sorted(
            (row["token_address"], row["rule"], row["status"], row["price_sol"], row["amount"], row["reason"])
            for row in new
        ) == sorted(expected)
        assert {row["decided_at"] for row in new} <= {self.now}

    def judge(self, looked_at: list[str], expected: list[tuple[Any, ...]]) -> list[str]:
        """What the model does with some tokens; those whose DCA buy has to wait for another of the wallet."""
        # The fee of a DCA buy is no SOL to buy for.
        balance = difference(self.sol, D(self.agent["fee"]).scaleb(-9))
        verdicts = []
        for token, p in sorted(self.positions.items(), key=lambda item: item[1]["openedAt"]):
            known = [(time, price) for time, price in self.prices[token] if time <= self.now]
            if token not in looked_at or not p["managed"] or p["isDust"] or not known:
                continue
            observed_at, price = max(known)
            if says_nothing(p, observed_at.isoformat()):
                continue
            verdicts.append((token, p, price, self.verdict(p, price, observed_at, balance)))
        put_off = []
        buys = False
        for token, p, price, verdict in verdicts:
            rule = verdict["rule"]
            if rule == "dca" and buys:
                put_off.append(token)
                continue
            buys = buys or rule == "dca"
            p |= {
                name: verdict[name] for name in ("peak", "lowest", "stopPrice", "stopPercent", "levelsDone", "moonBag")
            }
            if rule is None:
                continue
            self.shares[rule if verdict["amount"] else "dca skipped"] += 1
            amount = D(verdict["amount"]) if verdict["amount"] else None
            status = "success" if amount else "skipped"
            expected.append((token, rule, status, price, amount, None if amount else "balance_too_low"))
            self.act(token, rule, amount, price)
        return put_off

    def verdict(self, p: Json, price: D, observed_at: datetime, balance: D) -> Json:
        """The model's, which is that of SQL with all its reasons."""
        asked = {
            "position": p,
            "rules": self.rules,
            "price": str(price),
            "highest": str(price),
            "lowest": str(price),
            "observedAt": observed_at.isoformat(),
            "at": self.now.isoformat(),
            "balance": str(balance),
            "canBuy": self.agent["automated"],
            "openOrder": None,
        }
        before = copy.deepcopy(p)
        verdict = judge_position(asked)
        assert p == before
        assert as_numbers(sql_verdict(self.db, asked)) == as_numbers(verdict)
        self.shares["old"] += verdict["reasons"] == {"all": "price_too_old"}
        return verdict

    def act(self, token: str, rule: str, amount: D | None, price: D) -> None:
        """A trade at the price, less slippage and fee."""
        fee = D(self.agent["fee"]).scaleb(-9)
        if amount is None:
            self.positions[token]["dcaSkippedAt"] = self.now.isoformat()
        elif rule == "dca":
            worse = product(price, D(10000 + self.agent["slippage"]))
            self.bought(token, quotient(product(amount, D(10000)), worse), amount, fee)
        else:
            better = product(amount, price, D(10000 - self.agent["slippage"]), D("0.0001"))
            self.sold(token, amount, rounded(better), fee)

    # Both beside each other

    def compare(self) -> None:
        """The wallet in PostgreSQL is the model's; no stop has fallen but with a DCA buy."""
        assert self.ledger.balance() == self.sol
        for token in TOKENS:
            row, p = self.ledger.position(token), self.positions.get(token)
            assert (row is None) == (p is None), token
            if row is None or p is None:
                continue
            names = COLUMNS if p["managed"] else ("managed", "isDust", "amount", "cost", "openedAt")
            for name in names:
                found, expected = row[COLUMNS[name]], p[name]
                if isinstance(found, D):
                    expected = D(expected)
                elif isinstance(found, datetime):
                    expected = datetime.fromisoformat(expected)
                assert found == expected, (token, name)
            trail = (row["id"], row["dca_count"])
            if row["stop_loss_price"] is not None:
                assert row["stop_loss_price"] >= self.stops.get(trail, D(0))
                self.stops[trail] = row["stop_loss_price"]

    def require_one_exit(self) -> None:
        """No position was sold out twice, and nothing was done with it afterwards."""
        for twice in self.ledger.rows(
            """
            select position_id, array_agg(rule order by decided_at) as rules
            from position_actions where status = 'success' group by position_id
            """
        ):
            exits = [rule for rule in twice["rules"] if rule in ("stop_loss", "stale_trade")]
            assert exits in ([], twice["rules"][-1:])
        closing = self.ledger.rows("select position_id from agent_historical_swaps where closes_position")
        assert len(closing) == len({row["position_id"] for row in closing})


def test_what_rules_do_along_a_price_path_is_what_the_model_says(
    db: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    shares: Counter[str] = Counter()

    @settings(
        max_examples=PATHS,
        deadline=None,
        print_blob=True,
        database=None,
        # Told how many, it looks for others every time.
        derandomize="PATHS" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 2**32 - 1), length=st.integers(10, 40))
    def one(seed: int, length: int) -> None:
        dice = Random(seed)
        config, agent = random_config(dice), random_agent(dice)
        note(f"seed {seed}, {length} events: {agent}, {config}")
        with db.transaction(force_rollback=True):
            wallet = Path(db, config, agent, shares)
            for _ in range(length):
                event = random_event(dice)
                note(str(event))
                wallet.happen(event)
            wallet.require_one_exit()
            shares["paths"] += 1
            shares["events"] += length

    one()
    with capsys.disabled():
        print(f"\n{dict(shares)}")
    assert shares["paths"] >= PATHS
    assert {name for name, least in LEAST.items() if shares[name] < least * PATHS / 40} == set()
