"""What rules do with positions while others write: busy wallets, failing exits, and all at once."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal as D
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, START, Ledger, acting_as, new_agent, new_user, value
from tests.questions import only
from tests.rules_model import Json, dca_levels, sale_levels, trail_levels
from tests.sessions import Session, refusal

Db = psycopg.Connection[Any]

NOW = START + timedelta(days=1)
LIVE = "LiveWa11etNumber" + "z" * 20


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    """A session that waits for nobody: it would fail."""
    with Session(database_url) as session:
        session.connection.execute("set lock_timeout = '2s'")
        session.commit()
        yield session


@pytest.fixture
def priced(db: Db) -> Db:
    """SOL is known at 100 USD, whenever."""
    db.execute("update settings set price_max_age = interval '1000 days'")
    db.execute("insert into token_prices values (%s, 'feed', %s, 1, 100)", [SOL, START])
    return db


def observe(db: Db, token: str, price: str, at: datetime) -> None:
    """A price of the source in force."""
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values (%s, 'feed', %s, %s)",
        [token, at, price],
    )


def new_signal(db: Db, token: str, user: UUID | None = None) -> int:
    """To buy a token, to everyone or a user; no trigger acts on it, since it is of the past."""
    return int(
        value(
            db,
            "insert into trading_signals (token_address, signal_type, signal_strength, user_id, created_at)"
            " values (%s, 'buy', 3, %s, %s) returning id",
            token,
            user,
            NOW,
        )
    )


def apply(db: Db, at: datetime, **prices: str) -> int:
    """Prices arrive, and the rules are held against the positions in those tokens."""
    for token, price in prices.items():
        observe(db, token, price, at)
    return int(value(db, "select book.apply_rules(%s, %s)", list(prices), at))


def holder(
    db: Db, config: Json | None = None, *, sol: str = "1000", agent: UUID | None = None, **columns: Any
) -> Ledger:
    """A wallet that has bought 100 A for 1 SOL."""
    ledger = Ledger(db, sol=sol, agent=agent)
    configure(db, ledger.agent, config, **columns)
    ledger.buy("A", "100", "1")
    return ledger


def buy_in_live_wallet(ledger: Ledger) -> None:
    """The ledger's agent has a live wallet too, that has bought 100 B for 1 of 5 SOL."""
    ledger.db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [LIVE, ledger.agent],
    )
    ledger.insert("DEPOSIT", wallet_address=LIVE, input_mint=SOL, input_amount="5")
    ledger.buy("B", "100", "1", wallet_address=LIVE)


def configure(db: Db, agent: UUID, config: Json | None = None, **columns: Any) -> None:
    """Give an agent a trading config and other settings."""
    row: dict[str, Any] = {"trading_config": json.dumps(config or {})} | columns
    db.execute(f"update agents set {', '.join(f'{name} = %s' for name in row)} where id = %s", [*row.values(), agent])


def actions(ledger: Ledger) -> list[tuple[Any, ...]]:
    """What the rules did in the ledger's wallet: rule, status, reason."""
    found = ledger.rows(
        "select * from position_actions where wallet_address = %s order by decided_at, token_address", ledger.wallet
    )
    return [(row["rule"], row["status"], row["reason"]) for row in found]


def pending(ledger: Ledger) -> list[tuple[Any, ...]]:
    """The looks that are due: the highest and the lowest price of each, and when its price was observed."""
    found = ledger.rows(
        "select * from position_actions where wallet_address = %s and status = 'pending' order by decided_at",
        ledger.wallet,
    )
    return [(row["highest_price_sol"], row["lowest_price_sol"], row["decided_at"]) for row in found]


def act_on_pending(db: Db, at: datetime) -> int:
    """What was put off is looked at again; how much there was."""
    return int(value(db, "select book.act_on_pending(%s)", at))


# Busy wallets


def test_a_busy_wallet_is_put_off_and_the_others_are_sold_at_once(priced: Db, first: Session, second: Session) -> None:
    busy, idle = holder(priced), holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, NOW, A="0.005")
    second.commit()
    assert actions(idle) == [("stop_loss", "success", None)]
    assert idle.gains() == [D("-0.5")]
    assert [swap["close_reason"] for swap in idle.swaps()] == ["stop_loss"]
    assert actions(busy) == [(None, "pending", None)]
    assert pending(busy) == [(D("0.005"), D("0.005"), NOW)]
    assert busy.swaps() == []
    first.commit()
    assert act_on_pending(priced, later(1)) == 1
    assert actions(busy) == [("stop_loss", "success", None)]
    assert busy.gains() == [D("-0.5")]
    assert act_on_pending(priced, later(2)) == 0


def test_the_highest_price_seen_while_a_wallet_was_busy_lifts_its_stop(
    priced: Db, first: Session, second: Session
) -> None:
    """At 0.02 the stop would have come to 0.019; 0.012 by itself sells nothing, since it is 0.011 then."""
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    for seconds, price in enumerate(["0.009", "0.02", "0.012"]):
        apply(second.connection, later(seconds), A=price)
        second.commit()
    assert [highest for highest, _, _ in pending(busy)] == [D("0.009"), D("0.02"), D("0.012")]
    first.commit()
    act_on_pending(priced, later(3))
    assert actions(busy) == [("stop_loss", "success", None)]
    assert busy.gains() == [D("0.2")]


def test_a_price_that_comes_after_a_wallet_was_busy_knows_what_was_seen_meanwhile(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, NOW, A="0.02")
    second.commit()
    first.commit()
    assert apply(second.connection, later(1), A="0.0195") == 0
    second.commit()
    assert pending(busy) == []
    position = busy.held("A")
    assert (position["peak_price"], position["stop_loss_price"]) == (D("0.02"), D("0.019"))


