"""Prices, and what agents do at them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.bench.books import Db, connected, make_wallets, open_positions, settle
from tests.bench.case import Effort, case, milliseconds_of
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio

AS_FEED = "-c role=tradebook_feed"
TOKENS = 500
FALLING = 5
"""Tokens in a batch that fall below the stop-loss: 1 % of them, and so of the positions."""


@case(
    "A price batch over 500 tokens, 10,000 open positions, 20 % new peaks",
    Line("without exits", "one by one", "without exits of one by one", at_most(60, "without exits")),
    Line("with 1 % exits", aim=at_most(150, "with 1 % exits")),
)
def price_batch(place: Place, effort: Effort) -> list[Figure]:
    """One call of book.record_prices, as the operator's role.

    Beside a program that keeps the rules to itself: it reads the positions, and writes the peaks one by one.
    """
    quiet, exits, loop = Figure("without exits", "ms"), Figure("with 1 % exits", "ms"), Figure("one by one", "ms")
    with place.book() as book, connected(book) as db, connected(book, AS_FEED) as feed:
        wallets = range(1, effort.of(2000) + 1)
        make_wallets(db, wallets[-1])
        open_positions(db, wallets, 5, TOKENS, at=datetime.now(UTC).isoformat())
        settle(db)
        # The first price of a position is looked at more closely than those that follow.
        record_prices(feed, ["0.01"] * TOKENS)
        record_prices(feed, ["0.0099"] * TOKENS)
        for round_ in range(effort.repetitions):
            quiet.values.append(milliseconds_of(lambda: record_prices(feed, new_peaks(round_))))
            loop.values.append(milliseconds_of(lambda: _write_peaks_one_by_one(db, f"0.01{round_ + 1:04}5")))
            # What it leaves behind by being rolled back is no price batch's.
            db.execute("vacuum agent_positions")
            falling = range(round_ * FALLING, (round_ + 1) * FALLING)
            prices = ["0.005" if token in falling else "0.01" for token in range(TOKENS)]
            exits.values.append(milliseconds_of(lambda: record_prices(feed, prices)))
    return [quiet, exits, loop, ratio("without exits of one by one", quiet, loop)]


def new_peaks(round_: int) -> list[str]:
    """Prices of T0 to T499 of which every fifth is higher than in the round before."""
    return [f"0.01{round_ + 1:04}" if token % 5 == 0 else "0.01" for token in range(TOKENS)]


def record_prices(feed: Db, prices: list[str]) -> None:
    """Of T0, T1 and so on, in SOL, as of now."""
    row = feed.execute("select clock_timestamp()").fetchone()
    assert row is not None
    at = row[0].isoformat()
    told = [{"tokenAddress": f"T{token}", "observedAt": at, "priceSol": price} for token, price in enumerate(prices)]
    feed.execute("select book.record_prices(%s)", [json.dumps(told)])


def _write_peaks_one_by_one(db: Db, peak: str) -> None:
    """Nothing of it stays."""
    with db.transaction(force_rollback=True):
        db.execute("select set_config('role', 'tradebook_book', true)")
        for position, token, known in db.execute(
            "select id, token_address, peak_price from agent_positions"
        ).fetchall():
            if int(token[1:]) % 5 == 0 and known < float(peak):
                db.execute("update agent_positions set peak_price = %s where id = %s", [peak, position])
