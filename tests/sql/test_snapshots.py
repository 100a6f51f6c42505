"""Hourly snapshots: what each wallet was worth at an instant, taken at once for all, or made up afterwards."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import errors
from psycopg.rows import dict_row

from app.commands.import_trades import import_trades
from tests import oracle
from tests.histories import Fact, History
from tests.ledger import SOL, START, Ledger, acting_as, new_agent, value
from tests.sessions import Session

DATA = Path(__file__).parents[3] / "shared" / "data"
HOUR = timedelta(hours=1)
NOON = START + timedelta(days=1, hours=12)
MOST = D("999999999999.99999999")

Rows = list[dict[str, Any]]


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def price(db: psycopg.Connection[Any], token: str, sol: str, at: datetime, source: str = "feed") -> None:
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values (%s, %s, %s, %s)",
        [token, source, at, sol],
    )


def take(db: psycopg.Connection[Any], at: Any) -> None:
    """As a scheduler does, outside a transaction."""
    db.commit()
    db.autocommit = True
    try:
        with acting_as(db, "jobs"):
            db.execute("call jobs.take_balance_snapshots(%s)", [at])
    finally:
        db.execute("reset role")
        db.autocommit = False


def backfill(database_url: str, start: Any, end: Any) -> None:
    with psycopg.connect(database_url, autocommit=True) as scheduler:
        scheduler.execute("set role tradebook_jobs")
        scheduler.execute("call jobs.backfill_snapshots(%s, %s)", [start, end])


def snapshots(db: psycopg.Connection[Any], wallet: str | None = None) -> Rows:
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from agent_balance_snapshots where wallet_address = coalesce(%s, wallet_address)"
            " order by wallet_address, snapshot_timestamp",
            [wallet],
        ).fetchall()


def numbers(row: dict[str, Any]) -> tuple[Any, ...]:
    """SOL, value of tokens, both, gain, how many have no price, and their cost."""
    return (
        row["sol_balance"], row["positions_value_sol"], row["portfolio_balance_sol"], row["unrealized_pnl_sol"],
        row["unpriced_positions"], row["unpriced_cost_sol"],
    )  # fmt: skip


def told(rows: Rows) -> list[tuple[Any, ...]]:
    """All that a snapshot says, without what tells when it was made."""
    return [(row["user_id"], row["agent_id"], row["wallet_address"], row["snapshot_timestamp"], *numbers(row))
            for row in rows]  # fmt: skip


# One snapshot


def test_a_snapshot_values_all_that_is_held_and_counts_what_has_no_price(ledger: Ledger) -> None:
    ledger.buy("A", "100", "10")
    ledger.buy("B", "50", "5")
    ledger.buy("DUST", "1000000", "1")
    ledger.sell("DUST", "999999.5", "2")
    price(ledger.db, "A", "0.25", NOON)
    price(ledger.db, "DUST", "0.000003", NOON - timedelta(days=1))
    take(ledger.db, NOON)
    (row,) = snapshots(ledger.db)
    assert (row["user_id"], row["agent_id"], row["wallet_address"], row["snapshot_timestamp"]) == (
        ledger.user, ledger.agent, ledger.wallet, NOON
    )  # fmt: skip
    # 1,000 - 10 - 5 - 1 + 2 SOL; A is worth 25 and cost 10; 0.5 crumbs are worth 0.0000015 and cost 0.0000005.
    assert numbers(row) == (986, D("25.0000015"), D("1011.0000015"), D("15.000001"), 1, 5)


def test_what_has_no_price_is_counted_dust_too(ledger: Ledger) -> None:
    ledger.buy("DUST", "1000000", "1")
    ledger.sell("DUST", "999999.5", "2")
    take(ledger.db, NOON)
    assert numbers(snapshots(ledger.db)[0]) == (1001, 0, 1001, 0, 1, D("0.0000005"))


def test_a_wallet_with_nothing_has_a_snapshot_of_nothing(db: psycopg.Connection) -> None:
    Ledger(db, sol=None)
    take(db, value(db, "select now()"))
    assert [numbers(row) for row in snapshots(db)] == [(0, 0, 0, 0, 0, 0)]


def test_prices_count_by_then_of_the_source_in_force_whatever_their_age(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", transaction_time=START)
    price(ledger.db, "A", "1", START - timedelta(days=900))
    price(ledger.db, "A", "2", NOON)
    price(ledger.db, "A", "4", NOON - HOUR, source="other")
    values = []
    for at in (NOON - timedelta(microseconds=1), NOON, NOON + HOUR):
        take(ledger.db, at)
    ledger.db.execute("update settings set price_source = 'other'")
    take(ledger.db, NOON + 2 * HOUR)
    values = [row["positions_value_sol"] for row in snapshots(ledger.db)]
    assert values == [100, 200, 200, 400]


def test_a_snapshot_is_of_its_instant_and_its_row_of_the_hour_before(ledger: Ledger) -> None:
    """What came after it does not count, however the wallet has gone on since."""
    db = ledger.db
    price(db, "A", "0.03", START)
    ledger.buy("A", "100", "1", fee="0.1", transaction_time=NOON)
    ledger.sell("A", "40", "2", transaction_time=NOON + timedelta(minutes=20))
    ledger.withdraw("A", "10", transaction_time=NOON + timedelta(minutes=30))
    ledger.buy("A", "10", "1", transaction_time=NOON + timedelta(minutes=40))
    ledger.sell("A", "60", "2", fee="0.01", transaction_time=NOON + timedelta(minutes=50))
    ledger.void(ledger.deposit(SOL, "7", transaction_time=NOON + timedelta(minutes=50)))
    seen = []
    for minutes in (-1, 0, 20, 30, 40, 50):
        take(db, NOON + timedelta(minutes=minutes))
        row = snapshots(db)[-1]
        assert row["snapshot_timestamp"] == (NOON - HOUR if minutes < 0 else NOON)
        seen.append(numbers(row)[:4])
    assert seen == [
        (1000, 0, 1000, 0),
        (D("998.9"), 3, D("1001.9"), D("1.9")),
        (D("1000.9"), D("1.8"), D("1002.7"), D("1.14")),
        (D("1000.9"), D("1.5"), D("1002.4"), D("0.95")),
        (D("999.9"), D("1.8"), D("1001.7"), D("0.25")),
        (D("1001.89"), 0, D("1001.89"), 0),
    ]


def test_the_same_hour_again_replaces_the_numbers_and_keeps_the_row(ledger: Ledger) -> None:
    take(ledger.db, NOON)
    (before,) = snapshots(ledger.db)
    ledger.db.commit()
    ledger.deposit(SOL, "1", transaction_time=NOON - HOUR)
    take(ledger.db, NOON + timedelta(minutes=30))
    (after,) = snapshots(ledger.db)
    assert (before["sol_balance"], after["sol_balance"]) == (1000, 1001)
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert after["updated_at"] > before["updated_at"]


def test_a_wallet_has_no_snapshot_of_a_time_before_it_was_there(db: psycopg.Connection) -> None:
    """Unless its facts are older than it, as those of an import are."""
    imported, empty, later = Ledger(db), Ledger(db, sol=None), Ledger(db, sol=None)
    later.deposit(SOL, "1", transaction_time=NOON + HOUR)
    voided = Ledger(db, sol=None)
    voided.void(voided.deposit(SOL, "1", transaction_time=START))
    take(db, NOON)
    assert [row["wallet_address"] for row in snapshots(db)] == [imported.wallet]
    db.execute("update agent_wallets set created_at = %s where wallet_address = %s", [NOON, empty.wallet])
    take(db, NOON)
    assert {row["wallet_address"] for row in snapshots(db)} == {imported.wallet, empty.wallet}


def test_sol_that_was_below_zero_is_told_as_it_was(ledger: Ledger, database_url: str) -> None:
    ledger.deposit(SOL, "500", transaction_time=NOON + HOUR)
    ledger.buy("A", "1", "1400", transaction_time=NOON)
    take(ledger.db, NOON)
    (row,) = snapshots(ledger.db)
    assert numbers(row) == (-400, 0, -400, 0, 1, 1400)
    ledger.db.commit()
    backfill(database_url, NOON - HOUR, NOON + HOUR)
    assert [row["sol_balance"] for row in snapshots(ledger.db)] == [1000, -400]


def test_what_no_column_can_hold_is_held_at_its_limit_and_hurts_nobody(db: psycopg.Connection) -> None:
    rich, richer, richest = Ledger(db), Ledger(db, sol=None), Ledger(db)
    richer.deposit(SOL, "99999999999999999999", value_usd="1")
    price(db, "A", "99999999999999999999", START)
    price(db, "B", "1000000000000", START)
    rich.buy("A", "99999999999", "1")
    richer.deposit("B", "1", "1")
    richest.deposit("B", "1", "1")
    other = Ledger(db)
    take(db, NOON)
    assert {row["wallet_address"]: numbers(row)[:4] for row in snapshots(db)} == {
        rich.wallet: (999, MOST - 999, MOST, MOST),
        richer.wallet: (MOST, 0, MOST, D("999999999999")),
        richest.wallet: (1000, MOST - 1000, MOST, D("999999999999")),
        other.wallet: (1000, 0, 1000, 0),
    }


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns"])
def test_the_hour_is_that_of_utc_whatever_the_session_s_time_zone(ledger: Ledger, zone: str, database_url: str) -> None:
    ledger.db.execute("select set_config('TimeZone', %s, false)", [zone])
    take(ledger.db, NOON + timedelta(minutes=29))
    (row,) = snapshots(ledger.db)
    assert row["snapshot_timestamp"] == NOON
    assert value(ledger.db, "select book.hour_at_or_after(%s)", NOON + timedelta(microseconds=1)) == NOON + HOUR
    assert value(ledger.db, "select book.hour_at_or_after(%s)", NOON) == NOON


# Against a second implementation


def expected(facts: Sequence[Fact], prices: dict[str, list[tuple[datetime, D]]], at: datetime) -> dict[str, Any]:
    """The numbers of each wallet by the oracle's books and plain Decimal."""
    books = oracle.fold([fact.tx for fact in sorted(facts, key=lambda fact: fact.place) if fact.tx.time <= at])
    found = {}
    for wallet, book in books.items():
        with oracle.exact():
            worth = gain = cost = D(0)
            unpriced = 0
            for token, position in book.positions.items():
                known = [price for time, price in prices.get(token, []) if time <= at]
                if not known:
                    unpriced += 1
                    cost += position.cost_sol
                    continue
                worth += oracle.round18(position.held * known[-1])
                gain += oracle.round18(position.held * known[-1]) - position.cost_sol
            sol = book.balances.get(SOL, D(0))
            rounded = [each.quantize(D("1e-8"), ROUND_HALF_UP) for each in (sol, worth, sol + worth, gain)]
        found[wallet] = (*rounded, unpriced, cost)
    return found


