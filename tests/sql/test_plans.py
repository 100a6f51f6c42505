"""What a question costs as the history grows, as the API's role: pages of shared memory, and the order of an index."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, START, Ledger, acting_as, new_agent, new_user, value

BATCH = """
    insert into agent_transactions (
        agent_id, wallet_address, transaction_type, transaction_time, value_usd,
        input_mint, input_amount, output_mint, output_amount
    )
    select
        %(agent)s, %(wallet)s, 'SWAP', %(start)s + n * interval '10 minutes', 100,
        case when n %% 2 = 0 then %(sol)s else token end, case when n %% 2 = 0 then 1 else 100 end,
        case when n %% 2 = 0 then token else %(sol)s end, case when n %% 2 = 0 then 100 else 1 + (n %% 7 - 3) * 0.01 end
    from generate_series(0, 2 * %(count)s - 1) as n
    cross join lateral (select 'T' || (n / 2) %% 50 as token) as t
"""


def traded(db: psycopg.Connection[Any], sales: int) -> Ledger:
    """A wallet with so many sales of fifty tokens, a trade each."""
    ledger = Ledger(db, sol="100000")
    db.execute(
        BATCH,
        {
            "agent": ledger.agent,
            "wallet": ledger.wallet,
            "start": START + timedelta(days=1),
            "sol": SOL,
            "count": sales,
        },
    )
    return ledger


def explain(ledger: Ledger, query: str, *parameters: Any) -> dict[str, Any]:
    """The plan of a query as the API's role, with what it read when it had been run once before."""
    with acting_as(ledger.db, "api", ledger.user):
        ledger.db.execute(query, parameters).fetchall()
        plan = value(ledger.db, f"explain (analyze, buffers, timing off, format json) {query}", *parameters)
    found = plan if isinstance(plan, list) else json.loads(plan)
    node = found[0]["Plan"]
    assert isinstance(node, dict)
    return node


def buffers(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def nodes(plan: dict[str, Any]) -> list[str]:
    return [plan["Node Type"], *(name for child in plan.get("Plans", []) for name in nodes(child))]


@pytest.fixture
def small_and_large(db: psycopg.Connection[Any]) -> tuple[Ledger, Ledger]:
    small, large = traded(db, 50), traded(db, 5000)
    db.execute("analyze")
    assert value(db, "select count(*) from agent_historical_swaps where agent_id = %s", large.agent) == 5000
    return small, large


def test_a_summary_reads_the_same_whatever_the_history(small_and_large: tuple[Ledger, Ledger]) -> None:
    query = "select * from report.performance(%s)"
    small, large = (buffers(explain(ledger, query, ledger.agent)) for ledger in small_and_large)
    assert abs(large - small) < 20, (small, large)


def test_a_page_of_a_list_is_read_in_the_order_of_an_index(small_and_large: tuple[Ledger, Ledger]) -> None:
    _, large = small_and_large
    for view, time, key in [
        ("historical_swaps", "sale_time", "id"),
        ("trades", "closed_at", "closing_swap_id"),
        ("tax_gains", "sold_at", "sale_transaction_id"),
    ]:
        query = f"select * from report.{view} where agent_id = %s order by {time} desc, {key} desc limit 100"
        plan = explain(large, query, large.agent)
        assert "Sort" not in nodes(plan), view
        # A sort of the whole, or a scan of it, would read some hundreds more.
        half = explain(large, query.replace("limit 100", "limit 50"), large.agent)
        assert buffers(plan) < 2.5 * buffers(half) + 20, view


class Market:
    """Twenty tokens that fifty wallets hold, and prices of all of them at once."""

    tokens = tuple(f"T{number}" for number in range(20))

    def __init__(self, db: psycopg.Connection[Any], *, commits: bool) -> None:
        self.db = db
        self.commits = commits
        user = new_user(db)
        for _ in range(50):
            Ledger(db, agent=new_agent(db, user))
        db.execute(
            """
            insert into agent_transactions (
                agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, output_mint,
                output_amount, value_usd
            )
            select w.agent_id, w.wallet_address, 'SWAP', clock_timestamp(), %s, 1, t.token, 100, 100
            from agent_wallets as w, unnest(%s::text[]) as t (token)
            """,
            [SOL, list(self.tokens)],
        )
        db.execute("analyze")

    def buffers(self, price: str = "0.01") -> int:
        """What a batch of one price for all reads; it stays."""
        at = value(self.db, "select clock_timestamp()").isoformat()
        told = [{"tokenAddress": token, "observedAt": at, "priceSol": price} for token in self.tokens]
        plan = value(
            self.db,
            "explain (analyze, buffers, timing off, format json) select book.record_prices(%s)",
            json.dumps(told),
        )
        if self.commits:
            self.db.commit()
        return buffers(plan[0]["Plan"])


@pytest.mark.parametrize("commits", [True, False])
def test_a_price_batch_reads_the_same_however_many_came_before_and_whatever_plan_is_kept(
    db: psycopg.Connection[Any], commits: bool
) -> None:
    """Statistics are of a table without prices, and after some batches PostgreSQL keeps its plans.

    A feed commits each batch, and what is dead can go; where that is not so, plans are kept from the very first one.
    """
    market = Market(db, commits=commits)
    for number in range(6):
        market.buffers(f"0.0100{number}")
    few, few_peaks = market.buffers(), market.buffers("0.0101")
    for _ in range(40):
        market.buffers()
    many, many_peaks = market.buffers(), market.buffers("0.0102")
    assert many < 1.5 * few, (few, many)
    assert many_peaks < 1.15 * few_peaks, (few_peaks, many_peaks)
    # One look at each of 1,000 positions: its row, and no price of its own.
    assert many < 3500 or not commits, many


def test_what_takes_milliseconds_is_not_compiled_first(db: psycopg.Connection[Any]) -> None:
    """Where the server has LLVM, that would take a second."""
    compiled = db.execute(
        """
        select p.oid::regproc::text
        from pg_proc as p
        where
            p.oid::regproc::text = any (%s)
            and not coalesce('jit=off' = any (p.proconfig), false)
        """,
        [["book.tg_agent_transactions__post", "book.void_transaction", "report.performance", "report.breakdown"]],
    ).fetchall()
    assert compiled == []
