"""What is measured: each case with its yardstick, in turns on the same server."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.bench.books import AGENT, USER, WALLET, make_wallets, open_positions, settle
from tests.bench.place import Place, server_milliseconds
from tests.bench.results import Figure
from tests.ledger import SOL

Db = psycopg.Connection[Any]


@dataclass(frozen=True)
class Effort:
    """How much is done for a figure."""

    repetitions: int
    seconds: int
    """Of each load."""
    share: float
    """Of the sizes that the cases are about."""

    def of(self, size: int) -> int:
        """A size, or less of it."""
        return max(int(size * self.share), 1)


QUICK = Effort(repetitions=2, seconds=3, share=0.02)
WHOLE = Effort(repetitions=5, seconds=10, share=1)

Measure = Callable[[Place, Effort], list[Figure]]


@dataclass(frozen=True)
class Case:
    """Something that is measured."""

    name: str
    about: str
    aim: str
    measure: Measure


CASES: dict[str, Case] = {}


def case(about: str, aim: str) -> Callable[[Measure], Measure]:
    """A function that measures, by its own name."""

    def enter(measure: Measure) -> Measure:
        CASES[measure.__name__] = Case(measure.__name__, about, aim, measure)
        return measure

    return enter


AS_USER = f"""
begin;
select
    set_config('tradebook.user_id', ({USER})::text, true),
    set_config('tradebook.actor', 'bench', true),
    set_config('role', 'tradebook_api', true);
"""

TRADE = (
    "\\set w random(1, :wallets)\n\\set t random(0, 4)\n\\set side random(0, 1)\n"
    + AS_USER
    + f"""
