"""The service, beside PostgreSQL without it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

from tests.bench.books import agent, connected, make_history, make_wallets, settle, wallet
from tests.bench.case import Effort, case
from tests.bench.cases.trades import add_percentiles, insert_trades, make_traders, percentiles
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_least, ratio
from tests.bench.web import Site, load, serving
from tests.ledger import SOL

CLIENTS_THAT_TRADE = 8
CLIENTS_THAT_READ = 4


@case(
    "One trade over HTTP, 8 clients on 200 wallets",
    Line("HTTP", "INSERT", "HTTP per INSERT", at_least(0.4, "HTTP per INSERT"), percentiles=True),
)
def trades_over_http(place: Place, effort: Effort) -> list[Figure]:
    """POST /agent-transactions, all on the same processors. Beside 8 clients of SQL that INSERT the same trades."""
    wallets = range(1, effort.of(200, least=8) + 1)
    http, inserted, driver = Figure("HTTP", "/s"), Figure("INSERT", "/s"), Figure("driver's share of a processor", "")
    latencies = percentiles("HTTP")
    with place.book() as book:
        make_traders(book, wallets)
        with serving(book) as site:
            for _ in range(effort.repetitions):
                inserted.values.append(insert_trades(place, book, effort.seconds, wallets).per_second)
                done, share = load(site, CLIENTS_THAT_TRADE, effort.seconds, lambda: _trade(site, wallets))
                http.values.append(done.per_second)
                driver.values.append(share)
                add_percentiles(latencies, done)
    return [http, inserted, ratio("HTTP per INSERT", http, inserted), *latencies, driver]


def _trade(site: Site, wallets: range) -> bytes:
    number, token = random.choice(wallets), f"T{random.randrange(5)}"
    given, got = ((SOL, "0.001"), (token, "1")) if random.random() < 0.5 else ((token, "1"), (SOL, "0.001"))
    return site.request(
        "POST",
        "/agent-transactions",
        json.dumps(
            {
                "agentId": agent(number),
                "walletAddress": wallet(number),
                "transactionType": "SWAP",
                "transactionTime": datetime.now(UTC).isoformat(),
                "valueUsd": "0.1",
                "feesSol": "0.000005",
                "inputMint": given[0],
                "inputAmount": given[1],
                "outputMint": got[0],
                "outputAmount": got[1],
            }
        ),
    )


@case(
    "Summary over HTTP, 4 clients",
    Line("HTTP", "TPC-B", "HTTP per TPC-B", at_least(0.6, "HTTP per TPC-B"), percentiles=True),
    Line("HTTP", "select-only", "HTTP per select-only"),
)
def summary_over_http(place: Place, effort: Effort) -> list[Figure]:
    """GET /agents/{id}/performance of agents with 1,000 swaps, all on the same processors.

    Beside TPC-B with a scale of 50, and pgbench's reading of one row by its key, 8 clients each.
    """
    agents = 4
    http, driver = Figure("HTTP", "/s"), Figure("driver's share of a processor", "")
    tpcb, select_only = Figure("TPC-B", "/s"), Figure("select-only", "/s")
    latencies = percentiles("HTTP")
    with place.book() as book, place.database("tpcb") as other:
        with connected(book) as db:
            make_wallets(db, agents)
            for number in range(1, agents + 1):
                make_history(db, number, effort.of(1000))
            settle(db)
        place.make_tpcb(other, 50)
        with serving(book) as site:
            requests = [site.request("GET", f"/agents/{agent(number + 1)}/performance") for number in range(agents)]
            for _ in range(effort.repetitions):
                tpcb.values.append(place.load(other, "tpcb-like", effort.seconds).per_second)
                select_only.values.append(place.load(other, "select-only", effort.seconds).per_second)
                done, share = load(site, CLIENTS_THAT_READ, effort.seconds, lambda: random.choice(requests))
                http.values.append(done.per_second)
                driver.values.append(share)
                add_percentiles(latencies, done)
    return [
        *(http, tpcb, ratio("HTTP per TPC-B", http, tpcb)),
        *(select_only, ratio("HTTP per select-only", http, select_only)),
        *(*latencies, driver),
    ]
