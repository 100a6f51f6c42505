"""How all of it grows with the book."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from tests.bench.books import AS_API, agent, connected, make_history, make_wallets, open_positions, settle
from tests.bench.case import Effort, case, milliseconds_of
from tests.bench.cases.batches import SIZE, buy, insert_of
from tests.bench.cases.late_trades import insert_late, make_later_trades
from tests.bench.cases.lists import look_at_page
from tests.bench.cases.prices import AS_FEED, new_peaks, record_prices
from tests.bench.cases.snapshots import AS_JOBS, store_snapshots
from tests.bench.cases.summaries import SUMMARY, median_look
from tests.bench.cases.trades import insert_trades
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio

Measurement = Callable[[int], float]
"""One figure, given the number of the repetition."""

FLAT = 1.3
LATE_TRADES = 9
"""Of which the median is taken."""
MEASURES = {
    "trades of many wallets": "/s",
    "trades of one wallet": "/s",
    "batch of 1,000": "ms",
    "late trade": "ms",
    "summary": "ms",
    "page of a list": "ms",
    "price batch": "ms",
    "snapshots": "ms",
}
"""What is measured in books of each size, and its unit."""
LOADS = ("trades of many wallets", "trades of one wallet")
MUST_BE_FLAT = (*LOADS, "batch of 1,000", "late trade", "summary")


@case(
    "Growth of the book",
    *(
        Line(name, ratio=f"{name}, slower", aim=at_most(FLAT, f"{name}, slower") if name in MUST_BE_FLAT else None)
        for name in MEASURES
    ),
)
def growth(place: Place, effort: Effort) -> list[Figure]:
    """The same in books of 10 thousand, 100 thousand and 1 million transactions, in turns.

    Half of a book is in one wallet, where all but the loads, prices and snapshots are, and half in 200 others. What
    counts is how much slower the largest book is than the smallest, repetition by repetition.
    """
    sizes = effort.growth
    wallets = range(2, effort.of(200, least=8) + 2)
    figures = {(name, size): Figure(name, unit, at=size) for name, unit in MEASURES.items() for size in sizes}
    with ExitStack() as stack:
        measures = {size: stack.enter_context(_grown(place, size, wallets, effort)) for size in sizes}
        for each in measures.values():
            for name in MEASURES:
                if name not in LOADS:
                    each[name](0)
        for number in range(1, effort.repetitions + 1):
            for size, each in measures.items():
                for name in MEASURES:
                    figures[name, size].values.append(each[name](number))
    return [*figures.values(), *(_slower(figures[name, sizes[0]], figures[name, sizes[-1]]) for name in MEASURES)]


def _slower(small: Figure, large: Figure) -> Figure:
    """How many times slower it is in the larger book."""
    more, less = (small, large) if small.unit == "/s" else (large, small)
    return ratio(f"{small.name}, slower", more, less)


@contextmanager
def _grown(place: Place, transactions: int, wallets: range, effort: Effort) -> Iterator[dict[str, Measurement]]:
    """A book of that size, and what measures it."""
    seconds = max(effort.seconds // 2, 1)
    with place.book(f"grown_{transactions}") as book:
        _make_book(book, transactions, wallets)
        with connected(book, AS_API) as api, connected(book, AS_FEED) as feed, connected(book, AS_JOBS) as jobs:

            def batch(number: int) -> float:
                return milliseconds_of(insert_of(api, [buy(number * SIZE + each) for each in range(SIZE)]))

            def late_trade(number: int) -> float:
                times = [
                    milliseconds_of(lambda: insert_late(api, number * LATE_TRADES + n)) for n in range(LATE_TRADES)
                ]
                return statistics.median(times)

            yield {
                "trades of many wallets": lambda _: insert_trades(place, book, seconds, wallets).per_second,
                "trades of one wallet": lambda _: insert_trades(place, book, seconds, range(1, 2)).per_second,
                "batch of 1,000": batch,
                "late trade": late_trade,
                "summary": lambda _: median_look(api, SUMMARY, [agent(1)])[0],
                "page of a list": lambda _: look_at_page(api)[0],
                "price batch": lambda number: milliseconds_of(lambda: record_prices(feed, new_peaks(number))),
                "snapshots": lambda _: milliseconds_of(lambda: store_snapshots(jobs, datetime.now(UTC))),
            }


def _make_book(book: str, transactions: int, wallets: range) -> None:
    with connected(book) as db:
        make_wallets(db, wallets[-1])

    def make(half: range) -> None:
        with connected(book) as db:
            for number in half:
                make_history(db, number, max(transactions // 4 // len(half), 1))

    # By two sessions, for the two halves are much work.
    with ThreadPoolExecutor(2) as makers:
        list(makers.map(make, (range(1, 2), wallets)))
    with connected(book) as db:
        make_later_trades(db)
        at = datetime.now(UTC).isoformat()
        open_positions(db, range(1, wallets[-1] + 1), 5, 5, at=at, amount="1000000")
        settle(db)
        with connected(book, AS_FEED) as feed:
            # The first price of a position is looked at more closely than those that follow.
            record_prices(feed, ["0.01"] * 500)
