"""Many trades in one statement."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from tests.bench.books import AS_API, USER, Db, agent, connected, make_bare_table, make_wallets, settle, wallet
from tests.bench.case import Effort, case, seconds_of
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_least, ratio
from tests.ledger import SOL

SIZE = 1000
RECORD = "select count(*) from book.record_transactions(%s, %s, false)"

STATED = (
    "agent_id, wallet_address, transaction_type, transaction_time, value_usd, input_mint, input_amount, output_mint, "
    "output_amount"
)
STORED = (
    "id, agent_id, wallet_address, transaction_type, transaction_value_usd, transaction_time, fees, input_mint, "
    "input_symbol, input_amount, output_mint, output_symbol, output_amount, user_id, fees_sol, fees_usd, value_sol, "
    "value_usd, origin, created_at, updated_at, recorded_by"
)
"""What a client states of a transaction, and what is then in the row."""


@case(
    "Batches of 1,000",
    Line("INSERT", "COPY", "INSERT of COPY", at_least(0.35, "INSERT of COPY")),
    Line("INSERT", "single", "INSERT of single", at_least(8, "INSERT of single")),
    Line(
        "record_transactions",
        "COPY",
        "record_transactions of COPY",
        at_least(0.35, "record_transactions of COPY"),
    ),
)
def batches(place: Place, effort: Effort) -> list[Figure]:
    """One client, as the service's role, on one wallet: an INSERT of 1,000 rows, or book.record_transactions.

    Beside a COPY of the same transactions into a table with the same keys, CHECKs and indexes and no triggers, and
    beside single INSERTs that are committed one by one.
    """
    inserted, recorded = Figure("INSERT", "rows/s"), Figure("record_transactions", "rows/s")
    copied, single = Figure("COPY", "rows/s"), Figure("single", "rows/s")
    with place.book() as book, connected(book) as db, connected(book, AS_API) as api:
        make_wallets(db, 1)
        make_bare_table(db)
        settle(db)
        numbers = itertools.count()
        for _ in range(effort.repetitions):
            inserted.values.append(SIZE / seconds_of(insert_of(api, [buy(next(numbers)) for _ in range(SIZE)])))
            copied.values.append(SIZE / _seconds_of_copy(db))
            requests = json.dumps([request_of(buy(next(numbers))) for _ in range(SIZE)])
            recorded.values.append(SIZE / seconds_of(lambda: api.execute(RECORD, [USER, requests])))
            singles = [insert_of(api, [buy(next(numbers))]) for _ in range(effort.of(500))]
            single.values.append(len(singles) / seconds_of(lambda: [each() for each in singles]))
    return [
        *(inserted, recorded, copied, single),
        *(ratio("INSERT of COPY", inserted, copied), ratio("record_transactions of COPY", recorded, copied)),
        ratio("INSERT of single", inserted, single),
    ]


def buy(number: int, *, of: int = 1, begin: int = 1_760_000_000) -> list[Any]:
    """A buy in that wallet, a second after the one before: the columns of STATED."""
    at = datetime.fromtimestamp(begin + number, UTC)
    return [agent(of), wallet(of), "SWAP", at, "0.1", SOL, "0.001", f"B{number % 50}", "1"]


def request_of(trade: list[Any]) -> dict[str, str]:
    """The same as the body of a request."""
    names = (
        *("agentId", "walletAddress", "transactionType", "transactionTime", "valueUsd"),
        *("inputMint", "inputAmount", "outputMint", "outputAmount"),
    )
    return dict(zip(names, map(str, trade), strict=True)) | {"transactionTime": trade[3].isoformat()}


def insert_of(db: Db, trades: list[list[Any]]) -> Any:
    """What inserts them, in one statement."""
    row = f"({', '.join(['%s'] * len(trades[0]))})"
    statement = f"insert into agent_transactions ({STATED}) values {', '.join([row] * len(trades))}"
    return lambda: db.execute(statement, [value for trade in trades for value in trade])


def _seconds_of_copy(db: Db) -> float:
    rows = db.execute(
        f"select {STORED} from agent_transactions where transaction_type = 'SWAP' order by ledger_order desc limit %s",
        [SIZE],
    ).fetchall()

    def copy_all() -> None:
        with db.cursor() as cursor, cursor.copy(f"copy bare ({STORED}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    return seconds_of(copy_all)