def test_what_is_sold_by_who_made_the_wallet_busy_is_not_sold_again(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).sell("A", "100", "2")
    apply(second.connection, NOW, A="0.005")
    second.commit()
    assert pending(busy) != []
    first.commit()
    assert act_on_pending(priced, later(1)) == 1
    assert actions(busy) == []
    assert busy.gains() == [1]


def test_prices_that_a_busy_wallet_missed_before_its_position_opened_say_nothing_of_it(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).sell("A", "100", "1", transaction_time=later(1))
    first.ledger(busy).buy("A", "100", "1", transaction_time=later(1))
    apply(second.connection, NOW, A="0.5")
    apply(second.connection, later(1), A="0.011")
    second.commit()
    first.commit()
    act_on_pending(priced, later(2))
    position = busy.held("A")
    assert (position["peak_price"], position["created_at"]) == (D("0.011"), later(1))
    assert pending(busy) == []


def test_who_puts_a_wallet_off_waits_for_nobody_who_does_the_same(priced: Db, first: Session, second: Session) -> None:
    """Two price batches and whoever has the wallet, none of which has ended."""
    busy = holder(priced)
    with psycopg.connect(priced.info.dsn) as third:
        priced.commit()
        third.execute("select book.lock_wallets(%s)", [[busy.wallet]])
        apply(first.connection, NOW, A="0.005")
        apply(second.connection, later(1), A="0.004")
        second.commit()
        first.commit()
        assert len(pending(busy)) == 2
        third.rollback()
    act_on_pending(priced, later(2))
    assert actions(busy) == [("stop_loss", "success", None)]
    assert busy.gains() == [D("-0.6")]


def test_a_price_that_meets_a_wallet_whose_looks_are_being_taken_waits_for_nobody(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, NOW, A="0.009")
    second.commit()
    first.commit()
    act_on_pending(first.connection, later(1))
    apply(second.connection, later(1), A="0.005")
    second.commit()
    first.commit()
    assert [lowest for _, lowest, _ in pending(busy)] == [D("0.005")], "what came meanwhile is not lost"
    act_on_pending(priced, later(2))
    assert actions(busy) == [("stop_loss", "success", None)]


def test_a_wallet_that_is_busy_again_stays_put_off(priced: Db, first: Session, second: Session) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, NOW, A="0.005")
    second.commit()
    assert act_on_pending(second.connection, later(1)) == 1
    second.commit()
    assert pending(busy) == [(D("0.005"), D("0.005"), NOW)]
    first.commit()
    act_on_pending(priced, later(2))
    assert actions(busy) == [("stop_loss", "success", None)]


def test_what_was_put_off_is_not_done_by_a_price_that_has_become_old(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, NOW, A="0.005")
    second.commit()
    first.commit()
    act_on_pending(priced, later(61))
    assert actions(busy) == []
    position = busy.held("A")
    assert position["lowest_price"] == D("0.005")


def test_a_busy_wallet_leaves_its_agent_pending_on_a_signal_until_it_is_free(
    priced: Db, first: Session, second: Session
) -> None:
    busy, idle = holder(priced, sol="8"), holder(priced, sol="8")
    observe(priced, "T", "0.01", NOW)
    priced.commit()
    first.ledger(busy).buy("Z", "1", "6.5")
    number = new_signal(second.connection, "T")
    value(second.connection, "select book.act_on_signal(%s, %s)", number, NOW)
    second.commit()

    def statuses() -> list[tuple[Any, ...]]:
        query = "select status, reason from signal_executions where agent_id = %s"
        return [tuple(row.values()) for ledger in (busy, idle) for row in ledger.rows(query, ledger.agent)]

    assert statuses() == [("pending", None), ("success", None)]
    first.commit()
    act_on_pending(priced, later(1))
    assert statuses() == [("skipped", "balance_too_low"), ("success", None)], "by what the wallet has now"
    assert act_on_pending(priced, later(2)) == 0


# Exits that fail


def test_an_exit_that_fails_is_told_and_undone_alone(priced: Db) -> None:
    ledgers = [holder(priced, sol="1", simulation_fee_lamports=10**9 if n == 3 else 0) for n in range(8)]
    poor = ledgers[3]
    assert apply(priced, NOW, A="0.005") == 8
    assert [actions(ledger) for ledger in ledgers if ledger is not poor] == [[("stop_loss", "success", None)]] * 7
    assert actions(poor) == [("stop_loss", "failed", "insufficient_balance")]
    assert {ledger.balance() for ledger in ledgers if ledger is not poor} == {D("0.5")}
    position = poor.position("A")
    assert position is not None and position["remaining_amount"] == 100
    assert (poor.balance(), poor.swaps()) == (0, [])
    (failed,) = poor.rows("select * from position_actions where status = 'failed'")
    assert (failed["transaction_id"], failed["attempts"], failed["amount"]) == (None, 1, 100)
    assert "would be 0.5 short" in failed["error"]

    assert apply(priced, later(1), A="0.004") == 1
    (failed,) = poor.rows("select * from position_actions where wallet_address = %s", poor.wallet)
    assert (failed["attempts"], failed["price_sol"], failed["decided_at"]) == (2, D("0.004"), later(1))

    configure(priced, poor.agent, simulation_fee_lamports=0)
    assert apply(priced, later(2), A="0.0041") == 1
    assert actions(poor) == [("stop_loss", "failed", "insufficient_balance"), ("stop_loss", "success", None)]
    assert poor.gains() == [D("-0.59")]