select r.document from book.record_transaction({USER}, jsonb_build_object(
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
)
"""A trade as the service books it, a buy or a sale of a part, in one of the wallets."""


@contextmanager
def connected(url: str) -> Iterator[Db]:
    with psycopg.connect(url) as db:
        db.execute("set client_min_messages = warning")
        yield db


def timed(work: Callable[[], object]) -> float:
    """The seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratio(name: str, ours: Figure, theirs: Figure) -> Figure:
    """Repetition by repetition, since a machine's speed drifts."""
    return Figure(name, "", [a / b for a, b in zip(ours.values, theirs.values, strict=True)])


def _trades(place: Place, effort: Effort, *, wallets: int, scale: int) -> list[Figure]:
    trades, tpcb, ninety_nine = Figure("trades", "/s"), Figure("TPC-B", "/s"), Figure("p99", " ms")
    with place.database() as book, place.database("tpcb", is_migrated=False) as other:
        with connected(book) as db:
            make_wallets(db, wallets)
            open_positions(db, wallets, 5, 5, at="2025-06-02T00:00:00Z", amount="1000000")
            settle(db)
        place.make_tpcb(other, scale)
        for _ in range(effort.repetitions):
            tpcb.values.append(place.load(other, "tpcb-like", effort.seconds).per_second)
            load = place.load(book, TRADE, effort.seconds, wallets=wallets)
            trades.values.append(load.per_second)
            ninety_nine.values.append(load.percentile(99))
        _require_audited(book)
    return [ratio("ratio", trades, tpcb), trades, tpcb, ninety_nine]


@case("one trade a transaction, SQL, 8 clients on 200 wallets", "1.0 trades per TPC-B transaction")
def trades_of_many_wallets(place: Place, effort: Effort) -> list[Figure]:
    """TPC-B with a scale of 50."""
    return _trades(place, effort, wallets=200, scale=50)


@case("the same on one wallet, for which all clients wait", "at least as many as TPC-B with scale 1")
def trades_of_one_wallet(place: Place, effort: Effort) -> list[Figure]:
    """TPC-B with a scale of 1, whose clients wait for one branch."""
    return _trades(place, effort, wallets=1, scale=1)


@case("batches of 1,000", "0.35 of the rows/s of a bare COPY; 8 times single inserts")
def batches(place: Place, effort: Effort) -> list[Figure]:
    """COPY of the same transactions into a table with the same keys, CHECKs and indexes, without triggers."""
    batch, copied, single = Figure("batches", " rows/s"), Figure("COPY", " rows/s"), Figure("single", " rows/s")
    size, singles = 1000, effort.of(1000)
    with place.database() as book, connected(book) as db:
        make_wallets(db, 1)
        db.execute("create table bare (like agent_transactions including all)")
        # The keys to other tables are not copied with a table.
        for (key,) in db.execute(
            "select pg_get_constraintdef(oid) from pg_constraint"
            " where conrelid = 'agent_transactions'::regclass and contype = 'f'"
        ).fetchall():
            db.execute(f"alter table bare add {key}")
        settle(db)
        numbers = itertools.count()
        for _ in range(effort.repetitions):
            requests = json.dumps([_buy(next(numbers)) for _ in range(size)])
            seconds = timed(
                lambda: _as_user(db, f"select * from book.record_transactions({USER}, %s, false)", requests)
            )
            batch.values.append(size / seconds)
            columns = (
                "id, agent_id, wallet_address, transaction_type, transaction_value_usd, transaction_time, fees, "
                "input_mint, input_symbol, input_amount, output_mint, output_symbol, output_amount, user_id, fees_sol, "
                "fees_usd, value_sol, value_usd, origin, created_at, updated_at, recorded_by"
            )
            rows = db.execute(
                f"select {columns} from agent_transactions where transaction_type = 'SWAP'"
                " order by ledger_order desc limit %s",
                [size],
            ).fetchall()
            db.commit()
            copied.values.append(size / timed(lambda: _copy(db, columns, rows)))
            one_by_one = [json.dumps(_buy(next(numbers))) for _ in range(singles)]
            seconds = timed(
                lambda: [
                    _as_user(db, f"select * from book.record_transaction({USER}, %s, null)", r) for r in one_by_one
                ]
            )
            single.values.append(singles / seconds)
        _require_audited(book)
    return [ratio("of COPY", batch, copied), ratio("times single", batch, single), batch, copied, single]


def _buy(number: int) -> dict[str, str]:
    return {
        "agentId": str(_agent(1)),
        "walletAddress": _wallet(1),
        "transactionType": "SWAP",
        "transactionTime": datetime.fromtimestamp(1_760_000_000 + number, UTC).isoformat(),
        "valueUsd": "0.1",
        "inputMint": SOL,
        "inputAmount": "0.001",
        "outputMint": f"T{number % 50}",
        "outputAmount": "1",
    }


def _copy(db: Db, columns: str, rows: list[tuple[Any, ...]]) -> None:
    with db.transaction(), db.cursor() as cursor, cursor.copy(f"copy bare ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


@case(
    "a price batch over 500 tokens, 10,000 open positions, 20 % new peaks", "under 60 ms; with 1 % exits under 150 ms"
)
def price_batch(place: Place, effort: Effort) -> list[Figure]:
    """Beside a program that reads the positions, decides, and writes them one by one."""
    quiet, exits, loop = Figure("without exits", " ms"), Figure("with exits", " ms"), Figure("one by one", " ms")
    wallets, each, tokens = effort.of(2000), 5, 500
    with place.database() as book, connected(book) as db:
        make_wallets(db, wallets)
        open_positions(db, wallets, each, tokens, at=datetime.now(UTC).isoformat())
        settle(db)
        prices = ["0.01"] * tokens
        _record_prices(db, prices)
        _record_prices(db, ["0.0099"] * tokens)
        for round_ in range(effort.repetitions):
            peak = f"0.01{round_ + 1:04}"
            quiet.values.append(
                1000 * timed(lambda: _record_prices(db, [peak if n % 5 == 0 else "0.01" for n in range(tokens)]))
            )
            loop.values.append(1000 * timed(lambda: _peaks_one_by_one(db, f"{peak}5")))
            falling = {round_ * 5 + n + 1 for n in range(5)}
            exits.values.append(
                1000 * timed(lambda: _record_prices(db, ["0.005" if n in falling else "0.01" for n in range(tokens)]))
            )
        _require_audited(book)
    return [quiet, exits, loop]


def _record_prices(db: Db, prices: list[str]) -> None:
    at = db.execute("select clock_timestamp()").fetchone()
    assert at is not None
    told = json.dumps(
        [
            {"tokenAddress": f"T{n}", "observedAt": at[0].isoformat(), "priceSol": price}
            for n, price in enumerate(prices)
        ]
    )
    with db.transaction():
        db.execute("select set_config('role', 'tradebook_feed', true)")
        db.execute("select book.record_prices(%s)", [told])


def _peaks_one_by_one(db: Db, peak: str) -> None:
    """As a program does it that keeps the rules to itself. Nothing of it stays."""
    with db.transaction(force_rollback=True):
        db.execute("select set_config('role', 'tradebook_book', true)")
        for position, token, known in db.execute(
            "select id, token_address, peak_price from agent_positions"
        ).fetchall():
            if int(token[1:]) % 5 == 0 and known < float(peak):
                db.execute("update agent_positions set peak_price = %s where id = %s", [peak, position])


@case("one signal, 1,000 agents, all filled in simulation", "under 500 ms")
def signal(place: Place, effort: Effort) -> list[Figure]:
    """Beside a loop that books the same purchases one by one."""
    agents = effort.of(1000)
    filled, loop = Figure("one signal", " ms"), Figure("one by one", " ms")
    with place.database() as book, connected(book) as db:
        make_wallets(db, agents)
        settle(db)
        for round_ in range(effort.repetitions):
            token = f"S{round_}"
            db.execute(
                "insert into token_prices (token_address, source, observed_at, price_sol)"
                " values (%s, 'feed', clock_timestamp(), 0.01)",
                [token],
            )
            db.commit()
            filled.values.append(1000 * timed(lambda: _signal(db, token)))
            told = db.execute("select count(*) from signal_executions where status = 'success'").fetchone()
            assert told == ((round_ + 1) * agents,)
            db.commit()
            loop.values.append(1000 * timed(lambda: _buy_one_by_one(db, agents, f"L{round_}")))
        _require_audited(book)
    return [filled, loop]


def _signal(db: Db, token: str) -> None:
    with db.transaction():
        db.execute("select set_config('role', 'tradebook_feed', true)")
        db.execute(
            "insert into trading_signals (token_address, signal_type, signal_strength) values (%s, 'buy', 3)", [token]
        )


def _buy_one_by_one(db: Db, agents: int, token: str) -> None:
    for number in range(1, agents + 1):
        request = _buy(0) | {
            "agentId": _agent(number),
            "walletAddress": _wallet(number),
            "transactionTime": datetime.now(UTC).isoformat(),
            "outputMint": token,
        }
        _as_user(db, f"select * from book.record_transaction({USER}, %s, null)", json.dumps(request))


@case(
    "summary of an agent with 1,000,000 swaps", "under 1 ms in the server; buffers as with 1,000; 100 times a full scan"
)
def summary(place: Place, effort: Effort) -> list[Figure]:
    """Beside a query that reads all swaps of the agent."""
    ours, scan = Figure("summary", " ms"), Figure("full scan", " ms")
    buffers, few_buffers = Figure("buffers", ""), Figure("buffers with 1,000", "")
    swaps = effort.of(1_000_000)
    with place.database() as book, connected(book) as db:
        make_wallets(db, 2)
        _history(db, 1, swaps)
        _history(db, 2, 1000)
        settle(db)
        for _ in range(max(effort.repetitions, 5)):
            ms, read = _as_user_explained(db, f"select * from report.performance({AGENT.format('1')})")
            ours.values.append(ms)
            buffers.values.append(read)
            _, few = _as_user_explained(db, f"select * from report.performance({AGENT.format('2')})")
            few_buffers.values.append(few)
            ms, _ = _as_user_explained(
                db,
                "select count(*), sum(proceeds_sol - cost_basis_sol),"
                " count(*) filter (where proceeds_sol > cost_basis_sol)"
                f" from agent_historical_swaps where agent_id = {AGENT.format('1')}",
            )
            scan.values.append(ms)
    return [ours, ratio("times faster", scan, ours), buffers, few_buffers, scan]


def _history(db: Db, agent: int, swaps: int, *, at_once: int = 20_000) -> None:
    """A wallet that has bought and sold, two transactions a swap, in order of time."""
    for begin in range(0, swaps, at_once):
        number = min(at_once, swaps - begin)
        for side in ("buy", "sell"):
            given, got = (SOL, "T") if side == "buy" else ("T", SOL)
            db.execute(
                "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time,"
                " input_mint, input_amount, output_mint, output_amount, value_usd)"
                f" select {AGENT.format('%s')}, {WALLET.format('%s')}, 'SWAP',"
                " timestamptz '2025-06-02T00:00:00Z' + (n * 2 + %s) * interval '1 second',"
                " case %s when 'T' then 'T' || n %% 50 else %s end, 1 + n %% 7 * 0.01,"
                " case %s when 'T' then 'T' || n %% 50 else %s end, 1 + n %% 7 * 0.01, 1"
                " from generate_series(%s::int, %s) as n",
                [
                    *(agent, agent, begin * 2 + (number * 2 if side == "sell" else 0)),
                    *(given, given, got, got, begin, begin + number - 1),
                ],
            )
        db.commit()


@case("a late trade, 100 later rows of its token, in a wallet of 1,000,000", "under 5 ms")
def late_trade(place: Place, effort: Effort) -> list[Figure]:
    """Beside a trade that comes in order."""
    late, in_order = Figure("late", " ms"), Figure("in order", " ms")
    with place.database() as book, connected(book) as db:
        make_wallets(db, 1)
        _history(db, 1, effort.of(500_000))
        last = db.execute("select max(transaction_time) from agent_transactions").fetchone()
        assert last is not None
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            f" input_amount, output_mint, output_amount, value_usd) select {AGENT.format('1')}, {WALLET.format('1')},"
            " 'SWAP', %s::timestamptz + n * interval '1 minute', %s, 0.001, 'LATE', 1, 1"
            " from generate_series(1, 101) as n",
            [last[0], SOL],
        )
        settle(db)
        for number in range(max(effort.repetitions, 5)):
            late.values.append(1000 * timed(lambda: _insert_at(db, "LATE", last[0], 90 + number)))
            in_order.values.append(1000 * timed(lambda: _insert_at(db, "LATE", last[0], 10_000 + number)))
    return [late, in_order]


def _insert_at(db: Db, token: str, last: datetime, seconds: int) -> None:
    with db.transaction():
        db.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            f" input_amount, output_mint, output_amount, value_usd) values ({AGENT.format('1')}, {WALLET.format('1')},"
            " 'SWAP', %s::timestamptz + %s * interval '1 second', %s, 0.001, %s, 1, 1)",
            [last, seconds, SOL, token],
        )


