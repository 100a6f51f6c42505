"""Questions to the rules of agents, put to the functions in SQL; answers in the form of `tests/rules_model.py`."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg

from tests.ledger import START
from tests.rules_model import Json, rules_in_force

JUDGE = """
    select
        v.rule, v.amount, v.peak_price, v.lowest_price, v.stop_loss_price, v.stop_percent, v.levels_done, v.moon_bag,
        v.reasons
    from book.judge_position(
        jsonb_populate_record(null::agent_positions, %s), %s, %s, %s, %s, %s, %s, %s, %s, %s
    ) as v
"""

COLUMNS = {
    "managed": "managed",
    "isDust": "is_dust",
    "amount": "remaining_amount",
    "cost": "cost_basis_sol",
    "peak": "peak_price",
    "lowest": "lowest_price",
    "stopPrice": "stop_loss_price",
    "stopPercent": "current_stop_loss_percentage",
    "openedAt": "created_at",
    "lastDcaTime": "last_dca_time",
    "dcaSkippedAt": "dca_skipped_at",
    "dcaCount": "dca_count",
    "ladderBase": "take_profit_base",
    "levelsDone": "take_profit_levels_done",
    "moonBag": "moon_bag_amount",
}
"""The columns of agent_positions that the rules read, by the model's names."""

OFF: Json = {
    "stopLoss": {"enabled": False},
    "staleTrade": {"enabled": False},
    "dca": {"enabled": False},
    "takeProfit": {"enabled": False},
}
"""A trading config in which no rule is on."""


def only(section: str, **settings: Any) -> Json:
    """A trading config in which one rule is on."""
    return OFF | {section: {"enabled": True} | settings}


def question(config: Json, price: str, *, age: timedelta = timedelta(minutes=5), **changes: Any) -> Json:
    """A position of 1,000 tokens at 100 SOL each, opened so long ago, and a price of now; changes of either."""
    at = START + age
    position: Json = {
        "managed": True,
        "isDust": False,
        "amount": "1000",
        "cost": "100000",
        "peak": None,
        "lowest": None,
        "stopPrice": None,
        "stopPercent": None,
        "openedAt": START.isoformat(),
        "lastDcaTime": None,
        "dcaSkippedAt": None,
        "dcaCount": 0,
        "ladderBase": "1000",
        "levelsDone": 0,
        "moonBag": None,
    }
    asked: Json = {
        "rules": rules_in_force(config),
        "price": price,
        "highest": price,
        "lowest": price,
        "observedAt": at.isoformat(),
        "at": at.isoformat(),
        "balance": "1000000",
        "canBuy": True,
        "openOrder": None,
    }
    return {
        "position": position
        | {name: change for name, change in changes.items() if name in position and name != "lowest"},
        **(asked | {name: change for name, change in changes.items() if name in asked}),
    }


def sql_verdict(db: psycopg.Connection[Any], asked: Json) -> Json:
    """What book.judge_position answers."""
    row = {column: asked["position"][name] for name, column in COLUMNS.items()}
    answer = db.execute(
        JUDGE,
        [
            json.dumps(row),
            json.dumps(asked["rules"]),
            asked["canBuy"],
            asked["openOrder"],
            asked["balance"],
            asked["price"],
            asked["highest"],
            asked["lowest"],
            asked["observedAt"],
            asked["at"],
        ],
    ).fetchone()
    assert answer is not None
    names = ("rule", "amount", "peak", "lowest", "stopPrice", "stopPercent", "levelsDone", "moonBag", "reasons")
    return dict(zip(names, answer, strict=True))


def as_numbers(verdict: Json) -> Json:
    """A verdict with its decimals as such, so that 1 is 1.00."""
    return {
        name: Decimal(answer) if isinstance(answer, str) and name != "rule" else answer
        for name, answer in verdict.items()
    }