def test_a_level_whose_sale_failed_is_not_done(priced: Db) -> None:
    config = only(
        "takeProfit",
        mode="custom",
        levels=sale_levels((50, 10)),
        moonBag={"enabled": True, "triggerPercent": "50", "retainPercent": "20"},
    )
    ledger = holder(priced, config, sol="1", simulation_fee_lamports=10**9)
    apply(priced, NOW, A="0.02")
    position = ledger.held("A")
    assert (position["take_profit_levels_done"], position["moon_bag_amount"]) == (0, None)
    assert (position["peak_price"], position["remaining_amount"]) == (D("0.02"), 100)
    configure(priced, ledger.agent, config, simulation_fee_lamports=1)
    apply(priced, later(1), A="0.02")
    position = ledger.held("A")
    assert (position["take_profit_levels_done"], position["moon_bag_amount"]) == (1, 20)
    assert position["remaining_amount"] == 90


# DCA


AGGRESSIVE = only("dca", mode="custom", levels=dca_levels((-10, 100))) | {
    "purchaseLimits": {"minimumAgentBalance": "0.5", "maxPurchasePerToken": "2"}
}


@pytest.mark.parametrize(
    ("sol", "spent"), [("3.2", ["0.7", None]), ("3.5", ["0.9", "0.1"]), ("10", ["0.9", "0.9"]), ("2.5", [None, None])]
)
def test_two_dca_buys_of_one_wallet_in_one_batch_spend_what_there_is(
    priced: Db, sol: str, spent: list[str | None]
) -> None:
    ledger = holder(priced, AGGRESSIVE, sol=sol)
    ledger.buy("B", "100", "1")
    assert apply(priced, NOW, A="0.009", B="0.009") == 1
    act_on_pending(priced, NOW)
    found = ledger.rows("select * from position_actions order by token_address")
    assert [row["amount"] for row in found] == [D(amount) if amount else None for amount in spent]
    assert [row["status"] for row in found] == ["success" if amount else "skipped" for amount in spent]
    assert [row["reason"] for row in found] == [None if amount else "balance_too_low" for amount in spent]
    assert ledger.balance() == D(sol) - 2 - sum(D(amount or 0) for amount in spent)
    assert ledger.balance() >= D("0.5")
    assert act_on_pending(priced, later(1)) == 0


def test_a_dca_buy_that_had_no_sol_is_not_tried_before_the_cooldown_ends(priced: Db) -> None:
    ledger = holder(priced, AGGRESSIVE, sol="1.5")
    apply(priced, NOW, A="0.009")
    apply(priced, later(29), A="0.0089")
    assert actions(ledger) == [("dca", "skipped", "balance_too_low")]
    apply(priced, later(30), A="0.009")
    assert actions(ledger) == [("dca", "skipped", "balance_too_low")] * 2


def test_a_dca_buy_starts_the_trail_and_the_ladder_anew_and_prices_from_before_say_nothing(priced: Db) -> None:
    ledger = holder(priced, AGGRESSIVE | {"stopLoss": {"enabled": True, "mode": "fixed"}})
    apply(priced, NOW, A="0.0101")
    apply(priced, later(1), A="0.009")
    position = ledger.held("A")
    assert (position["peak_price"], position["stop_loss_price"], position["dca_count"]) == (D("0.009"), None, 1)
    assert (position["take_profit_base"], position["remaining_amount"]) == (200, 200)
    observe(priced, "A", "1", later(1) - timedelta(microseconds=1))
    value(priced, "select book.apply_rules('{A}', %s)", later(2))
    apply(priced, later(3), A="0.0091")
    position = ledger.held("A")
    assert (position["peak_price"], position["stop_loss_price"]) == (D("0.0091"), D("0.00646"))


@pytest.mark.parametrize(("simulation", "live", "buys"), [(True, False, True), (False, True, False)])
def test_the_wallet_of_a_position_counts_and_not_the_mode_that_its_agent_has_now(
    priced: Db, simulation: bool, live: bool, buys: bool
) -> None:
    ledger = holder(
        priced,
        AGGRESSIVE | {"stopLoss": {"enabled": True}},
        trading_mode="live",
        automated_trading_simulation=simulation,
        automated_trading_live=live,
    )
    apply(priced, NOW, A="0.009")
    assert actions(ledger) == ([("dca", "success", None)] if buys else [])
    apply(priced, later(1), A="0.005")
    assert actions(ledger)[-1] == ("stop_loss", "success", None), "protection is never off"
    assert ledger.rows("select id from trade_orders") == []


# Prices


def test_a_price_of_before_the_position_opened_says_nothing_of_it(priced: Db) -> None:
    ledger = holder(priced)
    opened_at = ledger.now
    observe(priced, "A", "0.001", opened_at - timedelta(microseconds=1))
    assert value(priced, "select book.apply_rules('{A}', %s)", opened_at) == 0
    assert actions(ledger) == []
    observe(priced, "A", "0.001", opened_at)
    assert value(priced, "select book.apply_rules('{A}', %s)", opened_at) == 1


def test_prices_of_another_source_move_nothing(priced: Db) -> None:
    ledger = holder(priced)
    priced.execute("insert into token_prices values ('A', 'elsewhere', %s, 0.0001, null)", [NOW])
    assert value(priced, "select book.apply_rules('{A}', %s)", NOW) == 0
    assert actions(ledger) == []


def test_who_records_a_price_has_the_rules_applied_in_the_same_transaction(priced: Db) -> None:
    """By the clock, as the feed: the one entry point that reads it."""
    ledger = holder(priced)
    observed_at = value(priced, "select clock_timestamp()")
    priced.commit()
    batch = [{"tokenAddress": "A", "observedAt": observed_at.isoformat(), "priceSol": "0.005"}]
    with acting_as(priced, "feed"):
        assert value(priced, "select book.record_prices(%s)", json.dumps(batch)) == 1
    assert actions(ledger) == [("stop_loss", "success", None)]
    priced.rollback()
    assert actions(ledger) == []


