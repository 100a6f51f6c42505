"""What a question costs as the history grows, as the API's role: pages of shared memory, and the order of an index."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

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


READ_WHOLE = "set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_bitmapscan = off"


@dataclass(frozen=True)
class Question:
    """What the service asks of PostgreSQL, and how it would be to have no index for it."""

    query: str
    parameters: Callable[[Ledger], list[Any]]
    without_index: str = READ_WHOLE


def page_far_behind(name: str, per_sale: int) -> Question:
    """A page of an agent's list with most of its rows before it; the list has so many for each sale."""

    def parameters(ledger: Ledger) -> list[Any]:
        given = {"limit": "5", "agentId": str(ledger.agent)}
        sales = value(ledger.db, "select count(*) from agent_historical_swaps where agent_id = %s", ledger.agent)
        before = json.dumps(given | {"offset": str(sales * per_sale * 4 // 5)})
        with acting_as(ledger.db, "api", ledger.user):
            page = "select p.next_cursor from book.list_page(%s, %s, %s, false) as p"
            cursor = value(ledger.db, page, name, ledger.user, before)
        return [name, ledger.user, json.dumps(given | {"cursor": cursor})]

    return Question("select p.body::text from book.list_page(%s, %s, %s, false) as p", parameters)


def of_wallet(name: str) -> Question:
    """What a wallet has of a token."""
    return Question(
        "select p.body::text from book.list_page(%s, %s, %s, false) as p",
        lambda ledger: [
            name,
            ledger.user,
            json.dumps({"agentId": str(ledger.agent), "walletAddress": ledger.wallet, "tokenAddress": "LATE"}),
        ],
    )


QUESTIONS = {
    "the summary": Question(
        "select s::text from book.performance_summary(%s, %s) as s",
        lambda ledger: [ledger.user, json.dumps({"agentId": str(ledger.agent)})],
    ),
    "a page of historical swaps": page_far_behind("list_historical_swaps", 1),
    "a page of transactions": page_far_behind("list_transactions", 2),
    "a page of trades": page_far_behind("list_trades", 1),
    "a transaction": Question(
        "select row_to_json(t)::text from api.transactions as t"
        " inner join agent_transactions as f on f.id = t.id where f.id = %s and f.user_id = %s",
        lambda ledger: [
            value(ledger.db, "select min(id::text) from agent_transactions where agent_id = %s", ledger.agent),
            ledger.user,
        ],
    ),
    "a position of a wallet": of_wallet("list_positions"),
    "a balance of a wallet": of_wallet("list_balances"),
    "events after one": Question(
        "select e.document::text from book.events_after(%s, %s, array['transactions'], %s, 5) as e",
        lambda ledger: [
            ledger.user,
            ledger.agent,
            value(ledger.db, "select max(sequence) - 5 from events where agent_id = %s", ledger.agent),
        ],
        "drop index events_user_id_sequence_idx; alter table events drop constraint events_pkey",
    ),
    "the latest price": Question("select p::text from book.get_price(%s) as p", lambda ledger: [ledger.wallet]),
    "a late trade": Question(
        "select r.document::text from book.record_transaction(%s, %s, null) as r",
        lambda ledger: [
            ledger.user,
            json.dumps(
                {
                    "agentId": str(ledger.agent),
                    "walletAddress": ledger.wallet,
                    "transactionType": "SWAP",
                    "transactionTime": "2025-01-02T00:18:30Z",
                    "valueUsd": "1",
                    "inputMint": SOL,
                    "inputAmount": "0.001",
                    "outputMint": "LATE",
                    "outputAmount": "1",
                }
            ),
        ],
        "drop index agent_transactions_output_history_idx",
    ),
}


def asked(db: psycopg.Connection[Any], sales: int) -> Ledger:
    """A wallet with so many sales, and twenty buys of a token; as many prices, events, and positions of others."""
    ledger = traded(db, sales)
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " select %s, 'feed', %s + n * interval '1 second', 1, 1 from generate_series(1, %s) as n",
        [ledger.wallet, START, sales],
    )
    buys = (
        "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, value_usd,"
        " input_mint, input_amount, output_mint, output_amount) select %s, %s, 'SWAP',"
        " timestamptz '2025-01-02T00:00:00Z' + n * interval '1 minute', 1, %s, 0.001, {}, 1"
        " from generate_series(1, %s) as n"
    )
    for _ in range(sales // 50):
        other = Ledger(db)
        db.execute(buys.format("'T' || n"), [other.agent, other.wallet, SOL, 50])
    db.execute(buys.format("'LATE'"), [ledger.agent, ledger.wallet, SOL, 20])
    db.execute("select book.number_events(1000000)")
    db.commit()
    db.execute("analyze")
    return ledger


def read(ledger: Ledger, question: Question) -> int:
    """Pages that are read for the answer."""
    return buffers(explain(ledger, question.query, *question.parameters(ledger)))


@pytest.fixture
def few_and_large(db: psycopg.Connection[Any]) -> tuple[dict[str, int], Ledger]:
    """What each answer reads where there is little of anything, and a long history beside that."""
    small = asked(db, 50)
    return {name: read(small, question) for name, question in QUESTIONS.items()}, asked(db, 5000)


def grows(few: int, many: int) -> bool:
    """Whether that is more than by a higher tree, and rows that lie farther from each other."""
    return many > 2 * few + 40


def test_an_answer_reads_the_same_whatever_the_history(few_and_large: tuple[dict[str, int], Ledger]) -> None:
    few, large = few_and_large
    found = {name: (few[name], read(large, question)) for name, question in QUESTIONS.items()}
    assert {name: numbers for name, numbers in found.items() if grows(*numbers)} == {}


def test_it_would_be_noticed_if_one_read_all(few_and_large: tuple[dict[str, int], Ledger]) -> None:
    few, large = few_and_large
    found = {}
    for name, question in QUESTIONS.items():
        with large.db.transaction(force_rollback=True):
            large.db.execute(question.without_index)
            found[name] = few[name], read(large, question)
    assert {name: numbers for name, numbers in found.items() if not grows(*numbers)} == {}


def buy_of_many_tokens(ledger: Ledger, number: int) -> None:
    """So many buys of fifty tokens, twenty minutes apart."""
    ledger.db.execute(
        "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, value_usd,"
        " input_mint, input_amount, output_mint, output_amount)"
        " select %s, %s, 'SWAP', %s + n * interval '20 minutes', 1, %s, 0.001, 'T' || n %% 50, 1"
        " from generate_series(1, %s) as n",
        [ledger.agent, ledger.wallet, START + timedelta(days=1), SOL, number],
    )


def read_for_a_trade(ledger: Ledger, at: str = "clock_timestamp()") -> int:
    """Pages that are read to book a buy of T1 at that time, an expression."""
    request = {
        "agentId": str(ledger.agent),
        "walletAddress": ledger.wallet,
        "transactionType": "SWAP",
        "valueUsd": "1",
        "inputMint": SOL,
        "inputAmount": "0.001",
        "outputMint": "T1",
        "outputAmount": "1",
    }
    query = (
        "select r.document::text from book.record_transaction("
        f"%s, %s || jsonb_build_object('transactionTime', {at}), null) as r"
    )
    return buffers(explain(ledger, query, ledger.user, Jsonb(request)))


def test_a_trade_reads_the_same_however_many_days_and_tokens_its_wallet_has_traded(
    db: psycopg.Connection[Any],
) -> None:
    """Beside many that have traded little: what is expected of a wallet is far from what this one has."""
    user = new_user(db)
    idle = [Ledger(db, agent=new_agent(db, user)) for _ in range(100)]
    busy = Ledger(db, sol="100000")
    buy_of_many_tokens(busy, 4000)
    db.execute("analyze")

    few, many = read_for_a_trade(idle[0]), read_for_a_trade(busy)
    assert many < few + 40, (few, many)


def test_a_late_trade_reads_the_same_whatever_came_since_its_plans_were_kept(db: psycopg.Connection[Any]) -> None:
    """They are made when the agent is young: beside others, it has a fact or two."""
    user = new_user(db)
    idle = [Ledger(db, agent=new_agent(db, user)) for _ in range(100)]
    for ledger in idle:
        buy_of_many_tokens(ledger, 30)
    busy = Ledger(db, sol="100000")
    db.execute("analyze")

    def read_for_a_late_trade() -> int:
        busy.buy("T1", "1", "0.001", transaction_time=value(db, "select clock_timestamp()"))
        return read_for_a_trade(busy, "clock_timestamp() - interval '1 minute'")

    few = [read_for_a_late_trade() for _ in range(4)][-1]
    # Less than would have the book make new statistics.
    buy_of_many_tokens(busy, 2000)
    many = read_for_a_late_trade()
    assert many < few + 60, (few, many)


@pytest.mark.parametrize("at_once", [1, 1000])
def test_a_period_is_read_once_before_anybody_has_analyzed(db: psycopg.Connection[Any], at_once: int) -> None:
    """Trades one by one, or in batches: what came first has statistics, by the book itself."""
    ledger = Ledger(db, sol="100000")
    for begin in range(0, 2000, at_once):
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, value_usd,"
            " input_mint, input_amount, output_mint, output_amount)"
            " select %(agent)s, %(wallet)s, 'SWAP', %(start)s + n * interval '1 minute', 1,"
            " case when n %% 2 = 0 then %(sol)s else 'T' end, 1, case when n %% 2 = 0 then 'T' else %(sol)s end, 1"
            " from generate_series(%(begin)s::int, %(end)s - 1) as n",
            {
                "agent": ledger.agent,
                "wallet": ledger.wallet,
                "start": START + timedelta(days=1),
                "sol": SOL,
                "begin": begin,
                "end": begin + at_once,
            },
        )

    def pages() -> int:
        query = "select * from report.performance(%s, %s, %s)"
        return buffers(explain(ledger, query, ledger.agent, START, START + timedelta(days=2)))

    before = pages()
    db.execute("analyze")
    after = pages()
    assert before < 2 * after, (before, after)


def test_a_trade_does_not_wait_for_whoever_makes_the_statistics(db: psycopg.Connection[Any], database_url: str) -> None:
    ledger = Ledger(db, sol="100000")
    db.commit()
    told: list[str] = []
    db.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    analyzed = (
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples >= 0"
    )
    with psycopg.connect(database_url) as other:
        other.execute("lock table wallet_totals in share update exclusive mode")
        db.execute("set statement_timeout = '10s'")
        buy_of_many_tokens(ledger, 300)
        db.commit()
        assert (told, db.execute(analyzed).fetchall()) == ([], [])
    buy_of_many_tokens(ledger, 300)
    assert ("wallet_totals",) in db.execute(analyzed).fetchall()


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
    """Where the server has LLVM, that would take a second.

    Until PostgreSQL 18, a forbidden scan that there is no way around makes a statement so dear that it is compiled.
    """
    compiled = db.execute(
        """
        select p.oid::regproc::text
        from pg_proc as p
        where
            (p.oid::regproc::text = any (%s) or 'enable_seqscan=off' = any (p.proconfig))
            and not coalesce('jit=off' = any (p.proconfig), false)
        """,
        [["book.tg_agent_transactions__post", "book.void_transaction", "report.performance", "report.breakdown"]],
    ).fetchall()
    assert compiled == []