class SlowHistory(History):
    """A history that goes on for days."""

    def _time(self) -> datetime:
        choice = self.chance.random()
        if choice < 0.6:
            self.now += timedelta(minutes=self.chance.choice([0, 1, 30, 60, 300]))
        if choice < 0.8:
            return self.now
        if choice < 0.9 and self.facts:
            return self.chance.choice(self.facts).tx.time
        return START + timedelta(seconds=self.chance.randint(0, int((self.now - START).total_seconds())))


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_are_valued_as_the_oracle_values_them(
    db: psycopg.Connection, database_url: str, seed: int
) -> None:
    """Taken at any instant, and made up for every full hour; and what is made up is what is taken at the hour."""
    chance = random.Random(seed)
    history = SlowHistory(db, seed)
    for _ in range(30):
        history.arrive()
    hours = int((history.now - START) / HOUR) + 3
    prices: dict[str, list[tuple[datetime, D]]] = {}
    for token in ("A", "B"):
        times = sorted({START + timedelta(minutes=chance.randint(120, 60 * hours)) for _ in range(hours)})
        prices[token] = [(time, D(chance.randint(1, 10**9)) / 10**9) for time in times]
        for time, each in prices[token]:
            price(db, token, str(each), time)
    for _ in range(8):
        at = START + timedelta(seconds=chance.randint(0, hours * 3600), microseconds=chance.choice([0, 1]))
        take(db, at)
        hour = at.replace(minute=0, second=0, microsecond=0)
        made = {row["wallet_address"]: numbers(row) for row in snapshots(db) if row["snapshot_timestamp"] == hour}
        assert made == expected(history.counting, prices, at)
    with acting_as(db, "book"):
        db.execute("delete from agent_balance_snapshots")
    db.commit()

    backfill(database_url, START, START + hours * HOUR)
    made_up = told(snapshots(db))
    for hour in {row[3] for row in made_up}:
        made = {row[2]: row[4:] for row in made_up if row[3] == hour}
        assert made == expected(history.counting, prices, hour)
    with acting_as(db, "book"):
        db.execute("delete from agent_balance_snapshots")
    for number in range(hours):
        take(db, START + number * HOUR)
    assert told(snapshots(db)) == made_up
    assert len(made_up) == 3 * hours