def test_a_trade_by_a_rule_comes_after_all_that_it_is_about(priced: Db) -> None:
    """A fact of a moment later than the price, as a clock that is ahead makes it."""
    ledger = holder(priced)
    ledger.deposit("A", "1", "0.01", transaction_time=later(3))
    apply(priced, NOW, A="0.005")
    (exit_,) = ledger.swaps()
    assert ledger.fact(exit_["id"])["transaction_time"] == later(3)
    assert ledger.position("A") is None


def test_a_stop_in_a_live_wallet_is_one_order_however_often_prices_come(priced: Db) -> None:
    ledger = holder(priced)
    buy_in_live_wallet(ledger)
    for seconds in range(3):
        apply(priced, later(seconds), B=f"0.00{5 - seconds}")
    (order,) = ledger.rows("select * from trade_orders")
    assert (order["side"], order["reason"], order["amount"], order["price_sol"]) == (
        "sell",
        "stop_loss",
        100,
        D("0.005"),
    )
    (action,) = ledger.rows("select * from position_actions")
    assert (action["status"], action["order_id"], action["transaction_id"]) == ("ordered", order["id"], None)


@pytest.mark.parametrize(
    ("lease", "statuses"),
    [
        (None, [("dca", "expired"), ("stop_loss", "pending")]),
        (-1, [("dca", "expired"), ("stop_loss", "pending")]),
        (30, [("dca", "claimed")]),
    ],
)
def test_a_stop_in_a_live_wallet_takes_the_place_of_an_order_that_no_executor_is_at(
    priced: Db, lease: int | None, statuses: list[tuple[str, str]]
) -> None:
    ledger = holder(priced, {"dca": {"enabled": True, "mode": "aggressive"}})
    buy_in_live_wallet(ledger)
    apply(priced, NOW, B="0.0085")
    if lease is not None:
        with acting_as(priced, "book"):
            priced.execute(
                "update trade_orders set status = 'claimed', claimed_by = 'somebody', claimed_until = %s",
                [later(1 + lease)],
            )
    apply(priced, later(1), B="0.006")
    found = ledger.rows("select reason, status, error from trade_orders order by created_at")
    assert [(row["reason"], row["status"]) for row in found] == statuses
    told = ledger.rows("select rule, status, reason, error from position_actions order by decided_at")
    if statuses[0][1] == "expired":
        assert [tuple(row.values()) for row in told] == [
            ("dca", "failed", "order_expired", "a stop took its place"),
            ("stop_loss", "ordered", None, None),
        ]


# All at once


ROUNDS = 40


def test_prices_signal_trade_and_close_at_once_leave_one_exit_and_no_deadlock(priced: Db, database_url: str) -> None:
    ledgers = []
    for number in range(ROUNDS):
        ledger = Ledger(priced, agent=new_agent(priced, new_user(priced)))
        ledger.buy(f"A{number}", "100", "1")
        observe(priced, f"S{number}", "0.01", NOW)
        ledgers.append(ledger)
    positions = [
        value(priced, "select id from agent_positions where wallet_address = %s", ledger.wallet) for ledger in ledgers
    ]
    priced.commit()

    def batch(price: str, seconds: int) -> Callable[[Db, int], object]:
        return lambda db, number: apply(db, later(seconds), **{f"A{number}": price})

    def signal(db: Db, number: int) -> None:
        made = new_signal(db, f"S{number}", user=ledgers[number].user)
        value(db, "select book.act_on_signal(%s, %s)", made, later(3))

    def trade(db: Db, number: int) -> None:
        ledgers[number].on(db).sell(f"A{number}", "40", "0.4", transaction_time=later(3))

    def close(db: Db, number: int) -> None:
        value(
            db,
            "select document from book.close_position(%s, %s, %s, %s, %s, %s)",
            ledgers[number].user,
            ledgers[number].agent,
            positions[number],
            json.dumps({"priceSol": "0.006"}),
            uuid4(),
            later(3),
        )

    works: list[Callable[[Db, int], object]] = [batch("0.005", 1), batch("0.004", 2), signal, trade, close]
    together = Barrier(len(works), timeout=60)

    def work(task: Callable[[Db, int], object]) -> Counter[str | None]:
        ends: Counter[str | None] = Counter()
        with psycopg.connect(database_url) as connection:
            for number in range(ROUNDS):
                together.wait()
                try:
                    task(connection, number)
                    connection.commit()
                    ends[None] += 1
                except psycopg.Error as error:
                    connection.rollback()
                    ends[error.sqlstate] += 1
        return ends

    with ThreadPoolExecutor(max_workers=len(works)) as threads:
        ends = list(threads.map(work, works))
    assert [set(end) - {None} for end in ends[:3]] == [set()] * 3
    assert set(ends[3]) <= {None, "TB003"}, "there was less than that"
    assert set(ends[4]) <= {None, "TB007"}, "it was gone"
    for seconds in (4, 5):
        act_on_pending(priced, later(seconds))
    assert act_on_pending(priced, later(6)) == 0

    for number, ledger in enumerate(ledgers):
        assert ledger.position(f"A{number}") is None
        swaps = ledger.swaps()
        assert [swap["closes_position"] for swap in swaps].count(True) == 1
        assert swaps[-1]["closes_position"]
        assert sum(swap["amount"] for swap in swaps) == 100
        exits = [status for rule, status, _ in actions(ledger) if rule == "stop_loss"]
        assert exits == (["success"] if swaps[-1]["close_reason"] == "stop_loss" else [])
        assert ledger.position(f"S{number}") is not None
    assert sum(end[None] for end in ends[4:]) == sum(
        swap["close_reason"] == "manual" for ledger in ledgers for swap in ledger.swaps()
    )


