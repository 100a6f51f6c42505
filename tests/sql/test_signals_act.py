"""What agents do with a signal: who is asked, the first reason against it, and what comes of it, in one transaction."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests import server
from tests.ledger import SOL, START, Ledger, new_agent, new_user, value
from tests.rules_model import Json, judge_signal, rules_in_force

Db = psycopg.Connection[Any]

NOW = START + timedelta(days=1)

LIVE = "LiveWa11etNumber{:016}"

FIXED: Json = {"positionCalculator": {"randomization": {"enabled": False}}}
"""A config whose sizes are known."""


@pytest.fixture
def prices(db: Db) -> None:
    """SOL is known at 200 USD, and the token T at 0.01 SOL, just now."""
    observe(db, SOL, "1", usd="200")
    observe(db, "T", "0.01")


def observe(db: Db, token: str, sol: str, *, usd: str | None = None, at: datetime = NOW) -> None:
    """A price of the source in force."""
    db.execute("insert into token_prices values (%s, 'feed', %s, %s, %s)", [token, at, sol, usd])


def signal(db: Db, user: UUID | None = None, *, token: str = "T", **columns: Any) -> int:
    """A signal that no trigger acts on, since it is of the past."""
    row = {
        "token_address": token,
        "symbol": "TT",
        "signal_type": "buy",
        "signal_strength": 3,
        "user_id": user,
        "created_at": NOW - timedelta(hours=1),
    } | columns
    return int(
        value(
            db,
            f"insert into trading_signals ({', '.join(row)}) values ({', '.join(['%s'] * len(row))}) returning id",
            *row.values(),
        )
    )


def configure(db: Db, agent: UUID, config: Json | None = None, **columns: Any) -> None:
    """Give an agent a trading config and other settings."""
    row: dict[str, Any] = {"trading_config": json.dumps(config or {})} | columns
    db.execute(f"update agents set {', '.join(f'{name} = %s' for name in row)} where id = %s", [*row.values(), agent])


def act(db: Db, number: int, at: datetime = NOW) -> int:
    """Have agents act on a signal."""
    return int(value(db, "select book.act_on_signal(%s, %s)", number, at))


def live_wallet(db: Db, agent: UUID) -> str:
    """A live wallet of an agent, which trades with it."""
    address = LIVE.format(value(db, "select count(*) + 1 from agent_wallets")).replace("0", "z")
    db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')", [address, agent]
    )
    configure(db, agent, FIXED, trading_mode="live")
    return address


def execution(ledger: Ledger, number: int) -> dict[str, Any] | None:
    """What the ledger's agent did with a signal."""
    found = ledger.rows("select * from signal_executions where signal_id = %s and agent_id = %s", number, ledger.agent)
    assert len(found) <= 1
    return found[0] if found else None


def outcome(ledger: Ledger, number: int) -> tuple[str, str | None]:
    """Its status and reason."""
    found = execution(ledger, number)
    assert found is not None
    return found["status"], found["reason"]


# Reasons


REASONS = [
    "automation_off",
    "no_wallet",
    "score_too_low",
    "type_not_allowed",
    "token_filtered",
    "metric_outside",
    "position_open",
    "too_many_positions",
    "balance_too_low",
    "no_fresh_price",
    "size_too_small",
]


def hinder(reasons: set[str]) -> Json:
    """A question to the model to which just these reasons apply."""
    config: Json = {
        "signals": {
            "minScore": 4 if "score_too_low" in reasons else 3,
            "allowedSignalTypes": ["sell"] if "type_not_allowed" in reasons else ["sell", "buy"],
            "tokenFilterMode": "whitelist",
            "tokenList": ["x" * 32, "U" * 32 if "token_filtered" in reasons else "T" * 32],
            "liquidityMin": "5" if "metric_outside" in reasons else None,
        },
        "purchaseLimits": {
            "maxOpenPositions": 2,
            "minimumAgentBalance": "0.3" if "balance_too_low" in reasons else "0.1",
        },
        "positionCalculator": {
            "solBalanceThresholds": {"minimum": "0.4" if "size_too_small" in reasons else "0.2"},
            "randomization": {"enabled": False},
        },
    }
    return {
        "signal": {
            "strength": 3,
            "type": "buy",
            "token": "T" * 32,
            "marketCap": None,
            "liquidity": "4.999",
            "holderCount": None,
        },
        "rules": rules_in_force(config),
        "isAutomated": "automation_off" not in reasons,
        "hasWallet": "no_wallet" not in reasons,
        "isOpen": "position_open" in reasons,
        "openPositions": 2 if "too_many_positions" in reasons else 1,
        "balance": "0.3",
        "hasFreshPrice": "no_fresh_price" not in reasons,
        "seed": "seed",
    }


