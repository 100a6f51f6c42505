"""What rules remember of a position: the book keeps it where the position stays, and begins anew where that does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, USDC, Ledger, acting_as, value

Db = psycopg.Connection[Any]
State = dict[str, Any]

# fmt: off
REMEMBERED = [
    "current_stop_loss_percentage", "peak_price", "lowest_price", "last_stop_loss_update", "stop_loss_price",
    "take_profit_base", "take_profit_levels_done", "moon_bag_amount", "dca_skipped_at",
]
# fmt: on
"""The columns of agent_positions that rules write."""


@pytest.fixture
def ledger(db: Db) -> Ledger:
    return Ledger(db)


def state(ledger: Ledger, mint: str = "A") -> State:
    """What is remembered of the position of a token."""
    position = ledger.held(mint)
    return {column: position[column] for column in REMEMBERED}


def begun(peak: str | None, base: str | None, lowest: str | None = None) -> State:
    """What a position begins with."""
    numbers = {"peak_price": peak, "lowest_price": lowest or peak, "take_profit_base": base}
    return (
        dict.fromkeys(REMEMBERED)
        | {"take_profit_levels_done": 0}
        | {column: None if number is None else D(number) for column, number in numbers.items()}
    )


def ruled(ledger: Ledger, mint: str = "A") -> State:
    """As after many prices: every column is other than at the beginning; it is that."""
    with acting_as(ledger.db, "book"):
        ledger.db.execute(
            """
            update agent_positions
            set
                current_stop_loss_percentage = 700, peak_price = 9, lowest_price = 0.001, last_stop_loss_update = now(),
                stop_loss_price = 8, take_profit_base = 77, take_profit_levels_done = 2, moon_bag_amount = 7,
                dca_skipped_at = now()
            where wallet_address = %s and token_address = %s
            """,
            [ledger.wallet, mint],
        )
    return state(ledger, mint)


def price(ledger: Ledger, mint: str, sol: str, at: datetime) -> None:
    ledger.db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values (%s, 'feed', %s, %s)",
        [mint, at, sol],
    )


# It begins


def test_a_position_opens_with_the_price_and_the_amount_of_its_buy(ledger: Ledger) -> None:
    """The price before fees, since prices that are seen know none."""
    ledger.buy("A", "100", "2", fee="0.5")
    assert state(ledger) == begun("0.02", "100")
    ledger.swap("A", "10", "B", "40", value="2")
    assert state(ledger, "B") == begun("0.05", "40")


def test_a_deposit_tells_no_price_and_the_buy_after_it_is_no_dca(ledger: Ledger) -> None:
    ledger.deposit("A", "100", "2")
    assert state(ledger) == begun(None, None)
    before = ruled(ledger)
    ledger.buy("A", "100", "1")
    assert state(ledger) == before


def test_a_dca_buy_by_hand_begins_trail_and_ladder_anew(ledger: Ledger) -> None:
    ledger.buy("A", "100", "2")
    ruled(ledger)
    ledger.buy("A", "100", "1", fee="0.1")
    # The lowest price is that of the whole time.
    assert state(ledger) == begun("0.01", "200", lowest="0.001")
    ruled(ledger)
    ledger.sell("A", "50", "1")
    ledger.buy("A", "100", "5")
    assert state(ledger) == begun("0.05", "250", lowest="0.001")


def test_several_buys_at_once_count_as_the_last_of_them(ledger: Ledger) -> None:
    ledger.record(*(ledger.request(inputAmount=sol) for sol in ("1", "4", "2")), ledger.request(
        inputMint="A", inputAmount="30", outputMint=SOL, outputAmount="1"
    ))  # fmt: skip
    assert state(ledger) == begun("0.02", "300")
    ruled(ledger)
    ledger.record(*(ledger.request(inputAmount=sol) for sol in ("7", "3")))
    assert state(ledger) == begun("0.03", "470", lowest="0.001")


def test_a_position_that_closed_begins_anew_with_the_next_buy(ledger: Ledger) -> None:
    ledger.buy("A", "100", "2")
    ruled(ledger)
    ledger.sell("A", "100", "3")
    assert ledger.position("A") is None
    ledger.buy("A", "50", "2")
    assert state(ledger) == begun("0.04", "50")


def test_what_is_left_as_dust_is_forgotten_with_the_next_buy(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "2")
    before = ruled(ledger)
    ledger.sell("A", "999999.5", "3")
    position = ledger.held("A")
    assert position["is_dust"]
    assert state(ledger) == before
    ledger.buy("A", "100", "2")
    assert state(ledger) == begun("0.02", "100.5")


# It stays


def act(ledger: Ledger, what: str) -> None:
    """Something after which the position of A, opened first and bought twice, is what it was."""
    between = ledger.now - timedelta(minutes=90)
    before_all = ledger.now - timedelta(hours=50)
    first, last = (
        value(
            ledger.db,
            f"select id from agent_transactions where output_mint = 'A' order by transaction_time {order} limit 1",
        )
        for order in ("", "desc")
    )
    actions: dict[str, Callable[[], Any]] = {
        "a partial sale": lambda: ledger.sell("A", "50", "1"),
        "a partial burn": lambda: ledger.burn("A", "50"),
        "a partial withdrawal": lambda: ledger.withdraw("A", "50"),
        "a deposit": lambda: ledger.deposit("A", "50", "1"),
        "a late buy": lambda: ledger.buy("A", "50", "1", transaction_time=between),
        "a late sale": lambda: ledger.sell("A", "50", "1", transaction_time=between),
        "a late opener": lambda: ledger.buy("A", "50", "1", transaction_time=before_all),
        "a late trade of another token": lambda: ledger.buy("B", "50", "1", transaction_time=between),
        "a void of the last buy": lambda: ledger.void(last),
        "a void of the first buy": lambda: ledger.void(first),
        "a correction of the last buy": lambda: ledger.correct(
            last, outputAmount="90", transactionTime=ledger.fact(last)["transaction_time"].isoformat()
        ),
        "a correction of the first buy": lambda: ledger.correct(
            first, outputAmount="90", transactionTime=ledger.fact(first)["transaction_time"].isoformat()
        ),
        "a rebuild": lambda: value(ledger.db, "select book.rebuild_wallet(%s)", ledger.wallet),
        "a rebuild of what was damaged": lambda: damaged_and_rebuilt(ledger),
    }
    actions[what]()


def damaged_and_rebuilt(ledger: Ledger) -> None:
    with acting_as(ledger.db, "book"):
        ledger.db.execute("update agent_positions set realized_profit_sol = 7")
    assert value(ledger.db, "select book.rebuild_wallet(%s)", ledger.wallet) > 0


@pytest.mark.parametrize(
    "what",
    [
        "a partial sale",
        "a partial burn",
        "a partial withdrawal",
        "a deposit",
        "a late buy",
        "a late sale",
        "a late opener",
        "a late trade of another token",
        "a void of the last buy",
        "a void of the first buy",
        "a correction of the last buy",
        "a correction of the first buy",
        "a rebuild",
        "a rebuild of what was damaged",
    ],
)
def test_what_is_remembered_stays_with_the_position(db: Db, what: str) -> None:
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "1000", transaction_time=ledger.now - timedelta(days=9))
    ledger.now += timedelta(days=1)
    for sol in ("1", "2", "3"):
        ledger.buy("A", "100", sol)
    before = ruled(ledger)
    old = ledger.position("A")
    act(ledger, what)
    assert state(ledger) == before
    assert (ledger.position("A") == old) is (what in ("a rebuild", "a late trade of another token"))


def test_a_correction_to_a_later_time_is_a_dca_buy_that_comes_last(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    last = ledger.buy("A", "100", "2")
    ruled(ledger)
    ledger.correct(last, inputAmount="4", outputAmount="100")
    assert state(ledger) == begun("0.04", "200", lowest="0.001")


def test_a_quote_token_s_position_is_remembered_as_little_as_managed(ledger: Ledger) -> None:
    ledger.buy(USDC, "100", "1")
    position = ledger.held(USDC)
    assert (position["managed"], position["stop_loss_price"], position["moon_bag_amount"]) == (False, None, None)


# It comes back


def test_a_position_that_a_void_opens_again_gets_its_peak_from_prices(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    opened = ledger.now
    ruled(ledger)
    for minutes, sol in ((-5, "70"), (5, "0.02"), (10, "0.05"), (20, "0.003"), (90, "0.04")):
        price(ledger, "A", sol, opened + timedelta(minutes=minutes))
    sale = ledger.sell("A", "100", "2")
    ledger.void(sale)
    # Not the price from before it opened; nor what the closed one knew.
    found = state(ledger)
    assert (found["peak_price"], found["lowest_price"]) == (D("0.05"), D("0.003"))
    assert {found[column] for column in REMEMBERED if column not in ("peak_price", "lowest_price")} == {None, 0}


def test_the_peak_of_a_position_that_opens_again_is_since_its_last_dca_buy(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    price(ledger, "A", "0.5", ledger.now + timedelta(minutes=1))
    ledger.buy("A", "100", "1")
    price(ledger, "A", "0.02", ledger.now + timedelta(minutes=1))
    price(ledger, "A", "0.01", ledger.now + timedelta(minutes=2))
    ledger.void(ledger.sell("A", "200", "2"))
    found = state(ledger)
    assert (found["peak_price"], found["lowest_price"]) == (D("0.02"), D("0.01"))


def test_a_position_that_opens_again_without_prices_has_no_peak(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.void(ledger.sell("A", "100", "2"))
    assert state(ledger) == begun(None, None)


def test_dust_that_a_void_makes_a_position_again_gets_its_peak_from_prices(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    price(ledger, "A", "0.5", ledger.now + timedelta(minutes=1))
    ruled(ledger)
    ledger.void(ledger.sell("A", "999999.5", "2"))
    found = state(ledger)
    assert (found["peak_price"], found["lowest_price"]) == (D("0.5"), D("0.5"))


def test_another_wallet_s_position_in_the_token_is_not_touched(db: Db, ledger: Ledger) -> None:
    other = Ledger(db)
    for wallet in (ledger, other):
        wallet.buy("A", "100", "1")
    before = ruled(other)
    ledger.buy("A", "100", "1")
    ledger.void(ledger.sell("A", "200", "1"))
    assert state(other) == before