def test_price_batches_workers_and_trades_at_once_never_deadlock(priced: Db, database_url: str) -> None:
    """Each batch leaves the wallets that the others have, and takes what others have left."""
    user = new_user(priced)
    ledgers = [holder(priced, only("stopLoss", enabled=False), agent=new_agent(priced, user)) for _ in range(30)]
    for ledger in ledgers:
        ledger.buy("B", "100", "1")
    priced.commit()
    ticks = itertools.count(1)

    def tick(db: Db) -> None:
        time = NOW + timedelta(milliseconds=next(ticks))
        apply(db, time, A=str(next(ticks)), B=str(next(ticks)))

    def trade(db: Db) -> None:
        ledgers[next(ticks) % 30].on(db).buy("Z", "1", "0.001")

    def work(task: Callable[[Db], object]) -> Counter[str]:
        failed: Counter[str] = Counter()
        with psycopg.connect(database_url) as connection:
            for _ in range(100):
                try:
                    task(connection)
                    connection.commit()
                except psycopg.Error as error:
                    connection.rollback()
                    failed[str(error)] += 1
        return failed

    tasks: list[Callable[[Db], object]] = [tick, tick, tick, lambda db: act_on_pending(db, later(1)), trade, trade]
    with ThreadPoolExecutor(max_workers=len(tasks)) as threads:
        assert list(threads.map(work, tasks)) == [{}] * len(tasks)
    act_on_pending(priced, later(59))
    for ledger in ledgers:
        assert pending(ledger) == []
    assert priced.execute(
        """
        select count(*) from agent_positions as p
        where p.token_address in ('A', 'B') and p.peak_price is distinct from (
            select max(k.price_sol) from token_prices as k where k.token_address = p.token_address
        )
        """
    ).fetchone() == (0,), "no price was lost"


def test_a_close_by_hand_waits_for_the_exit_of_a_rule_and_finds_nothing(
    priced: Db, first: Session, second: Session
) -> None:
    ledger = holder(priced)
    position = ledger.held("A")
    priced.commit()
    second.connection.execute("set lock_timeout = 0")
    apply(first.connection, NOW, A="0.005")
    running = second.start(
        value,
        second.connection,
        "select document from book.close_position(%s, %s, %s, %s, %s, %s)",
        ledger.user,
        ledger.agent,
        position["id"],
        json.dumps({"priceSol": "0.006"}),
        uuid4(),
        NOW,
    )
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB007"
    assert ledger.gains() == [D("-0.5")]


def test_a_batch_of_many_positions_moves_the_new_peaks_sells_the_exits_and_leaves_the_rest(priced: Db) -> None:
    """2,000 positions in 100 tokens: a fifth has a new peak, a hundredth is sold."""
    user = new_user(priced)
    ledgers = [Ledger(priced, agent=new_agent(priced, user)) for _ in range(20)]
    tokens = [f"T{number:02}" for number in range(100)]
    priced.execute(
        """
        insert into agent_transactions (
            agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, output_mint,
            output_amount, value_usd
        )
        select w.agent_id, w.wallet_address, 'SWAP', %s, %s, 1, t.token, 100, 100
        from agent_wallets as w, unnest(%s::text[]) as t (token)
        """,
        [NOW - timedelta(minutes=5), SOL, tokens],
    )
    # The lowest price is known from here on: later, nothing of most positions changes.
    assert apply(priced, later(-1), **dict.fromkeys(tokens, "0.0099")) == 0
    assert apply(priced, NOW, **dict.fromkeys(tokens, "0.01")) == 0
    rising, falling = tokens[:20], tokens[20]
    new = dict.fromkeys(tokens, "0.0099") | dict.fromkeys(rising, "0.013") | {falling: "0.005"}
    assert apply(priced, later(1), **new) == 20

    found = ledgers[0].rows("select * from agent_positions")
    assert len(found) == 1980
    states = Counter(
        (row["token_address"] in rising, row["peak_price"], row["stop_loss_price"], row["last_stop_loss_update"])
        for row in found
    )
    assert states == {
        (True, D("0.013"), D("0.012"), later(1)): 400,
        (False, D("0.01"), D("0.0068"), later(-1)): 1580,
    }
    for ledger in ledgers:
        assert actions(ledger) == [("stop_loss", "success", None)]
        (swap,) = ledger.swaps()
        assert (swap["token_address"], swap["close_reason"], swap["gain_sol"]) == (falling, "stop_loss", D("-0.5"))
        assert ledger.balance() == D("900.5")


# Positions that are not looked at, since nothing can happen to them


def test_what_lies_between_known_prices_is_not_looked_at(priced: Db) -> None:
    ledger = holder(priced)
    apply(priced, NOW, A="0.009")
    apply(priced, later(1), A="0.01")
    seen = "select token_address from book.stirred_positions(array['A'], null, %s)"
    for price, is_looked_at in (("0.0095", False), ("0.0089", True), ("0.0101", True)):
        with priced.transaction(force_rollback=True):
            observe(priced, "A", price, later(2))
            assert bool(ledger.rows(seen, later(2))) is is_looked_at, price


def asked(db: Db, function: str = "judge_position") -> int:
    """How often the rules of a position were asked in this transaction."""
    found = db.execute("select calls from pg_stat_xact_user_functions where funcname = %s", [function]).fetchone()
    return int(found[0]) if found else 0


