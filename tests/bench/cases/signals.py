"""Signals, and the purchases that agents make at them."""

from __future__ import annotations

import time

from tests.bench.books import AS_API, Db, connected, make_wallets, settle
from tests.bench.case import Effort, case, milliseconds_of
from tests.bench.cases.batches import buy, insert_of
from tests.bench.cases.prices import AS_FEED
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio


@case(
    "One signal, 1,000 agents, all filled in simulation",
    Line("one signal", "one by one", "one signal of one by one", at_most(500, "one signal")),
)
def signal(place: Place, effort: Effort) -> list[Figure]:
    """One INSERT of a signal for everyone, as the operator's role: until every agent has judged it and bought.

    Beside a program that has decided already, and books the same purchases one by one.
    """
    agents = effort.of(1000)
    filled, loop = Figure("one signal", "ms"), Figure("one by one", "ms")
    with (
        place.book() as book,
        connected(book) as db,
        connected(book, AS_FEED) as feed,
        connected(book, AS_API) as api,
    ):
        make_wallets(db, agents)
        settle(db)
        for round_ in range(effort.repetitions):
            db.execute(
                "insert into token_prices (token_address, source, observed_at, price_sol)"
                " values (%s, 'feed', clock_timestamp(), 0.01)",
                [f"S{round_}"],
            )
            filled.values.append(milliseconds_of(lambda: _send(feed, f"S{round_}")))
            told = db.execute("select count(*) from signal_executions where status = 'success'").fetchone()
            assert told == ((round_ + 1) * agents,)
            purchases = [insert_of(api, [buy(0, of=number, begin=int(time.time()))]) for number in range(1, agents + 1)]
            loop.values.append(milliseconds_of(lambda: [purchase() for purchase in purchases]))
    return [filled, loop, ratio("one signal of one by one", filled, loop)]


def _send(feed: Db, token: str) -> None:
    feed.execute(
        "insert into trading_signals (token_address, signal_type, signal_strength) values (%s, 'buy', 3)", [token]
    )
