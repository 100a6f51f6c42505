"""Trades that arrive after later ones."""

from __future__ import annotations

from tests.bench.books import AS_API, Db, agent, connected, wallet
from tests.bench.case import Effort, case, milliseconds_of
from tests.bench.cases.summaries import LOOKS, SWAPS
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio
from tests.ledger import SOL

LATER = 100
BEGIN = "2025-09-01T00:00:00Z"
"""After every trade of a history."""


@case(
    "A late trade, 100 later rows of its token, in a wallet of 1,000,000 swaps",
    Line("late", "in order", "late of in order", at_most(5, "late")),
    is_on_large_book=True,
)
def late_trade(place: Place, effort: Effort) -> list[Figure]:
    """One INSERT as the service's role, committed. Beside one of another token that comes in order."""
    late, in_order = Figure("late", "ms"), Figure("in order", "ms")
    book = place.large(effort.of(SWAPS))
    with connected(book) as db, connected(book, AS_API) as api:
        make_later_trades(db)
        db.execute("analyze")
        for number in range(max(effort.repetitions, LOOKS)):
            late.values.append(milliseconds_of(lambda: insert_late(api, number)))
            in_order.values.append(milliseconds_of(lambda: _insert(api, "INORDER", 1_000_000 + number)))
    return [late, in_order, ratio("late of in order", late, in_order)]


def make_later_trades(db: Db) -> None:
    """Buys of LATE in the first wallet, a minute apart."""
    for number in range(LATER + 1):
        _insert(db, "LATE", number * 60)


def insert_late(db: Db, number: int) -> None:
    """A buy of LATE between the first and the second of these, after those of lower numbers; at most 59."""
    _insert(db, "LATE", number + 1)


def _insert(db: Db, token: str, seconds: int) -> None:
    db.execute(
        "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
        " input_amount, output_mint, output_amount, value_usd) values"
        " (%s, %s, 'SWAP', %s::timestamptz + %s * interval '1 second', %s, 0.001, %s, 1, 1)",
        [agent(1), wallet(1), BEGIN, seconds, SOL, token],
    )