def test_prices_that_arrive_later_change_neither_what_was_taken_nor_what_is_made_up(
    ledger: Ledger, database_url: str
) -> None:
    db = ledger.db
    ledger.buy("A", "100", "1", transaction_time=START)
    ledger.buy("B", "100", "1", transaction_time=START)
    price(db, "A", "0.02", NOON - timedelta(minutes=5))
    take(db, NOON)
    taken = snapshots(db)
    for token in ("A", "B"):
        price(db, token, "7", NOON + timedelta(microseconds=1))
    db.commit()
    take(db, NOON)
    assert told(snapshots(db)) == told(taken)
    with acting_as(db, "book"):
        db.execute("delete from agent_balance_snapshots")
    db.commit()
    backfill(database_url, NOON, NOON + HOUR)
    assert told(snapshots(db)) == told(taken)


# What is missing


def test_a_backfill_makes_what_is_missing_and_touches_nothing_else(ledger: Ledger, database_url: str) -> None:
    db = ledger.db
    other = Ledger(db, sol=None)
    other.deposit(SOL, "5", transaction_time=START + 3 * HOUR + timedelta(seconds=1))
    Ledger(db, sol=None)
    take(db, START + 2 * HOUR)
    with acting_as(db, "book"):
        db.execute("update agent_balance_snapshots set sol_balance = 3, portfolio_balance_sol = 3")
    db.commit()
    kept = snapshots(db)
    # The ledger's first fact is an hour after the start.
    backfill(database_url, START - timedelta(days=400), START + 5 * HOUR)
    backfill(database_url, START - timedelta(days=400), START + 5 * HOUR)
    made = {
        wallet: [((row["snapshot_timestamp"] - START) / HOUR, row["sol_balance"]) for row in snapshots(db, wallet)]
        for wallet in (ledger.wallet, other.wallet)
    }
    assert made == {ledger.wallet: [(1, 1000), (2, 3), (3, 1000), (4, 1000)], other.wallet: [(4, 5)]}
    assert [row for row in snapshots(db) if row["id"] == kept[0]["id"]] == kept
    assert len(snapshots(db)) == 5


