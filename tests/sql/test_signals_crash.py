"""The server is killed between signals and what agents do with them: nothing is lost, nothing is bought twice."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from tests import server
from tests.ledger import SOL, Ledger, audit, new_agent, new_user, value

KILLS = 4
SIGNALS_BETWEEN = 25
AGENTS = 12

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")


class Worker(threading.Thread):
    """Does something again and again until the server is gone."""

    failure: BaseException | None = None

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def run(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                while True:
                    self.work(connection)
        except psycopg.OperationalError:
            pass
        except BaseException as failure:
            self.failure = failure

    def work(self, connection: psycopg.Connection) -> None:
        raise NotImplementedError


class Source(Worker):
    """Makes signals, and remembers those that were acknowledged; one that was not is made again, by its key."""

    def __init__(self, url: str, user: UUID, known: Source | None) -> None:
        super().__init__(url)
        self.user = user
        self.acknowledged: dict[str, int] = {} if known is None else known.acknowledged
        self.asked = None if known is None else known.asked

    def work(self, connection: psycopg.Connection) -> None:
        self.asked = self.asked or str(uuid4())
        request = {"tokenAddress": self.asked, "signalType": "buy", "signalStrength": 3}
        # A price that is fresh when the signal comes.
        connection.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol)"
            " values (%s, 'feed', clock_timestamp() - interval '1 second', 0.01) on conflict do nothing",
            [self.asked],
        )
        made = value(
            connection,
            "select (document ->> 'id')::int from book.create_trading_signal(%s, %s, %s)",
            self.user,
            json.dumps(request),
            self.asked,
        )
        self.acknowledged[self.asked] = made
        self.asked = None


class Trader(Worker):
    """Keeps wallets busy, so that agents are left pending."""

    def __init__(self, url: str, wallets: list[str]) -> None:
        super().__init__(url)
        self.wallets = wallets

    def work(self, connection: psycopg.Connection) -> None:
        with connection.transaction():
            connection.execute("select book.lock_wallets(%s)", [self.wallets])
            connection.execute("select pg_sleep(0.02)")


class Retrier(Worker):
    """Does what was left, as the installation's worker does."""

    def work(self, connection: psycopg.Connection) -> None:
        connection.execute("select book.act_on_pending(clock_timestamp())")


def test_after_each_kill_every_signal_has_its_purchases_once(durable: server.DurableServer) -> None:
    url = durable.url("book")
    with psycopg.connect(url) as db:
        user = new_user(db)
        ledgers = [Ledger(db, sol="100000", agent=new_agent(db, user)) for _ in range(AGENTS)]
        db.execute('update agents set trading_config = \'{"purchaseLimits": {"maxOpenPositions": 1000}}\'')
        db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
            " values (%s, 'feed', now(), 1, 100)",
            [SOL],
        )
    source: Source | None = None
    for kill in range(1, KILLS + 1):
        source = Source(url, user, source)
        busy = Trader(url, [ledger.wallet for ledger in ledgers[: AGENTS // 3]])
        workers: list[Worker] = [source, busy, Retrier(url)]
        for worker in workers:
            worker.start()
        while len(source.acknowledged) < kill * SIGNALS_BETWEEN and all(worker.is_alive() for worker in workers):
            source.join(0.02)
        durable.kill()
        for worker in workers:
            worker.join()
            if worker.failure is not None:
                raise worker.failure
        assert len(source.acknowledged) >= kill * SIGNALS_BETWEEN
        durable.start()
        with psycopg.connect(url) as db:
            _require_each_once(db, source.acknowledged)
    with psycopg.connect(url) as db:
        waited = value(
            db,
            "select count(*) from signal_executions where executed_at > (select created_at from"
            " trading_signals where id = signal_id) + interval '10 milliseconds'",
        )
        assert waited > 0, "no wallet was ever busy"
        while value(db, "select book.act_on_pending(clock_timestamp())"):
            pass
        assert value(db, "select count(*) from signal_executions where status = 'pending'") == 0
        _require_each_once(db, source.acknowledged if source else {})
        assert audit(db) == []


def _require_each_once(db: psycopg.Connection, acknowledged: dict[str, int]) -> None:
    known = dict(db.execute("select idempotency_key::text, id from trading_signals").fetchall())
    assert acknowledged.items() <= known.items()
    decided = db.execute("select signal_id, count(*) from signal_executions group by 1").fetchall()
    assert dict(decided) == dict.fromkeys(known.values(), AGENTS)
    bought = db.execute("select signal_id, agent_id, id from agent_transactions where signal_id is not null").fetchall()
    told = db.execute(
        "select signal_id, agent_id, transaction_id from signal_executions where status = 'success'"
    ).fetchall()
    assert sorted(bought) == sorted(told)
    # On a machine so slow that a price is a minute old, nothing is bought.
    others = "status not in ('success', 'pending') and reason is distinct from 'no_fresh_price'"
    assert value(db, f"select count(*) from signal_executions where {others}") == 0
