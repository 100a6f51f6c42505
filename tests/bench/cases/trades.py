"""One trade a transaction."""

from __future__ import annotations

from tests.bench.books import (
    AGENT,
    AS_API,
    USER,
    WALLET,
    connected,
    make_bare_table,
    make_wallets,
    open_positions,
    settle,
)
from tests.bench.case import Effort, case
from tests.bench.place import Load, Place
from tests.bench.results import Figure, Line, at_least, ratio
from tests.ledger import SOL

ONE_OF = "\\set w random(:first, :last)\n\\set t random(0, 4)\n\\set side random(0, 1)\n"

_INSERT = f"""insert into agent_transactions (
    agent_id, wallet_address, transaction_type, transaction_time, value_usd, fees_sol,
    input_mint, input_amount, output_mint, output_amount
) values (
    {AGENT.format(":w::int")}, {WALLET.format(":w::int")}, 'SWAP', clock_timestamp(), 0.1, 0.000005, """

INSERT = f"""{ONE_OF}\\if :side
{_INSERT} '{SOL}', 0.001, 'T' || :t::int, 1);
\\else
{_INSERT} 'T' || :t::int, 1, '{SOL}', 0.001);
\\endif
"""
"""A buy, or a sale of a part, in one of the wallets: one INSERT, committed by itself. The connection is AS_API."""

BARE = f"""{ONE_OF}insert into bare (
    agent_id, wallet_address, user_id, transaction_type, transaction_time, transaction_value_usd, value_usd, value_sol,
    fees, fees_sol, fees_usd, input_mint, input_symbol, input_amount, output_mint, output_symbol, output_amount,
    recorded_by
) values (
    {AGENT.format(":w::int")}, {WALLET.format(":w::int")}, '{USER}', 'SWAP', clock_timestamp(), 0.1, 0.1, 0.001,
    0.000005, 0.000005, 0.0005, '{SOL}', 'SOL', 0.001, 'T' || :t::int, 'T' || :t::int, 1,
    'bench'
);
"""
"""The row that comes of such a buy, into a table with the same keys, CHECKs and indexes, and no triggers."""

RECORD = f"""{ONE_OF}begin;
select
    set_config('tradebook.user_id', '{USER}', true),
    set_config('tradebook.actor', 'bench', true),
    set_config('role', 'tradebook_api', true);
select r.document from book.record_transaction('{USER}', jsonb_build_object(
    'agentId', {AGENT.format(":w::int")},
    'walletAddress', {WALLET.format(":w::int")},
    'transactionType', 'SWAP',
    'transactionTime', clock_timestamp(),
    'valueUsd', '0.1',
    'feesSol', '0.000005',
    'inputMint', case :side::int when 0 then '{SOL}' else 'T' || :t::int end,
    'inputAmount', case :side::int when 0 then '0.001' else '1' end,
    'outputMint', case :side::int when 0 then 'T' || :t::int else '{SOL}' end,
    'outputAmount', case :side::int when 0 then '1' else '0.001' end
), null) as r;
commit;
"""
"""The same trade as the service books it: it says whose transaction this is, and has the row back as JSON."""


def make_traders(url: str, wallets: range) -> None:
    """Wallets whose five tokens are bought and sold by these scripts, and never run out."""
    with connected(url) as db:
        make_wallets(db, wallets[-1])
        open_positions(db, wallets, 5, 5, at="2025-06-02T00:00:00Z", amount="1000000")
        settle(db)


def insert_trades(place: Place, url: str, seconds: int, wallets: range) -> Load:
    """By 8 clients."""
    return place.load(url, INSERT, seconds, options=AS_API, first=wallets[0], last=wallets[-1])


def percentiles(name: str) -> list[Figure]:
    """Figures of how long a transaction takes."""
    return [Figure(f"{name}, p{percent}", "ms") for percent in (50, 95, 99)]


def add_percentiles(figures: list[Figure], load: Load) -> None:
    """Of one more load."""
    for figure, percent in zip(figures, (50, 95, 99), strict=True):
        figure.values.append(load.percentile(percent))


def measure_trades(place: Place, effort: Effort, wallets: range, scale: int) -> list[Figure]:
    """INSERT, record_transaction, TPC-B and an INSERT of the bare row in turns, all by 8 clients."""
    inserted, recorded, tpcb = Figure("INSERT", "/s"), Figure("record_transaction", "/s"), Figure("TPC-B", "/s")
    bare = Figure("bare INSERT", "/s")
    of_insert, of_record = map(percentiles, ("INSERT", "record_transaction"))
    with place.book() as book, place.database("tpcb") as other:
        make_traders(book, wallets)
        with connected(book) as db:
            make_bare_table(db)
        place.make_tpcb(other, scale)
        for _ in range(effort.repetitions):
            tpcb.values.append(place.load(other, "tpcb-like", effort.seconds).per_second)
            load = insert_trades(place, book, effort.seconds, wallets)
            inserted.values.append(load.per_second)
            add_percentiles(of_insert, load)
            load = place.load(book, RECORD, effort.seconds, first=wallets[0], last=wallets[-1])
            recorded.values.append(load.per_second)
            add_percentiles(of_record, load)
            load = place.load(book, BARE, effort.seconds, options=AS_API, first=wallets[0], last=wallets[-1])
            bare.values.append(load.per_second)
    return [
        *(inserted, recorded, tpcb, bare),
        ratio("INSERT of bare INSERT", inserted, bare),
        *(ratio("INSERT per TPC-B", inserted, tpcb), ratio("record_transaction per TPC-B", recorded, tpcb)),
        *(*of_insert, *of_record),
    ]


TRADE_LINES = (
    Line("INSERT", "TPC-B", "INSERT per TPC-B", at_least(1, "INSERT per TPC-B"), percentiles=True),
    Line("INSERT", "bare INSERT", "INSERT of bare INSERT"),
    Line(
        "record_transaction",
        "TPC-B",
        "record_transaction per TPC-B",
        at_least(1, "record_transaction per TPC-B"),
        percentiles=True,
    ),
)


@case("One trade a transaction, SQL, 8 clients on 200 wallets", *TRADE_LINES)
def trades_of_many_wallets(place: Place, effort: Effort) -> list[Figure]:
    """Beside pgbench's TPC-B with a scale of 50, in which clients rarely wait for each other either."""
    return measure_trades(place, effort, range(1, effort.of(200, least=8) + 1), 50)


@case("The same on one wallet, for which all clients wait", *TRADE_LINES)
def trades_of_one_wallet(place: Place, effort: Effort) -> list[Figure]:
    """Beside TPC-B with a scale of 1, whose clients wait for one branch."""
    return measure_trades(place, effort, range(1, 2), 1)