@pytest.mark.parametrize(("start", "end"), [(None, START), (START, None)])
def test_a_backfill_of_no_period_is_refused(database_url: str, start: Any, end: Any) -> None:
    with pytest.raises(psycopg.Error) as refused:
        backfill(database_url, start, end)
    assert refused.value.sqlstate == "TB011"


def test_a_backfill_ends_at_the_clock_and_all_there_can_be_is_infinite(
    db: psycopg.Connection, database_url: str
) -> None:
    now = value(db, "select clock_timestamp()")
    ledger = Ledger(db, sol=None)
    ledger.deposit(SOL, "1", transaction_time=now - timedelta(hours=30))
    db.commit()
    backfill(database_url, "-infinity", "infinity")
    times = [row["snapshot_timestamp"] for row in snapshots(db)]
    assert len(times) in (30, 31)
    assert times[-1] <= value(db, "select clock_timestamp()")
    assert times == [times[0] + number * HOUR for number in range(len(times))]
    for period in ((START, START), (START + HOUR, START), ("infinity", "infinity"), ("-infinity", "-infinity")):
        backfill(database_url, *period)
    with psycopg.connect(database_url, autocommit=True) as scheduler:
        scheduler.execute("set role tradebook_jobs")
        scheduler.execute("call jobs.run('backfill_snapshots', '2099-01-01', '2098-12-31')")
    assert len(snapshots(db)) == len(times)


