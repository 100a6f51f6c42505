"""The jobs: one instance of each at a time, every run in the log, and what is due is run once, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from tests.ledger import Ledger, acting_as, checksums, value
from tests.sessions import Session, refusal

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Db = psycopg.Connection[Any]


@pytest.fixture
def ledgers(db: Db) -> list[Ledger]:
    """Three wallets with a fact each; the connection commits by itself, as a scheduler's has to."""
    ledgers = [Ledger(db) for _ in range(3)]
    db.commit()
    db.autocommit = True
    return ledgers


@pytest.fixture
def other(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def runs(db: Db, columns: str = "job, outcome") -> list[tuple[Any, ...]]:
    return db.execute(f"select {columns} from job_runs order by id").fetchall()


def schedule(db: Db, moment: datetime, job: str = "audit_wallets") -> dict[str, Any]:
    with db.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("select * from book.job_schedule(%s) where job = %s", [moment, job]).fetchone()
    assert row is not None
    return row


def start(db: Db, moment: datetime, at: datetime = NOON, *, unless_done: bool = False) -> int:
    number: int = value(db, "select book.start_job('audit_wallets', %s, null, %s, %s)", at, moment, unless_done)
    return number


def break_audits(db: Db, wallet: str, code: str = "XX000") -> None:
    """The audit of one wallet fails from now on."""
    db.execute(
        f"""
        create or replace function break_audits() returns trigger language plpgsql as $$
        begin
            raise exception using errcode = '{code}', message = 'it is broken';
        end
        $$;
        create or replace trigger break_audits before insert on wallet_audits
        for each row when (new.wallet_address = '{wallet}') execute function break_audits()
        """
    )


def wait_for_lock(db: Db, running: Future[Any]) -> None:
    """Wait until something wants wallet_audits and does not get it."""
    waiting = "select count(*) from pg_locks where not granted and relation = 'wallet_audits'::regclass"
    while not value(db, waiting):
        assert not running.done()


# Every job


def test_a_scheduler_runs_every_job_and_writes_nothing_else(db: Db, database_url: str) -> None:
    ledger = Ledger(db)
    ledger.void(ledger.buy("A", "100", "1"))
    db.commit()
    jobs = [job for (job,) in db.execute("select job from report.jobs order by place")]
    with psycopg.connect(database_url, autocommit=True) as scheduler:
        scheduler.execute("set role tradebook_jobs")
        for job in jobs:
            scheduler.execute("call jobs.run(%s, now())", [job])
        with pytest.raises(errors.InsufficientPrivilege):
            scheduler.execute("update ledger_seals set number = 2")
    assert [tuple(run) for run in runs(db)] == [(job, "done") for job in jobs]
    assert ledger.rows("select facts, voids, violations from wallet_audits") == [
        {"facts": 2, "voids": 1, "violations": 0}
    ]
    assert ledger.rows("select facts_so_far, voids_so_far from ledger_seals") == [
        {"facts_so_far": 2, "voids_so_far": 1}
    ]


def test_every_job_has_a_procedure_of_its_name(db: Db) -> None:
    rows = db.execute("select proname from pg_proc where pronamespace = 'jobs'::regnamespace")
    procedures = {name for (name,) in rows}
    jobs = {job for (job,) in db.execute("select job from report.jobs")}
    assert procedures - {"run", "run_due", "work_off"} == jobs


def test_an_unknown_job_is_told(ledgers: list[Ledger]) -> None:
    with pytest.raises(psycopg.Error) as refused:
        ledgers[0].db.execute("call jobs.run('sweep', now())")
    assert refused.value.sqlstate == "TB007"
    assert runs(ledgers[0].db) == []


@pytest.mark.parametrize("role", ["api", "bi", "feed", "book"])
def test_no_other_role_starts_or_holds_up_a_job(db: Db, role: str) -> None:
    for statement in (
        "call jobs.audit_wallets(now())",
        "select book.start_job('audit_wallets', now(), null, now(), false)",
        "lock table job_runs in share mode",
        # The book tells the figures of the jobs to those who watch the service.
        *(["select from job_runs"] if role != "book" else []),
    ):
        with pytest.raises(errors.InsufficientPrivilege), db.transaction(), acting_as(db, role):
            db.execute(statement)


# The log


def test_a_run_is_logged_with_what_it_did(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    db.execute("call jobs.audit_wallets(%s)", [NOON])
    db.execute("call jobs.audit_wallets(%s)", [NOON])
    columns = "job, at, since, outcome, steps, rows_done, error_code, error"
    assert runs(db, columns) == [
        ("audit_wallets", NOON, None, "done", 3, 3, None, None),
        ("audit_wallets", NOON, None, "done", 0, 0, None, None),
    ]
    assert runs(db, "started_at <= renewed_at and renewed_at <= finished_at") == [(True,)] * 2


@pytest.mark.spoils_the_book
def test_a_step_that_fails_is_logged_and_the_others_are_done(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    break_audits(db, ledgers[1].wallet)
    with pytest.raises(psycopg.Error, match="it is broken") as failure:
        db.execute("call jobs.audit_wallets(%s)", [NOON])
    assert failure.value.sqlstate == "XX000"
    assert runs(db, "outcome, steps, rows_done, error_code, error") == [
        ("failed", 2, 2, "XX000", f"{ledgers[1].wallet}: it is broken")
    ]
    assert {wallet for (wallet,) in db.execute("select wallet_address from wallet_audits")} == {
        ledgers[0].wallet,
        ledgers[2].wallet,
    }


@pytest.mark.spoils_the_book
def test_a_list_of_steps_that_fails_is_logged(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    db.execute("alter view book.wallet_facts rename column voids to vads")
    with pytest.raises(errors.UndefinedColumn):
        db.execute("call jobs.audit_wallets(%s)", [NOON])
    assert runs(db, "outcome, steps, error_code") == [("failed", 0, "42703")]


def test_a_job_that_is_cancelled_says_so(ledgers: list[Ledger], other: Session) -> None:
    """By statement_timeout as by pg_cancel_backend: a lock keeps it waiting."""
    db = ledgers[0].db
    other.connection.execute("lock table wallet_audits in share mode")
    db.execute("set statement_timeout = '100ms'")
    with pytest.raises(errors.QueryCanceled):
        db.execute("call jobs.audit_wallets(%s)", [NOON])
    db.execute("reset statement_timeout")
    other.connection.rollback()
    assert runs(db, "outcome, steps, error_code, error") == [
        ("failed", 0, "57014", f"{ledgers[0].wallet}: canceling statement due to statement timeout")
    ]
    db.execute("call jobs.audit_wallets(%s)", [NOON])
    assert runs(db, "outcome, steps")[1:] == [("done", 3)]


def test_a_job_whose_time_is_over_stops_after_the_step_that_it_is_at(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    long_ago = NOON - timedelta(days=100)
    run = start(db, long_ago, long_ago)
    db.execute("call jobs.work_off(%s)", [run])
    assert runs(db, "outcome, steps, error_code, error") == [("failed", 0, "57014", "its time was over")]


# One at a time


def test_a_second_instance_is_refused_at_once_and_changes_nothing(ledgers: list[Ledger], other: Session) -> None:
    """While the first one is in the middle of a step, and between two steps."""
    db = ledgers[0].db
    other.connection.autocommit = True
    db.execute("begin")
    db.execute("lock table wallet_audits in share mode")
    running = other.start(other.connection.execute, "call jobs.audit_wallets(now())")
    with psycopg.connect(db.info.dsn, autocommit=True) as third:
        wait_for_lock(third, running)
        before = runs(third, "*")
        third.execute("set lock_timeout = '10s'")
        for statement in ("call jobs.audit_wallets(now())", "call jobs.run('audit_wallets', now())"):
            with pytest.raises(psycopg.Error) as refused:
                third.execute(statement)
            assert refused.value.sqlstate == "TB017"
        third.execute("call jobs.run_due(now() + interval '1 day', 'audit_wallets')")
        assert runs(third, "*") == before
        third.execute("call jobs.seal_ledgers(now())")
    db.execute("rollback")
    assert refusal(running) is None
    assert runs(db) == [("audit_wallets", "done"), ("seal_ledgers", "done")]


def test_a_run_without_its_process_holds_up_nobody_for_longer_than_a_minute(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    first = start(db, NOON)
    with pytest.raises(psycopg.Error) as refused:
        start(db, NOON + MINUTE)
    assert refused.value.sqlstate == "TB017"
    second = start(db, NOON + MINUTE + timedelta(microseconds=1))
    assert runs(db, "id, outcome, error") == [(first, "lost", "its process was gone"), (second, "running", None)]


def test_a_run_in_a_long_step_is_not_taken_for_dead(ledgers: list[Ledger], other: Session) -> None:
    db = ledgers[0].db
    run = start(db, NOON)
    other.connection.execute("select book.renew_job(%s, %s)", [run, NOON])
    with pytest.raises(psycopg.Error) as refused:
        start(db, NOON + HOUR)
    assert refused.value.sqlstate == "TB017"
    other.connection.rollback()
    assert start(db, NOON + HOUR) > run


def test_a_run_that_was_taken_for_dead_stops_when_it_comes_back(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    first = start(db, NOON)
    start(db, NOON + HOUR)
    before = checksums(db)
    db.execute("call jobs.work_off(%s)", [first])
    assert checksums(db) == before
    assert [outcome for (outcome,) in runs(db, "outcome")] == ["lost", "running"]


def test_a_job_whose_session_is_killed_is_done_by_the_next(ledgers: list[Ledger], other: Session) -> None:
    db = ledgers[0].db
    other.connection.autocommit = True
    with db.transaction():
        db.execute("lock table wallet_audits in share mode")
        running = other.start(other.connection.execute, "call jobs.audit_wallets(now())")
        with psycopg.connect(db.info.dsn, autocommit=True) as third:
            wait_for_lock(third, running)
            third.execute("select pg_terminate_backend(%s, 10000)", [other.pid])
    assert refusal(running) == "57P01"
    assert runs(db) == [("audit_wallets", "running")]
    later = value(db, "select clock_timestamp() + interval '2 minutes'")
    run = start(db, later, later)
    assert runs(db) == [("audit_wallets", "lost"), ("audit_wallets", "running")]
    db.execute("update job_runs set started_at = now(), renewed_at = now() where id = %s", [run])
    db.execute("call jobs.work_off(%s)", [run])
    assert runs(db, "outcome, steps")[1:] == [("done", 3)]


# The schedule


def test_a_job_is_due_after_its_delay_and_once_for_each_instant(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    assert schedule(db, NOON + 4 * MINUTE)["at"] == NOON - HOUR
    assert schedule(db, NOON + 5 * MINUTE)["at"] == NOON
    assert schedule(db, NOON + 5 * MINUTE)["next_start"] == NOON + 5 * MINUTE
    for _ in range(2):
        db.execute("call jobs.run_due(%s, 'audit_wallets')", [NOON + 5 * MINUTE])
    assert runs(db, "job, at, outcome") == [("audit_wallets", NOON, "done")]
    after = schedule(db, NOON + 64 * MINUTE)
    assert (after["at"], after["next_start"]) == (NOON + HOUR, NOON + 65 * MINUTE)


def test_a_time_zone_of_the_session_moves_nothing(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    before = db.execute(
        "select s::text from (select job, at - timestamptz 'epoch', next_start - timestamptz 'epoch'"
        " from book.job_schedule(%s)) as s",
        [NOON],
    ).fetchall()
    db.execute("set timezone = 'Asia/Kathmandu'")
    assert (
        before
        == db.execute(
            "select s::text from (select job, at - timestamptz 'epoch',"
            " next_start - timestamptz 'epoch' from book.job_schedule(%s)) as s",
            [NOON],
        ).fetchall()
    )


def test_what_was_missed_is_done_once_for_the_newest_instant(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    for hours in (0, 9):
        db.execute("call jobs.run_due(%s)", [NOON + hours * HOUR + 30 * MINUTE])
    audits = [(at, outcome) for job, at, outcome in runs(db, "job, at, outcome") if job == "audit_wallets"]
    assert audits == [(NOON, "done"), (NOON + 9 * HOUR, "done")]


@pytest.mark.spoils_the_book
def test_a_failure_is_tried_again_after_five_minutes_and_keeps_no_other_job_back(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    break_audits(db, ledgers[1].wallet, "40001")
    now = value(db, "select date_bin('1 hour', now(), 'epoch') + interval '30 minutes'")
    with pytest.raises(errors.SerializationFailure, match=r"^audit_wallets: .*: it is broken"):
        db.execute("call jobs.run_due(%s)", [now])
    assert {("audit_wallets", "failed"), ("seal_ledgers", "done")} <= set(runs(db))
    ended = value(db, "select max(finished_at) from job_runs where job = 'audit_wallets'")
    assert schedule(db, now)["next_start"] == ended + 5 * MINUTE
    assert schedule(db, now)["last_error"] == f"{ledgers[1].wallet}: it is broken"
    db.execute("drop trigger break_audits on wallet_audits")
    db.execute("call jobs.run_due(%s)", [ended + 5 * MINUTE])
    assert runs(db)[-1] == ("audit_wallets", "done")


def test_a_snapshot_of_a_time_to_come_is_refused_whoever_asks(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    for at in (value(db, "select now() + interval '6 minutes'"), None):
        for call in ("jobs.take_balance_snapshots(%s)", "jobs.run('take_balance_snapshots', %s)"):
            with pytest.raises(psycopg.Error) as refused:
                db.execute(f"call {call}", [at])
            assert (refused.value.sqlstate, refused.value.diag.column_name) == ("TB011", "at")
    assert runs(db) == []


def test_a_run_for_the_future_holds_nothing_up(ledgers: list[Ledger]) -> None:
    db = ledgers[0].db
    future, now = db.execute("select now() + interval '100 hours', now()").fetchall()[0]
    db.execute("call jobs.audit_wallets(%s)", [future])
    due = schedule(db, now)["at"]
    assert due < now
    db.execute("call jobs.run_due(%s, 'audit_wallets')", [now])
    assert [at for (at,) in runs(db, "at")] == [future, due]


def hours_of_snapshots(db: Db, wallet: str) -> list[datetime]:
    query = "select snapshot_timestamp from agent_balance_snapshots where wallet_address = %s order by 1"
    return [hour for (hour,) in db.execute(query, [wallet])]


def test_every_full_hour_that_was_missed_gets_its_snapshot(ledgers: list[Ledger]) -> None:
    """After a standstill of nine hours; an earlier hour, before the first run, is nobody's."""
    db = ledgers[0].db
    db.execute("call jobs.run_due(%s)", [NOON + 2 * MINUTE])
    db.execute("call jobs.run_due(%s)", [NOON + 9 * HOUR + 2 * MINUTE])
    for ledger in ledgers:
        assert hours_of_snapshots(db, ledger.wallet) == [NOON + number * HOUR for number in range(10)]
    snapshots = [run for run in runs(db, "job, at, since, outcome, rows_done") if "snapshots" in run[0]]
    assert snapshots == [
        ("take_balance_snapshots", NOON, None, "done", 3),
        ("take_balance_snapshots", NOON + 9 * HOUR, NOON + HOUR, "done", 3 * 9),
    ]


def test_missed_hours_stay_missed_until_they_are_made(ledgers: list[Ledger]) -> None:
    """A failure on the way does not make the newest hour hide them."""
    db = ledgers[0].db
    db.execute("call jobs.run_due(%s)", [NOON + 2 * MINUTE])
    db.execute(
        """
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before insert on agent_balance_snapshots
        for each row when (extract(hour from new.snapshot_timestamp at time zone 'UTC') = 14) execute function refuse()
        """
    )
    with pytest.raises(psycopg.Error, match=r"^take_balance_snapshots: .*: no \(and 2 more\)"):
        db.execute("call jobs.run_due(%s)", [NOON + 3 * HOUR + 2 * MINUTE])
    db.execute("drop trigger refuse on agent_balance_snapshots")
    # By its own clock it failed only now.
    db.execute("update job_runs set finished_at = renewed_at where outcome = 'failed'")
    db.execute("call jobs.run_due(clock_timestamp() + interval '6 minutes', 'take_balance_snapshots')")
    hours = hours_of_snapshots(db, ledgers[0].wallet)
    assert hours[:5] == [NOON + number * HOUR for number in range(5)]
    assert hours == [NOON + number * HOUR for number in range(len(hours))]


def test_a_job_that_was_done_meanwhile_is_left_alone(ledgers: list[Ledger]) -> None:
    """By the one that saw it due at the same time."""
    db = ledgers[0].db
    db.execute("call jobs.run_due(%s, 'audit_wallets')", [NOON + 30 * MINUTE])
    for at in (NOON, NOON - HOUR):
        with pytest.raises(psycopg.Error) as refused:
            start(db, NOON + 30 * MINUTE, at, unless_done=True)
        assert refused.value.sqlstate == "TB020"
    assert len(runs(db)) == 1
    assert start(db, NOON + 2 * HOUR, NOON + HOUR, unless_done=True)


def test_schedulers_that_ask_at_once_run_each_job_once_an_hour(ledgers: list[Ledger], database_url: str) -> None:
    """The second one may see it due, and find that it has just been done."""
    hours, sessions = 20, 4
    together = Barrier(sessions, timeout=60)

    def ask(_number: int) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            for hour in range(hours):
                together.wait()
                connection.execute("call jobs.run_due(%s)", [NOON + hour * HOUR + 30 * MINUTE])

    with ThreadPoolExecutor(sessions) as threads:
        list(threads.map(ask, range(sessions)))
    db = ledgers[0].db
    assert set(runs(db, "outcome")) == {("done",)}
    audits = db.execute("select at from job_runs where job = 'audit_wallets' order by at").fetchall()
    assert [at for (at,) in audits] == [NOON + hour * HOUR for hour in range(hours)]


def test_the_last_runs_are_found_by_index_however_many_there_are(db: Db) -> None:
    db.execute(
        "insert into job_runs (job, at, started_at, renewed_at, finished_at, outcome)"
        " select 'audit_wallets', t, t, t, t, 'done' from generate_series(%s, %s, interval '1 hour') as t",
        [NOON - 20000 * HOUR, NOON],
    )
    db.execute("analyze job_runs")
    db.execute("set enable_seqscan = off")
    plan = value(db, "explain (analyze, buffers, format json) select * from book.job_schedule(%s)", NOON)
    assert plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"] < 200