def sql_judgement(db: Db, question: Json) -> Json:
    """What book.judge_signal answers, in the form of the model."""
    stated = question["signal"]
    row = {
        "token_address": stated["token"],
        "signal_type": stated["type"],
        "signal_strength": stated["strength"],
        "market_cap_usd": stated["marketCap"],
        "liquidity_usd": stated["liquidity"],
        "holder_count": stated["holderCount"],
    }
    answer = db.execute(
        """
        select size::text, reason
        from book.judge_signal(jsonb_populate_record(null::trading_signals, %s), %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            json.dumps(row),
            json.dumps(question["rules"]),
            question["isAutomated"],
            question["hasWallet"],
            question["isOpen"],
            question["openPositions"],
            question["balance"],
            question["hasFreshPrice"],
            question["seed"],
        ],
    ).fetchone()
    assert answer is not None
    return {"size": answer[0], "reason": answer[1]}


@pytest.fixture(scope="module")
def pure(postgres: server.Place, template: str) -> Iterator[Db]:
    """One database for all tests of pure functions: nothing is written."""
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database pure_signals template {template} strategy file_copy")
        with psycopg.connect(postgres.url("pure_signals"), autocommit=True) as connection:
            yield connection
        admin.execute("drop database pure_signals with (force)")


class TestJudgement:
    """The pure function."""

    def test_the_reasons_are_those_of_the_view_in_its_order(self, pure: Db) -> None:
        found = pure.execute("select reason from report.decision_reasons order by place").fetchall()
        assert [reason for (reason,) in found] == REASONS

    @pytest.mark.parametrize("reason", REASONS)
    def test_each_reason_alone_is_enough(self, pure: Db, reason: str) -> None:
        question = hinder({reason})
        assert sql_judgement(pure, question) == judge_signal(question) == {"size": None, "reason": reason}

    @pytest.mark.parametrize("later", REASONS)
    @pytest.mark.parametrize("first", REASONS)
    def test_of_two_reasons_the_first_counts(self, pure: Db, first: str, later: str) -> None:
        expected = min(first, later, key=REASONS.index)
        question = hinder({first, later})
        assert sql_judgement(pure, question) == judge_signal(question) == {"size": None, "reason": expected}

    def test_where_none_applies_there_is_a_size(self, pure: Db) -> None:
        assert sql_judgement(pure, hinder(set())) == judge_signal(hinder(set())) == {"size": "0.1", "reason": None}

    @pytest.mark.parametrize(
        ("mode", "listed", "passes"),
        [
            ("none", True, True),
            ("none", False, True),
            ("blacklist", True, False),
            ("blacklist", False, True),
            ("whitelist", True, True),
            ("whitelist", False, False),
        ],
    )
    def test_a_blacklist_and_a_whitelist_filter_tokens(self, pure: Db, mode: str, listed: bool, passes: bool) -> None:
        question = hinder(set())
        question["rules"]["signals"] |= {"tokenFilterMode": mode, "tokenList": ["T" * 32] if listed else []}
        assert sql_judgement(pure, question) == judge_signal(question)
        assert sql_judgement(pure, question)["reason"] == (None if passes else "token_filtered")

    @pytest.mark.parametrize(
        ("known", "least", "most", "passes"),
        [
            (None, None, None, True),
            (None, "1", None, False),
            (None, None, "1", False),
            ("5", "5", "5", True),
            ("4", "5", None, False),
            ("6", None, "5", False),
            ("0", None, "5", True),
            ("7", None, None, True),
        ],
    )
    @pytest.mark.parametrize("metric", ["marketCap", "liquidity", "holderCount"])
    def test_a_metric_is_within_its_bounds_and_known_where_one_is_set(
        self, pure: Db, metric: str, known: str | None, least: str | None, most: str | None, passes: bool
    ) -> None:
        question = hinder(set())
        question["signal"][metric] = known
        question["rules"]["signals"] |= {f"{metric}Min": least, f"{metric}Max": most}
        assert sql_judgement(pure, question) == judge_signal(question)
        assert sql_judgement(pure, question)["reason"] == (None if passes else "metric_outside")

    @pytest.mark.parametrize(
        ("balance", "reason"), [("0.1", "balance_too_low"), ("0.100000000000000001", "size_too_small")]
    )
    def test_the_balance_has_to_be_above_what_is_kept(self, pure: Db, balance: str, reason: str) -> None:
        question = hinder(set()) | {"balance": balance}
        assert sql_judgement(pure, question) == judge_signal(question) == {"size": None, "reason": reason}


# What agents do


@pytest.mark.usefixtures("prices")
def test_each_agent_that_follows_a_signal_buys_once_at_the_price_and_the_execution_names_its_transaction(
    db: Db,
) -> None:
    ledger = Ledger(db, sol="8")
    configure(db, ledger.agent, FIXED)
    number = signal(db)
    assert act(db, number) == 1
    done = execution(ledger, number)
    assert done is not None
    assert (done["status"], done["reason"], done["error"], done["size_sol"]) == ("success", None, None, 1)
    assert done["executed_at"] == NOW
    fact = ledger.fact(done["transaction_id"])
    assert (fact["input_mint"], fact["input_amount"], fact["output_amount"]) == (SOL, 1, 100)
    assert (fact["signal_id"], fact["origin"], fact["value_usd"], fact["transaction_time"]) == (
        number,
        "simulation",
        200,
        NOW,
    )
    position = ledger.held("T")
    assert (position["signal_id"], position["token_symbol"], position["managed"]) == (number, "TT", True)
    assert ledger.balance() == 7
    assert act(db, number) == 0, "it has decided"
    assert ledger.balance() == 7


@pytest.mark.usefixtures("prices")
def test_slippage_and_fee_of_the_agent_make_its_purchase_dearer(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    configure(db, ledger.agent, FIXED, simulation_slippage_bps=2500, simulation_fee_lamports=5000)
    act(db, signal(db))
    position = ledger.held("T")
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (80, D("1.000005"))
    assert ledger.balance() == D("6.999995")


@pytest.mark.usefixtures("prices")
def test_the_size_follows_from_signal_agent_and_seed(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    db.execute("update settings set chance_seed = 'a seed'")
    number = signal(db)
    act(db, number)
    done = execution(ledger, number)
    assert done is not None
    question = hinder(set()) | {
        "rules": rules_in_force(None),
        "balance": "8",
        "seed": f"{number}/{ledger.agent}/a seed",
        "openPositions": 0,
    }
    assert D(judge_signal(question)["size"]) == done["size_sol"]


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("config", "columns", "reason"),
    [
        (FIXED, {"automated_trading_simulation": False}, "automation_off"),
        (FIXED, {"trading_mode": "live"}, "no_wallet"),
        ({"signals": {"minScore": 4}}, {}, "score_too_low"),
        ({"signals": {"allowedSignalTypes": ["sell"]}}, {}, "type_not_allowed"),
        ({"signals": {"tokenFilterMode": "whitelist", "tokenList": ["W" * 32]}}, {}, "token_filtered"),
        ({"signals": {"holderCountMin": 1}}, {}, "metric_outside"),
        ({"purchaseLimits": {"maxOpenPositions": 1}}, {}, "too_many_positions"),
        ({"purchaseLimits": {"minimumAgentBalance": "7.9"}}, {}, "balance_too_low"),
        (
            {"positionCalculator": {"solBalanceThresholds": {"minimum": "9", "medium": "10", "large": "11"}}},
            {},
            "size_too_small",
        ),
    ],
)
def test_an_agent_that_skips_a_signal_says_why_by_name_and_in_words(
    db: Db, config: Json, columns: Json, reason: str
) -> None:
    ledger = Ledger(db, sol="8")
    ledger.buy("OTHER", "1", "0.1")
    configure(db, ledger.agent, config, **columns)
    number = signal(db)
    assert act(db, number) == 1
    done = execution(ledger, number)
    assert done is not None
    assert (done["status"], done["reason"], done["transaction_id"], done["size_sol"]) == ("skipped", reason, None, None)
    assert done["error"] == value(db, "select about from report.decision_reasons where reason = %s", reason)
    assert ledger.position("T") is None
    assert act(db, number) == 0, "it has decided"


@pytest.mark.usefixtures("prices")
def test_a_token_that_is_held_is_not_bought_again_also_where_no_rule_touches_it(db: Db) -> None:
    bought, given = Ledger(db, sol="8"), Ledger(db, sol="8")
    bought.buy("T", "1", "0.1")
    given.deposit("T", "1", "0.1")
    number = signal(db)
    act(db, number)
    assert outcome(bought, number) == outcome(given, number) == ("skipped", "position_open")


@pytest.mark.usefixtures("prices")
def test_dust_and_what_no_rule_touches_take_no_slot(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    configure(db, ledger.agent, {"purchaseLimits": {"maxOpenPositions": 1}})
    ledger.deposit("GIVEN", "1", "0.1")
    ledger.buy("CRUMBS", "1", "0.1")
    ledger.sell("CRUMBS", "0.9999999", "0.1")
    number = signal(db)
    act(db, number)
    assert outcome(ledger, number) == ("success", None)


@pytest.mark.usefixtures("prices")
def test_crumbs_of_the_token_itself_are_no_open_position(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    ledger.buy("T", "1", "0.1")
    ledger.sell("T", "0.9999999", "0.1")
    number = signal(db)
    act(db, number)
    assert outcome(ledger, number) == ("success", None)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), "success"),
        (timedelta(seconds=60), "success"),
        (timedelta(seconds=60, microseconds=1), "skipped"),
        (timedelta(microseconds=-1), "skipped"),
        (None, "skipped"),
    ],
)
def test_a_price_has_to_be_known_of_the_last_60_seconds(db: Db, age: timedelta | None, expected: str) -> None:
    observe(db, SOL, "1", usd="200")
    if age is not None:
        observe(db, "T", "0.01", at=NOW - age)
    ledger = Ledger(db, sol="8")
    number = signal(db)
    act(db, number)
    assert outcome(ledger, number) == (expected, None if expected == "success" else "no_fresh_price")


def test_a_purchase_that_is_refused_fails_by_name_and_in_words_and_the_others_are_made(db: Db) -> None:
    """No SOL/USD price is known, and the token's has none: nothing says what it is worth. What is too
    much for its column is another case."""
    observe(db, "T", "0.01")
    ledger = Ledger(db, sol="8")
    number = signal(db)
    act(db, number)
    done = execution(ledger, number)
    assert done is not None
    assert (done["status"], done["reason"], done["transaction_id"]) == ("failed", "value_required", None)
    assert "no value in USD is stated" in done["error"]
    assert ledger.balance() == 8 and ledger.position("T") is None

    observe(db, SOL, "1", usd="200")
    absurd, rich = Ledger(db, sol=None), Ledger(db, sol="8")
    absurd.deposit(SOL, TOO_MUCH, value_usd="1")
    configure(db, absurd.agent, SPENDS_TOO_MUCH)
    again = signal(db, signal_strength=4)
    act(db, again)
    assert outcome(absurd, again) == ("failed", "amount_out_of_range")
    assert outcome(rich, again) == ("success", None)
    assert absurd.balance() == D(TOO_MUCH) and absurd.position("T") is None


TOO_MUCH = "20000000000"
"""SOL: what half of it is worth is more than its column holds."""

SPENDS_TOO_MUCH: Json = {
    "positionCalculator": {
        "positionSizes": {"large": {"min": "10000000000", "max": "10000000000"}},
        "randomization": {"enabled": False},
    },
    "purchaseLimits": {"maxPurchasePerToken": "10000000000"},
}


def test_a_price_in_usd_too_values_a_purchase_where_sol_has_none(db: Db) -> None:
    observe(db, "T", "0.01", usd="1.5")
    ledger = Ledger(db, sol="8")
    configure(db, ledger.agent, FIXED)
    number = signal(db)
    act(db, number)
    done = execution(ledger, number)
    assert done is not None and done["status"] == "success"
    assert ledger.fact(done["transaction_id"])["value_usd"] == 150


@pytest.mark.usefixtures("prices")
def test_a_signal_for_everyone_reaches_all_agents_and_a_user_s_only_his(db: Db) -> None:
    user = new_user(db)
    his = [Ledger(db, sol="8", agent=new_agent(db, user)) for _ in range(2)]
    another = Ledger(db, sol="8")
    own = signal(db, user)
    assert act(db, own) == 2
    assert [outcome(ledger, own)[0] for ledger in his] == ["success", "success"]
    assert execution(another, own) is None
    observe(db, "U", "0.01")
    of_all = signal(db, token="U")
    assert act(db, of_all) == 3
    assert [outcome(ledger, of_all)[0] for ledger in [*his, another]] == ["success"] * 3


@pytest.mark.usefixtures("prices")
def test_a_user_s_signal_holds_up_nobody_at_the_wallets_of_others(db: Db, database_url: str) -> None:
    his, another = Ledger(db, sol="8"), Ledger(db, sol="8")
    number = signal(db, his.user)
    db.commit()
    act(db, number)
    query = "select wallet_address from agent_wallets where wallet_address = %s for no key update nowait"
    with psycopg.connect(database_url) as other:
        assert value(other, query, another.wallet) == another.wallet
        with pytest.raises(psycopg.errors.LockNotAvailable):
            value(other, query, his.wallet)


@pytest.mark.usefixtures("prices")
def test_an_agent_in_live_mode_orders_and_waits(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    wallet = live_wallet(db, ledger.agent)
    ledger.insert("DEPOSIT", wallet_address=wallet, input_mint=SOL, input_amount="6")
    configure(db, ledger.agent, FIXED | {"purchaseLimits": {"maxPriceImpact": "0.02"}})
    number = signal(db)
    assert act(db, number) == 1
    done = execution(ledger, number)
    assert done is not None
    assert (done["status"], done["transaction_id"], done["size_sol"]) == ("pending", None, 1)
    (order,) = ledger.rows("select * from trade_orders")
    assert order["id"] == done["order_id"]
    assert (order["wallet_address"], order["side"], order["reason"], order["status"]) == (
        wallet,
        "buy",
        "signal",
        "pending",
    )
    assert (order["amount"], order["price_sol"], order["max_price_impact"]) == (1, D("0.01"), D("0.02"))
    assert (order["signal_id"], order["position_id"], order["token_symbol"]) == (number, None, "TT")
    assert (order["created_at"], order["expires_at"]) == (NOW, NOW + timedelta(minutes=2))
    assert ledger.balance() == 8, "its simulation wallet has no part in it"
    assert act(db, number) == 0
    assert value(db, "select count(*) from trade_orders") == 1


@pytest.mark.usefixtures("prices")
def test_an_order_that_is_open_takes_the_token_a_slot_and_its_sol(db: Db) -> None:
    ledger = Ledger(db, sol=None)
    wallet = live_wallet(db, ledger.agent)
    ledger.insert("DEPOSIT", wallet_address=wallet, input_mint=SOL, input_amount="6")
    act(db, signal(db))
    same = signal(db, signal_strength=4)
    act(db, same)
    assert outcome(ledger, same) == ("skipped", "position_open")

    observe(db, "U", "0.01")
    configure(db, ledger.agent, FIXED | {"purchaseLimits": {"maxOpenPositions": 1}})
    full = signal(db, token="U")
    act(db, full)
    assert outcome(ledger, full) == ("skipped", "too_many_positions")

    configure(db, ledger.agent, FIXED | {"purchaseLimits": {"minimumAgentBalance": "5"}})
    spent = signal(db, token="U", signal_strength=4)
    act(db, spent)
    assert outcome(ledger, spent) == ("skipped", "balance_too_low")


# By the trigger, in the transaction of whoever inserts it


def observe_now(db: Db, *tokens: str) -> None:
    """Prices of this instant, for what reads the clock."""
    observe(db, SOL, "1", usd="200", at=value(db, "select clock_timestamp()"))
    for token in tokens:
        observe(db, token, "0.01", at=value(db, "select clock_timestamp()"))


def insert_now(db: Db, age: str, token: str = "T", strength: int = 3, user: UUID | None = None) -> int:
    """A signal that is so old, as anyone inserts it."""
    return int(
        value(
            db,
            """
            insert into trading_signals (token_address, signal_type, signal_strength, user_id, created_at)
            values (%s, 'buy', %s, %s, clock_timestamp() - %s::interval)
            returning id
            """,
            token,
            strength,
            user,
            age,
        )
    )


@pytest.mark.parametrize(("age", "acts"), [("0", True), ("30 seconds", True), ("61 seconds", False), ("1 year", False)])
def test_an_insert_of_a_signal_acts_in_the_same_transaction_but_on_one_that_is_old(
    db: Db, age: str, acts: bool
) -> None:
    ledger = Ledger(db, sol="8")
    observe_now(db, "T")
    db.commit()
    number = insert_now(db, age)
    done = execution(ledger, number)
    assert (done is not None) == acts
    if done is not None:
        assert done["status"] == "success"
    db.rollback()
    assert value(db, "select count(*) from signal_executions") == 0
    assert ledger.balance() == 8


def test_a_statement_of_several_signals_acts_on_each(db: Db) -> None:
    ledger = Ledger(db, sol="8")
    observe_now(db, "T", "U")
    db.execute(
        """
        insert into trading_signals (token_address, signal_type, signal_strength, created_at)
        values ('T', 'buy', 3, clock_timestamp()), ('U', 'buy', 3, clock_timestamp()),
            ('U', 'buy', 4, clock_timestamp())
        """
    )
    found = ledger.rows("select reason from signal_executions order by signal_id")
    assert [row["reason"] for row in found] == [None, None, "position_open"]


def test_a_signal_that_was_only_skipped_can_be_changed_and_deleted_and_its_skips_go_with_it(db: Db) -> None:
    user = new_user(db)
    ledger = Ledger(db, sol="0.1", agent=new_agent(db, user))
    observe_now(db, "T")
    number = insert_now(db, "0", user=user)
    assert outcome(ledger, number) == ("skipped", "balance_too_low")
    request = json.dumps({"source": "elsewhere"})
    assert value(db, "select book.update_trading_signal(%s, %s, %s)", user, number, request)["source"] == "elsewhere"
    db.execute("select book.delete_trading_signal(%s, %s)", [user, number])
    assert execution(ledger, number) is None


@pytest.mark.parametrize("status", ["success", "failed", "pending"])
def test_a_signal_that_was_acted_on_can_be_neither_changed_nor_deleted(db: Db, status: str) -> None:
    user = new_user(db)
    ledger = Ledger(db, sol="8", agent=new_agent(db, user))
    if status == "pending":
        wallet = live_wallet(db, ledger.agent)
        ledger.insert("DEPOSIT", wallet_address=wallet, input_mint=SOL, input_amount="6")
    observe(db, "T", "0.01", at=value(db, "select clock_timestamp()"))
    if status != "failed":
        observe_now(db)
    number = insert_now(db, "0", user=user)
    assert outcome(ledger, number)[0] == status
    for statement in (
        "update trading_signals set source = 'elsewhere' where id = %s",
        "delete from trading_signals where id = %s",
    ):
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            db.execute(statement, [number])
        assert refused.value.sqlstate == "TB036"
    assert outcome(ledger, number)[0] == status


# Many agents


def many(db: Db, agents: int) -> list[Ledger]:
    """Agents of one user, each with 8 SOL."""
    user = new_user(db)
    return [Ledger(db, sol="8", agent=new_agent(db, user)) for _ in range(agents)]


@contextmanager
def statements(db: Db) -> Iterator[Counter[str]]:
    """How many statements each PL/pgSQL function runs itself: not those of foreign keys, or of functions in SQL."""
    counted: Counter[str] = Counter()

    def count(notice: psycopg.errors.Diagnostic) -> None:
        above, _, own = ("\n" + (notice.context or "")).partition("\nPL/pgSQL function ")
        calls = re.findall(
            r'^(SQL statement|PL/pgSQL assignment|PL/pgSQL expression|SQL function) "', above, re.MULTILINE
        )
        if (notice.message_primary or "").startswith("duration:") and len(calls) == 1 and calls != ["SQL function"]:
            counted[own.partition("(")[0]] += 1

    db.add_notice_handler(count)
    db.execute("load 'auto_explain'")
    for name, setting in [("log_min_duration", "0"), ("log_nested_statements", "on"), ("log_level", "notice")]:
        db.execute(f"set auto_explain.{name} = {setting}")
    try:
        yield counted
    finally:
        db.execute("set auto_explain.log_min_duration = -1")
        db.remove_notice_handler(count)


FOR_EACH_ROW = {"book.tg_agent_transactions__complete", "book.complete_transaction", "book.value_transaction"}
"""What a row of the table of facts is completed by, one by one, whoever inserts it."""


@pytest.mark.usefixtures("prices")
def test_as_many_statements_decide_for_fifty_agents_as_for_five_and_they_are_few(db: Db) -> None:
    counts = []
    for agents in (5, 50):
        user = many(db, agents)[0].user
        number = signal(db, user)
        with statements(db) as counted:
            assert act(db, number) == agents
        assert (
            value(db, "select count(*) from signal_executions where signal_id = %s and status = 'success'", number)
            == agents
        )
        counts.append(counted)
    five, fifty = counts
    assert 0 < fifty["book.act_on_signal"] < 10
    assert {name: n for name, n in fifty.items() if n > five[name]}.keys() <= FOR_EACH_ROW


@pytest.mark.usefixtures("prices")
def test_a_thousand_agents_decide_on_a_signal_in_one_transaction(db: Db) -> None:
    ledgers = many(db, 1000)
    user = ledgers[0].user
    skips, fails, live = ledgers[::4], ledgers[1::100], ledgers[3::50]
    for ledger in skips:
        configure(db, ledger.agent, {"signals": {"minScore": 5}})
    for ledger in fails:
        configure(db, ledger.agent, SPENDS_TOO_MUCH)
        ledger.deposit(SOL, TOO_MUCH, value_usd="1")
    for ledger in live:
        wallet = live_wallet(db, ledger.agent)
        ledger.insert("DEPOSIT", wallet_address=wallet, input_mint=SOL, input_amount="6")
    number = signal(db, user)
    before = value(db, "select txid_current()")
    assert act(db, number) == 1000
    assert value(db, "select txid_current()") == before
    found = dict(
        db.execute(
            "select status, count(*) from signal_executions where signal_id = %s group by status", [number]
        ).fetchall()
    )
    assert found == {
        "skipped": len(skips),
        "failed": len(fails),
        "pending": len(live),
        "success": 1000 - len(skips) - len(fails) - len(live),
    }
    assert (
        value(
            db,
            """
        select count(*)
        from signal_executions as e join agent_transactions as t on t.id = e.transaction_id
        where e.signal_id = %s and e.status = 'success' and t.signal_id = e.signal_id and t.agent_id = e.agent_id
            and t.input_amount = e.size_sol and e.size_sol between 0.5 and 1
        """,
            number,
        )
        == found["success"]
    )
    assert {execution(ledger, number)["reason"] for ledger in fails} == {"amount_out_of_range"}  # type: ignore[index]
