"""What wallets are worth at an hour."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.bench.books import Db, connected, make_wallets, open_positions, settle, wallet
from tests.bench.case import Effort, case, seconds_of
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_least, ratio

AS_JOBS = "-c role=tradebook_jobs"


@case(
    "Snapshots of 10,000 wallets, 5 positions each",
    Line("snapshots", aim=at_least(20_000, "snapshots")),
    Line("snapshots", "a loop", "snapshots of a loop", at_least(50, "snapshots of a loop")),
)
def snapshots(place: Place, effort: Effort) -> list[Figure]:
    """One call of book.store_balance_snapshots, as the role of the jobs.

    Beside a program that asks for each wallet's portfolio and stores what it is worth.
    """
    wallets = effort.of(10_000)
    looped = effort.of(300)
    ours, loop = Figure("snapshots", "wallets/s"), Figure("a loop", "wallets/s")
    with place.book() as book, connected(book) as db, connected(book, AS_JOBS) as jobs:
        make_wallets(db, wallets)
        open_positions(db, range(1, wallets + 1), 5, 500, at="2025-06-02T00:00:00Z")
        make_prices(db)
        settle(db)
        for hour in range(effort.repetitions):
            at = datetime(2025, 7, 1, hour, tzinfo=UTC)
            ours.values.append(wallets / seconds_of(lambda: store_snapshots(jobs, at)))
            assert db.execute("select count(*) from agent_balance_snapshots").fetchone() == ((hour + 1) * wallets,)
            loop.values.append(looped / seconds_of(lambda: _store_one_by_one(db, looped)))
    return [ours, loop, ratio("snapshots of a loop", ours, loop)]


def make_prices(db: Db) -> None:
    """Of T0 to T499."""
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " select 'T' || n, 'feed', '2025-06-02T00:00:00Z', 0.011, 1.1 from generate_series(0, 499) as n"
    )


def store_snapshots(jobs: Db, at: datetime) -> int:
    """Of the hour that begins then or comes next, and how many there are."""
    (stored,) = jobs.execute("select book.store_balance_snapshots(book.hour_at_or_after(%s))", [at]).fetchone() or (0,)
    assert isinstance(stored, int)
    return stored


def _store_one_by_one(db: Db, wallets: int) -> None:
    """Nothing of it stays."""
    with db.transaction(force_rollback=True):
        db.execute("create temporary table looped (wallet text, sol numeric, value numeric) on commit drop")
        for number in range(1, wallets + 1):
            row = db.execute(
                "select sol_balance, positions_value_sol from report.portfolio where wallet_address = %s",
                [wallet(number)],
            ).fetchone()
            assert row is not None
            db.execute("insert into looped values (%s, %s, %s)", [wallet(number), *row])