@case("snapshots of 10,000 wallets, 5 positions each", "20,000 wallets/s; 50 times a loop")
def snapshots(place: Place, effort: Effort) -> list[Figure]:
    """Beside a loop that asks each wallet's portfolio and stores it."""
    wallets, looped = effort.of(10_000), effort.of(500)
    ours, loop = Figure("wallets", "/s"), Figure("a loop", "/s")
    with place.database() as book, connected(book) as db:
        make_wallets(db, wallets)
        open_positions(db, wallets, 5, 500, at="2025-06-02T00:00:00Z")
        db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
            " select 'T' || n, 'feed', '2025-06-02T00:00:00Z', 0.011, 1.1 from generate_series(0, 499) as n"
        )
        settle(db)
        for hour in range(effort.repetitions):
            at = datetime(2025, 6, 3, hour, tzinfo=UTC)
            ours.values.append(wallets / timed(lambda: _in_one(db, "select book.store_balance_snapshots(%s)", at)))
            loop.values.append(looped / timed(lambda: _snapshots_one_by_one(db, looped)))
    return [ours, ratio("times the loop", ours, loop), loop]


def _in_one(db: Db, statement: str, *parameters: Any) -> None:
    with db.transaction():
        db.execute(statement, parameters)


def _snapshots_one_by_one(db: Db, wallets: int) -> None:
    """Nothing of it stays."""
    with db.transaction(force_rollback=True):
        db.execute("create temporary table looped (wallet text, sol numeric, value numeric) on commit drop")
        for number in range(1, wallets + 1):
            row = db.execute(
                "select sol_balance, positions_value_sol from report.portfolio where wallet_address = %s",
                [_wallet(number)],
            ).fetchone()
            assert row is not None
            db.execute("insert into looped values (%s, %s, %s)", [_wallet(number), *row])