@pytest.mark.parametrize(
    ("stop", "path"),
    [
        # (price, whether the rules are asked, the stop)
        (
            {"mode": "fixed"},
            [
                ("0.0119", False, "0.0068"),
                ("0.0112", False, "0.0068"),
                ("0.012", True, "0.011"),
                ("0.0155", False, "0.0145"),
                ("0.0147", False, "0.0145"),
                ("0.016", False, "0.015"),
            ],
        ),
        ({"mode": "zones"}, [("0.01199", False, "0.0068"), ("0.0125", True, "0.01125"), ("0.02", False, "0.017")]),
        (
            {"mode": "exponential"},
            [("0.012", True, "0.0068"), ("0.0125", True, "0.01036964"), ("0.015", False, "0.01308099")],
        ),
        (
            {"mode": "custom", "trailingLevels": trail_levels((50, 30), (30, 10), (10, 50))},
            [("0.01099", False, "0.0068"), ("0.011", True, None)],
        ),
        (
            {"mode": "custom", "trailingLevels": trail_levels((60, 40), (30, 10))},
            [
                ("0.0129", False, "0.0068"),
                ("0.013", True, "0.011"),
                ("0.0159", False, "0.011"),
                ("0.0161", False, "0.014"),
            ],
        ),
        # A stop that leaps over its peak sells by the price that moved it.
        (
            {"mode": "custom", "trailingLevels": trail_levels((60, 90), (30, 10))},
            [("0.013", True, "0.011"), ("0.0161", True, None)],
        ),
        ({"enabled": False}, [("0.02", False, None), ("3", False, None)]),
    ],
)
def test_a_new_peak_asks_no_rules_but_where_they_begin_to_move_the_stop(
    priced: Db, stop: Json, path: list[tuple[str, bool, str | None]]
) -> None:
    ledger = holder(priced, only("stopLoss", **stop))
    apply(priced, NOW, A="0.01")
    priced.execute("set local track_functions = 'pl'")
    peak = D("0.01")
    for seconds, (price, is_asked, expected) in enumerate(path, 1):
        before = asked(priced)
        apply(priced, later(seconds), A=price)
        assert asked(priced) - before == is_asked, price
        peak = max(peak, D(price))
        position = ledger.position("A")
        if position is None:
            assert (expected, actions(ledger)) == (None, [("stop_loss", "success", None)])
            return
        assert (position["peak_price"], position["lowest_price"]) == (peak, D("0.01"))
        assert position["stop_loss_price"] == (D(expected) if expected else None)
        percent = None if expected is None else round(D(expected) * 10000 - 100, 2)
        assert position["current_stop_loss_percentage"] == percent
    # At the stop, wherever it has moved: the band ends there.
    if position["stop_loss_price"] is not None:
        assert apply(priced, later(60), A=str(position["stop_loss_price"] + D("1e-18"))) == 0
        assert apply(priced, later(61), A=str(position["stop_loss_price"])) == 1


def test_a_new_lowest_price_above_the_stop_asks_no_rules(priced: Db) -> None:
    ledger = holder(priced, only("stopLoss"))
    apply(priced, NOW, A="0.01")
    priced.execute("set local track_functions = 'pl'")
    assert apply(priced, later(1), A="0.0069") == 0
    assert asked(priced) == 0
    position = ledger.held("A")
    assert (position["lowest_price"], position["peak_price"]) == (D("0.0069"), D("0.01"))
    assert position["last_stop_loss_update"] == later(1)
    assert apply(priced, later(2), A="0.0068") == 1


def test_a_peak_of_several_prices_lifts_the_stop_that_the_last_of_them_meets(priced: Db) -> None:
    """The rules need not be asked for the peak, and have to be for the price."""
    ledger = holder(priced, only("stopLoss"))
    recorded(priced, ("0.01", timedelta(seconds=-30)))
    recorded(priced, ("0.02", timedelta(seconds=-20)))
    recorded(priced, ("0.05", timedelta(seconds=-2)), ("0.03", timedelta(seconds=-1)))
    assert actions(ledger) == [("stop_loss", "success", None)]
    assert ledger.gains() == [D("2")]


def test_several_prices_at_once_are_peak_and_lowest_price_though_the_last_is_neither(priced: Db) -> None:
    ledger = holder(priced, only("stopLoss"))
    recorded(priced, ("0.01", timedelta(seconds=-30)))
    recorded(priced, ("0.0095", timedelta(seconds=-20)))
    for seconds, prices in [(10, ("0.0115", "0.0098")), (20, ("0.009", "0.0102"))]:
        recorded(priced, *((price, timedelta(seconds=seconds + n)) for n, price in enumerate(prices)))
    position = ledger.held("A")
    assert (position["peak_price"], position["lowest_price"]) == (D("0.0115"), D("0.009"))


def test_a_peak_that_a_busy_wallet_missed_lifts_the_stop_though_the_last_price_is_no_news(
    priced: Db, first: Session, second: Session
) -> None:
    busy = holder(priced, only("stopLoss"))
    apply(priced, NOW, A="0.01")
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    for seconds, price in [(1, "0.02"), (2, "0.01")]:
        apply(second.connection, later(seconds), A=price)
        second.commit()
    first.commit()
    act_on_pending(priced, later(3))
    assert actions(busy) == [("stop_loss", "success", None)]


def test_a_new_peak_of_a_busy_wallet_is_put_off_too(priced: Db, first: Session, second: Session) -> None:
    busy = holder(priced, only("stopLoss"))
    apply(priced, NOW, A="0.01")
    priced.commit()
    first.ledger(busy).buy("Z", "1", "1")
    apply(second.connection, later(1), A="0.011")
    apply(second.connection, later(2), A="0.0105")
    second.commit()
    assert [highest for highest, _, _ in pending(busy)] == [D("0.011"), D("0.0105")]
    first.commit()
    assert act_on_pending(priced, later(3)) == 1
    position = busy.held("A")
    assert position["peak_price"] == D("0.011")