def test_a_wallet_s_hours_are_kept_when_the_backfill_ends_at_the_next(
    db: psycopg.Connection, database_url: str, first: Session
) -> None:
    """Each wallet is committed by itself."""
    agents = sorted(new_agent(db) for _ in range(2))
    ledgers = [Ledger(db, agent=agent) for agent in agents]
    db.commit()
    first.connection.execute("delete from agents where id = %s", [agents[1]])
    with psycopg.connect(database_url, autocommit=True) as scheduler:
        scheduler.execute("set lock_timeout = '50ms'")
        with pytest.raises(errors.LockNotAvailable):
            scheduler.execute("call jobs.backfill_snapshots(%s, %s)", [START, NOON])
    assert {row["wallet_address"] for row in snapshots(db)} == {ledgers[0].wallet}
    db.rollback()
    first.connection.rollback()


# At once


def test_two_at_once_do_no_harm(ledger: Ledger, first: Session, second: Session) -> None:
    db = ledger.db
    db.commit()
    # Should two come to the statement itself, the second waits for the first.
    first.connection.execute("select book.store_balance_snapshots(%s)", [NOON])
    running = second.start(second.connection.execute, "select book.store_balance_snapshots(%s)", [NOON])
    assert second.waits_for(running, first)
    first.commit()
    row = running.result().fetchone()
    assert row is not None
    assert row[0] == 1
    second.commit()
    assert [numbers(row) for row in snapshots(db)] == [(1000, 0, 1000, 0, 0, 0)]


def test_a_wallet_that_goes_meanwhile_leaves_the_others_their_snapshots(
    ledger: Ledger, first: Session, second: Session
) -> None:
    going = Ledger(ledger.db)
    ledger.db.commit()
    first.connection.execute("delete from agents where id = %s", [going.agent])
    running = second.start(second.connection.execute, "select book.store_balance_snapshots(%s)", [NOON])
    assert second.waits_for(running, first)
    first.commit()
    running.result()
    second.commit()
    assert [row["wallet_address"] for row in snapshots(ledger.db)] == [ledger.wallet]


def test_trades_do_not_wait_for_a_snapshot(ledger: Ledger, first: Session, second: Session) -> None:
    ledger.db.commit()
    first.connection.execute("select book.store_balance_snapshots(%s)", [NOON])
    running = second.start(second.ledger(ledger).buy, "A", "1", "1")
    assert isinstance(running.result(), UUID)
    second.commit()
    first.commit()


def test_schedulers_at_once_make_the_rows_of_one(ledger: Ledger, database_url: str) -> None:
    db = ledger.db
    db.commit()

    def call(_: int) -> str | None:
        with psycopg.connect(database_url, autocommit=True) as scheduler:
            try:
                scheduler.execute("call jobs.take_balance_snapshots(%s)", [NOON])
            except psycopg.Error as error:
                return error.sqlstate
        return None

    with ThreadPoolExecutor(4) as threads:
        outcomes = set(threads.map(call, range(8)))
    assert None in outcomes
    assert outcomes <= {None, "TB017"}
    assert [numbers(row) for row in snapshots(db)] == [(1000, 0, 1000, 0, 0, 0)]


# Many, and real ones