@case("deleting an agent with 100,000 transactions", "under 10 s")
def delete_agent(place: Place, effort: Effort) -> list[Figure]:
    """All that is of it goes by cascades."""
    taken = Figure("seconds", " s")
    with place.database() as book, connected(book) as db:
        make_wallets(db, effort.repetitions)
        for number in range(1, effort.repetitions + 1):
            _history(db, number, effort.of(50_000))
        settle(db)
        for number in range(1, effort.repetitions + 1):
            taken.values.append(timed(lambda: _in_one(db, f"delete from agents where id = {AGENT.format(number)}")))
    return [taken]


def _as_user(db: Db, statement: str, *parameters: Any) -> None:
    with db.transaction():
        for command in AS_USER.replace("begin;", "").split(";"):
            if command.strip():
                db.execute(command)
        db.execute(statement, parameters).fetchall()


def _as_user_explained(db: Db, statement: str) -> tuple[float, int]:
    with db.transaction():
        for command in AS_USER.replace("begin;", "").split(";"):
            if command.strip():
                db.execute(command)
        return server_milliseconds(db, statement)


def _agent(number: int) -> str:
    return _uuid(f"agent{number}")


def _wallet(number: int) -> str:
    return f"sim_{_md5(f'wallet{number}')}"


def _uuid(text: str) -> str:
    hexes = _md5(text)
    return f"{hexes[:8]}-{hexes[8:12]}-{hexes[12:16]}-{hexes[16:20]}-{hexes[20:]}"


def _md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _require_audited(url: str) -> None:
    """Figures of a book that is wrong are none. Raises AssertionError."""
    with psycopg.connect(url) as db:
        findings = db.execute("select law, subject from report.ledger_audit limit 5").fetchall()
    assert not findings, findings