@pytest.mark.parametrize(
    ("before", "change", "rule"),
    [
        ({}, {"trading_config": '{"stopLoss": {"defaultPercentage": "-5"}}'}, "stop_loss"),
        ({}, {"trading_config": '{"staleTrade": {"minProfitPercent": -9, "maxProfitPercent": 0}}'}, "stale_trade"),
        (
            {"automated_trading_simulation": False, "config": {"dca": {"enabled": True, "mode": "aggressive"}}},
            {"automated_trading_simulation": True},
            "dca",
        ),
    ],
)
def test_rules_that_have_changed_are_held_against_the_next_price_wherever_it_lies(
    priced: Db, before: Json, change: Json, rule: str
) -> None:
    ledger = holder(priced, **before)
    apply(priced, NOW, A="0.0085" if rule == "dca" else "0.009")
    apply(priced, later(1), A="0.01")
    assert apply(priced, later(2), A="0.0092" if rule != "dca" else "0.0088") == 0
    for name, content in change.items():
        priced.execute(f"update agents set {name} = %s where id = %s", [content, ledger.agent])
    # The same price again, a moment later.
    assert apply(priced, later(3), A="0.0092" if rule != "dca" else "0.0088") == 1
    assert actions(ledger) == [(rule, "success", None)]


def test_a_trade_has_its_position_looked_at_anew(priced: Db) -> None:
    ledger = holder(priced, {"stopLoss": {"defaultPercentage": "-9.5"}, "staleTrade": {"enabled": False}})
    apply(priced, NOW, A="0.0091")
    apply(priced, later(1), A="0.02")
    assert ledger.held("A")["stop_loss_price"] == D("0.019")
    ledger.now = later(2) - timedelta(hours=1)
    # The trail begins anew; the next price lies where nothing could have happened before.
    ledger.buy("A", "100", "1")
    assert apply(priced, later(3), A="0.0192") == 0
    assert ledger.held("A")["stop_loss_price"] == D("0.0182")


# Transactions that overlap, and wallets that go


def reviewed_again(db: Db, at: datetime) -> int:
    """What the worker does every second."""
    return int(value(db, "select book.act_on_pending(%s) + book.review_recent_prices(%s)", at, at))


def test_a_price_that_comes_while_another_lifts_the_stop_is_held_against_the_new_one(
    priced: Db, database_url: str
) -> None:
    ledger = holder(priced, {"staleTrade": {"enabled": False}})
    apply(priced, NOW, A="0.015")
    apply(priced, later(1), A="0.0141")
    priced.commit()
    with psycopg.connect(database_url) as lifting, psycopg.connect(database_url) as falling:
        assert apply(lifting, later(2), A="0.02") == 0
        # Between the stop that it sees, 0.014, and the one that is coming.
        assert apply(falling, later(3), A="0.0146") == 0
        falling.commit()
        lifting.commit()
    position = ledger.held("A")
    assert position["stop_loss_price"] == D("0.019")
    priced.execute("update token_prices set recorded_at = %s where observed_at = %s", [later(3), later(3)])
    assert reviewed_again(priced, later(4)) == 1
    assert actions(ledger) == [("stop_loss", "success", None)]


def test_a_price_that_was_recorded_long_ago_is_not_looked_at_again(priced: Db) -> None:
    ledger = holder(priced)
    observe(priced, "A", "0.001", NOW)
    priced.execute("update token_prices set recorded_at = %s", [NOW])
    assert reviewed_again(priced, later(11)) == 0
    assert reviewed_again(priced, later(9)) == 1
    assert ledger.position("A") is None


@pytest.mark.parametrize(
    "taking",
    [
        'select book.reset_wallet(%(user)s, %(wallet)s, \'{"confirm": true, "valueUsd": "1"}\')',
        "delete from agents where id = %(agent)s",
    ],
)
def test_who_takes_a_wallet_away_holds_up_neither_prices_nor_signals_for_others(
    priced: Db, second: Session, database_url: str, taking: str
) -> None:
    going, staying = holder(priced), holder(priced)
    observe(priced, "B", "0.01", NOW)
    priced.commit()
    with psycopg.connect(database_url) as other:
        other.execute(taking, {"user": going.user, "wallet": going.wallet, "agent": going.agent})
        assert apply(second.connection, later(1), A="0.005") == 1
        signal = new_signal(second.connection, "B")
        second.connection.execute("select book.act_on_signal(%s, %s)", [signal, later(2)])
        second.commit()
    assert actions(staying) == [("stop_loss", "success", None)]
    decided = "select status from signal_executions where agent_id = %s"
    assert value(priced, decided, staying.agent) == "success"
    # What was put off goes with its wallet, or is looked at when that is there anew.
    assert reviewed_again(priced, later(3)) in (0, 1)
    assert reviewed_again(priced, later(4)) == 0


def test_the_executions_of_other_agents_are_left_alone_when_one_is_asked_again(
    priced: Db, second: Session, database_url: str
) -> None:
    busy, done = holder(priced), holder(priced)
    observe(priced, "B", "0.01", NOW)
    priced.commit()
    with psycopg.connect(database_url) as other:
        other.execute("select book.lock_wallets(array[%s])", [busy.wallet])
        number = new_signal(priced, "B")
        priced.execute("select book.act_on_signal(%s, %s)", [number, later(1)])
        priced.commit()
    with psycopg.connect(database_url) as other:
        other.execute("delete from agent_wallets where wallet_address = %s", [done.wallet])
        second.connection.execute("select book.act_on_pending(%s)", [later(2)])
        second.commit()
        other.rollback()
    statuses = priced.execute("select agent_id, status from signal_executions").fetchall()
    assert dict(statuses) == {busy.agent: "success", done.agent: "success"}