def fill_wallets(db: psycopg.Connection[Any]) -> None:
    """5,000 agents with two wallets each, of five tokens each, of which every tenth has no price; one trades on."""
    db.execute(
        """
        insert into users (id, email) select book.id_from('u' || n), 'u' || n || '@example.org'
        from generate_series(1, 100) as n;
        insert into agents (id, user_id, name) select book.id_from('a' || n), book.id_from('u' || (1 + n % 100)), 'a'
        from generate_series(1, 5000) as n;
        insert into agent_wallets (wallet_address, agent_id, wallet_type)
        select
            case kind
                when 'live' then rpad('W' || translate(n::text, '0', 'x'), 40, 'y')
                else 'sim_' || lpad(n::text, 28, '0')
            end,
            book.id_from('a' || n),
            kind
        from generate_series(1, 5000) as n, unnest('{simulation,live}'::text[]) as kind;
        insert into token_prices (token_address, source, observed_at, price_sol)
        select 'T' || n, 'feed', timestamptz '2026-01-01' + h * interval '1 hour', round((n * h % 97 + 1) / 3000.0, 12)
        from generate_series(1, 300) as n, generate_series(1, 24) as h
        where n % 10 > 0;
        """
    )
    for number in range(1, 6):
        db.execute(
            """
            insert into agent_transactions (
                agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, value_sol,
                value_usd
            )
            select
                w.agent_id, w.wallet_address, 'DEPOSIT', timestamptz '2026-01-01' + %(n)s * interval '10 minutes',
                'T' || 1 + (abs(hashtext(w.wallet_address)) + 5 * %(n)s) %% 300, 1000 / %(n)s::numeric, 1 + %(n)s, 100
            from agent_wallets as w
            """,
            {"n": number},
        )
        if number == 1:
            db.execute("analyze")


# An audit of all of them takes longer than all else here: a sample is audited.
@pytest.mark.spoils_the_book
def test_ten_thousand_wallets_with_five_positions_each_are_what_the_views_say(db: psycopg.Connection) -> None:
    fill_wallets(db)
    at = NOON
    take(db, at)
    different = db.execute(
        """
        with different as (
            select
                p.wallet_address, round(p.sol_balance, 8), round(p.positions_value_sol, 8), round(p.portfolio_sol, 8),
                round(p.unrealized_gain_sol, 8), p.unpriced_positions, p.unpriced_cost_sol
            from report.portfolio as p
            except all
            select
                s.wallet_address, s.sol_balance, s.positions_value_sol, s.portfolio_balance_sol, s.unrealized_pnl_sol,
                s.unpriced_positions, s.unpriced_cost_sol
            from agent_balance_snapshots as s
            where s.snapshot_timestamp = %s
        )

        select * from different limit 5
        """,
        [at],
    ).fetchall()
    assert different == []
    counts = db.execute(
        "select count(*), count(*) filter (where unpriced_positions > 0), sum(unpriced_positions)::int"
        " from agent_balance_snapshots"
    ).fetchone()
    assert counts is not None
    assert counts[0] == 10_000
    assert 1_000 < counts[1] < counts[2] < 25_000
    sample = [row["wallet_address"] for row in snapshots(db)[::200]]
    assert db.execute("select a.* from unnest(%s::text[]) as w, book.audit_wallet(w) as a", [sample]).fetchall() == []


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the real trades are no part of this repository: they are in ../shared/data, if anywhere"
)
def test_the_real_wallet_s_two_months_are_made_up_as_they_would_have_been_taken(
    db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    arguments = [
        "swaps", str(DATA / "solana_swaps_3JoV_cielo.csv"), f"--sol-usd={DATA / 'sol_usd.csv'}",
        "--series=cielo_swap_minute", "--shortfall=deposit", "--user=trader@example.org",
    ]  # fmt: skip
    assert CliRunner().invoke(import_trades, arguments, catch_exceptions=False).exit_code == 0
    # Every trade tells a price; of half of the tokens nobody listened.
    db.execute(
        """
        insert into token_prices (token_address, source, observed_at, price_sol)
        select output_mint, 'feed', transaction_time, round(input_amount / output_amount, 18)
        from agent_transactions
        where input_mint = book.sol_mint() and hashtext(output_mint) % 2 = 0 and input_amount / output_amount > 1e-18
        on conflict do nothing
        """
    )
    db.commit()
    start, end = datetime(2025, 4, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
    backfill(database_url, start, end)
    made_up = snapshots(db)
    # From the first trade, 2025-04-27T23:01:47Z, on.
    assert made_up[0]["snapshot_timestamp"] == datetime(2025, 4, 28, tzinfo=UTC)
    assert len(made_up) == (end - made_up[0]["snapshot_timestamp"]) / HOUR
    assert max(row["unpriced_positions"] for row in made_up) > 20
    for row in made_up[:: len(made_up) // 20]:
        take(db, row["snapshot_timestamp"])
    assert told(snapshots(db)) == told(made_up)