def test_an_order_that_goes_with_its_wallet_ends_what_it_came_of(priced: Db) -> None:
    agent = new_agent(priced)
    configure(priced, agent, trading_mode="live")
    wallet = "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')"
    priced.execute(wallet, [LIVE, agent])
    ledger = Ledger(priced, agent=agent, sol=None)
    ledger.insert("DEPOSIT", wallet_address=LIVE, input_mint=SOL, input_amount="5")
    observe(priced, "B", "0.01", NOW)
    signal = new_signal(priced, "B")
    priced.execute("select book.act_on_signal(%s, %s)", [signal, later(1)])
    assert value(priced, "select status from trade_orders") == "pending"
    priced.execute("delete from agent_wallets where wallet_address = %s", [LIVE])
    (execution,) = ledger.rows("select status, reason, order_id from signal_executions")
    assert execution == {"status": "failed", "reason": "order_gone", "order_id": None}
    priced.execute(wallet, [LIVE, agent])
    assert reviewed_again(priced, later(100)) == 0
    assert value(priced, "select count(*) from trade_orders") == 0


def test_a_signal_that_cannot_be_acted_on_holds_up_no_protection(priced: Db, database_url: str) -> None:
    busy = holder(priced)
    observe(priced, "B", "0.01", NOW)
    priced.commit()
    with psycopg.connect(database_url) as other:
        other.execute("select book.lock_wallets(array[%s])", [busy.wallet])
        signal = new_signal(priced, "B")
        priced.execute("select book.act_on_signal(%s, %s)", [signal, later(1)])
        assert apply(priced, later(1), A="0.005") == 0
        priced.commit()
    priced.execute(
        """
        create function broken() returns trigger language plpgsql as $$ begin raise 'it is broken'; end $$;
        create trigger broken before update on signal_executions for each row execute function broken()
        """
    )
    act_on_pending(priced, later(2))
    assert actions(busy) == [("stop_loss", "success", None)]
    assert value(priced, "select status from signal_executions") == "pending"
    priced.execute("drop trigger broken on signal_executions; drop function broken")


# Prices by other clocks, and several at once


def recorded(db: Db, *prices: tuple[str, timedelta]) -> None:
    """Prices of A as the feed brings them, each so long from now."""
    told = [
        {"tokenAddress": "A", "observedAt": (now(db) + away).isoformat(), "priceSol": price} for price, away in prices
    ]
    db.execute("select book.record_prices(%s)", [json.dumps(told)])


def now(db: Db) -> datetime:
    found: datetime = value(db, "select clock_timestamp()")
    return found


def test_the_highest_of_several_prices_at_once_lifts_the_stop(priced: Db) -> None:
    ledger = holder(priced)
    recorded(priced, ("0.01", timedelta(seconds=-30)))
    recorded(
        priced, ("0.011", timedelta(seconds=-1)), ("0.04", timedelta(seconds=-2)), ("0.001", timedelta(seconds=-90))
    )
    # What is late counts for nothing, and 0.011 is far below the stop of the peak.
    assert actions(ledger) == [("stop_loss", "success", None)]
    (action,) = ledger.rows("select price_sol from position_actions")
    assert action["price_sol"] == D("0.011")
    other = holder(priced)
    recorded(priced, ("0.012", timedelta(seconds=1)), ("0.0118", timedelta(seconds=2)))
    position = other.held("A")
    assert (position["peak_price"], position["lowest_price"]) == (D("0.012"), D("0.01"))


def test_a_feed_whose_clock_is_ahead_protects_at_once(priced: Db) -> None:
    ledger = holder(priced)
    recorded(priced, ("0.005", timedelta(seconds=3)))
    assert actions(ledger) == [("stop_loss", "success", None)]
    (sale,) = ledger.swaps()
    assert sale["sale_price"] == D("0.005")


def test_a_position_that_begins_ahead_of_now_is_protected_from_now_on(priced: Db) -> None:
    ledger = Ledger(priced)
    ledger.buy("A", "100", "1", transaction_time=now(priced) + timedelta(minutes=4))
    recorded(priced, ("0.005", timedelta(seconds=-1)))
    assert actions(ledger) == [("stop_loss", "success", None)]


def test_the_fee_of_a_simulated_trade_is_no_sol_to_buy_for(priced: Db) -> None:
    config = {
        "purchaseLimits": {"minimumAgentBalance": "0.5"},
        "positionCalculator": {"randomization": {"enabled": False}, "positionSizes": {"small": {"min": 2, "max": 2}}},
    }
    ledger = Ledger(priced, sol="1.2")
    configure(priced, ledger.agent, config, simulation_fee_lamports=300_000_000)
    observe(priced, "B", "0.01", NOW)
    signal = new_signal(priced, "B")
    priced.execute("select book.act_on_signal(%s, %s)", [signal, later(1)])
    assert value(priced, "select size_sol from signal_executions") == D("0.4")
    assert ledger.balance() == D("0.5")


def test_code_that_was_renewed_looks_at_every_position_anew(priced: Db) -> None:
    ledger = holder(priced)
    apply(priced, NOW, A="0.01")
    quiet = "select quiet_until from agent_positions"
    assert value(priced, quiet) is not None
    priced.execute("select book.stir_all_positions()")
    assert value(priced, quiet) is None
    assert ledger.position("A") is not None


def test_a_dca_order_that_came_to_nothing_starts_the_cooldown(priced: Db) -> None:
    ledger = holder(priced, {"dca": {"enabled": True, "mode": "aggressive", "cooldownSeconds": 60}})
    buy_in_live_wallet(ledger)
    assert apply(priced, NOW, B="0.0085") == 1
    assert value(priced, "select book.expire_orders(%s)", later(1000)) == 1
    assert apply(priced, later(1059), B="0.0085") == 0
    assert apply(priced, later(1060), B="0.0085") == 1
