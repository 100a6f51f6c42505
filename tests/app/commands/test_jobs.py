"""`tradebook jobs`: the list, one run by hand, and the worker that runs what is due, alone or beside others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from app import worker
from app.commands.jobs import jobs
from app.settings import SetupError
from tests.ledger import SOL, Ledger, value
from tests.sql.test_jobs import break_audits, runs

Db = psycopg.Connection[Any]
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def ledger(db: Db, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A wallet with two facts, and the commands work on its database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")
    db.commit()
    db.autocommit = True
    return ledger


@pytest.fixture
def start(ledger: Ledger) -> Iterator[Start]:
    """Starts workers in processes of their own."""
    processes = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from app.cli import main; main()", "jobs", "work"]
        process = subprocess.Popen(
            command, cwd=Path(__file__).parents[3], env=dict(os.environ), stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(jobs, arguments, catch_exceptions=False)


def lines(output: str) -> list[list[str]]:
    return [re.split(r"  +", line.strip()) for line in output.splitlines() if line.strip()]


def hold_until_the_stop(ledger: Ledger) -> None:
    """A position at its stop: the price that says so is there, and nobody has looked at it yet."""
    ledger.buy("A", "100", "1")
    ledger.db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values ('A', 'feed', clock_timestamp(), 0.005, 0.5), (%s, 'feed', clock_timestamp(), 1, 100)",
        [SOL],
    )


class Ended(Exception):
    """Ends a worker that would go on for ever."""


def pauses(most: int) -> tuple[list[float], Callable[[float], None]]:
    """The pauses that a worker made, and what it pauses with; the last one ends it."""
    made: list[float] = []

    def pause(seconds: float) -> None:
        made.append(seconds)
        if len(made) == most:
            raise Ended

    return made, pause


# By hand


def test_the_list_tells_how_each_ran_last_and_when_it_is_due(ledger: Ledger) -> None:
    header, _, *rows = lines(run("list").output)
    assert [row[0] for row in rows] == [
        job for (job,) in ledger.db.execute("select job from report.jobs order by place")
    ]
    (first,) = [row for row in rows if row[0] == "audit_wallets"]
    assert header == ["job", "every", "last run", "outcome", "next due", "what it does, or why it failed"]
    assert first[:3] == ["audit_wallets", "hour", "never"]
    run("run", "audit_wallets")
    (first,) = [line for line in lines(run("list").output) if line[0] == "audit_wallets"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first[2])
    assert first[3] == "done"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:05:00Z", first[4])


def test_a_job_is_run_for_the_full_hour_or_for_the_instant_that_is_said(ledger: Ledger) -> None:
    output = run("run", "audit_wallets", "--at", "2026-06-01T12:30:00Z").output
    assert re.search(r"Z audit_wallets for 2026-06-01T12:30:00Z: done, 1 wallets audited, [\d.]+ s\n$", output)
    assert re.search(r"Z audit_wallets for \S+:00:00Z: done, 0 wallets", run("run", "audit_wallets").output)
    assert re.search(r"for 2026-06-01T10:30:00Z", run("run", "audit_wallets", "--at", "2026-06-01T12:30+02:00").output)


def test_a_wrong_usage_exits_with_2(ledger: Ledger) -> None:
    assert run("run", "audit_wallets", "--at", "yesterday").exit_code == 2
    assert run("run").exit_code == 2


@pytest.mark.spoils_the_book
def test_a_job_that_fails_or_runs_already_or_is_unknown_is_told(ledger: Ledger) -> None:
    with pytest.raises(SetupError, match="There is no job sweep"):
        run("run", "sweep")
    ledger.db.execute("select book.start_job('audit_wallets', now(), null, now(), false)")
    with pytest.raises(SetupError, match=r"audit_wallets: audit_wallets is running already \(TB017\)"):
        run("run", "audit_wallets")
    break_audits(ledger.db, ledger.wallet)
    ledger.db.execute("delete from job_runs")
    with pytest.raises(SetupError, match=rf"audit_wallets: {ledger.wallet}: it is broken \(XX000\)"):
        run("run", "audit_wallets")
    assert run("list").output.count("it is broken") == 1


# The worker


def test_a_worker_runs_what_is_due_once_and_tells_it(ledger: Ledger) -> None:
    first, second = run("work", "--once"), run("work", "--once")
    assert (first.exit_code, second.exit_code, second.output) == (0, 0, "")
    told = [line.split(" ")[1] for line in first.output.splitlines()]
    due = "select job from report.jobs where every >= interval '1 hour' order by place"
    assert told == [job for (job,) in ledger.db.execute(due)]
    # A minute may begin between the two.
    assert sorted(run for run in runs(ledger.db) if run[0] != "apply_rules") == sorted((job, "done") for job in told)


def test_a_job_of_every_minute_is_told_where_it_did_something(ledger: Ledger, database_url: str) -> None:
    said: list[str] = []
    worker.work_once(database_url, "tradebook_jobs", said.append)
    assert "apply_rules" not in " ".join(said)
    assert ledger.db.execute("select outcome from job_runs where job = 'apply_rules'").fetchall() == [("done",)]
    hold_until_the_stop(ledger)
    ledger.db.execute("delete from job_runs where job = 'apply_rules'")
    said.clear()
    worker.work_once(database_url, "tradebook_jobs", said.append)
    assert [line for line in said if "apply_rules" in line and "done, 1 actions and orders" in line]


def test_what_a_busy_wallet_left_is_done_by_the_worker(ledger: Ledger, database_url: str) -> None:
    hold_until_the_stop(ledger)
    with psycopg.connect(database_url) as busy:
        busy.execute("select from agent_wallets where wallet_address = %s for no key update", [ledger.wallet])
        ledger.db.execute("select book.apply_rules(array['A'], clock_timestamp())")
        assert ledger.position("A")
    pending = "select status from position_actions"
    assert ledger.db.execute(pending).fetchall() == [("pending",)]
    made, pause = pauses(1)
    with pytest.raises(Ended):
        worker.keep_acting(database_url, "tradebook_jobs", print, pause)
    assert made == [worker.PENDING_PAUSE]
    assert ledger.position("A") is None
    assert ledger.db.execute(pending).fetchall() == [("success",)]


def test_rules_are_applied_again_when_the_database_is_back(ledger: Ledger, tmp_path: Path) -> None:
    made, pause = pauses(2)
    said: list[str] = []
    with pytest.raises(Ended):
        worker.keep_acting(f"postgresql:///t?host={tmp_path}", "tradebook_jobs", said.append, pause)
    assert made == [worker.AWAY_PAUSE] * 2
    assert all(line.startswith("Rules cannot be applied (") for line in said)


def test_a_worker_works_as_the_role_of_the_jobs(ledger: Ledger, database_url: str) -> None:
    ledger.db.execute("revoke tradebook_jobs from current_user")
    ledger.db.execute("create role not_a_scheduler login")
    try:
        with pytest.raises(SetupError, match='grant "tradebook_jobs" to "not_a_scheduler"'):
            worker.work_once(make_conninfo(database_url, user="not_a_scheduler"), "tradebook_jobs", print)
        ledger.db.execute("grant tradebook_jobs to not_a_scheduler")
        assert worker.work_once(make_conninfo(database_url, user="not_a_scheduler"), "tradebook_jobs", print)[0]
    finally:
        ledger.db.execute("drop role not_a_scheduler")


@pytest.mark.spoils_the_book
def test_a_job_that_fails_is_told_and_keeps_no_other_back(ledger: Ledger) -> None:
    break_audits(ledger.db, ledger.wallet)
    result = run("work", "--once")
    assert result.exit_code == 1
    assert "failed, 0 wallets audited, " in result.output
    assert f"{ledger.wallet}: it is broken (XX000)" in result.output
    assert "seal_ledgers for" in result.output


def test_a_job_has_its_limit_as_statement_timeout(ledger: Ledger) -> None:
    """Told apart by the job: what its step reads is what the worker has set."""
    ledger.db.execute(
        """
        create table seen (setting text);
        grant insert on seen to public;
        create function see() returns trigger language plpgsql as $$
        begin
            insert into public.seen values (current_setting('statement_timeout'));
            return new;
        end
        $$;
        create trigger see before insert on wallet_audits for each row execute function see();
        """
    )
    run("work", "--once")
    assert ledger.db.execute("select setting from seen").fetchall() == [("50min",)]
    ledger.db.execute("drop table seen cascade; drop function see cascade")


def test_a_worker_keeps_trying_while_the_database_is_away(ledger: Ledger, database_url: str, tmp_path: Path) -> None:
    made, pause = pauses(8)
    said: list[str] = []
    with pytest.raises(Ended):
        worker.work(f"postgresql:///t?host={tmp_path}", "tradebook_jobs", said.append, pause)
    assert made == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(said) == 8
    assert said[0].startswith("The database cannot be reached, or gave up (")
    assert said[0].endswith("; trying again in 1 s")


def test_a_worker_goes_on_where_its_connection_is_cut(ledger: Ledger, database_url: str) -> None:
    """In the middle of a job, which it does again when the run has been found lost."""
    made: list[float] = []
    said: list[str] = []
    ledger.db.execute(
        """
        create function cut() returns trigger language plpgsql security definer as $$
        begin
            perform pg_terminate_backend(pg_backend_pid());
            perform pg_sleep(60);
            return new;
        end
        $$;
        create trigger cut before insert on wallet_audits for each row execute function cut();
        """
    )

    def pause(seconds: float) -> None:
        made.append(seconds)
        if len(made) == 2:
            raise Ended
        ledger.db.execute("drop trigger cut on wallet_audits")
        # A minute and more passes.
        ledger.db.execute(
            "update job_runs set started_at = started_at - interval '2 minutes',"
            " renewed_at = renewed_at - interval '2 minutes' where outcome = 'running'"
        )

    with pytest.raises(Ended):
        worker.work(database_url, "tradebook_jobs", said.append, pause)
    assert made[0] == 1
    assert worker.SHORTEST_PAUSE <= made[1] <= worker.LONGEST_PAUSE
    audits = ledger.db.execute("select outcome from job_runs where job = 'audit_wallets' order by id").fetchall()
    assert audits == [("lost",), ("done",)]


def test_two_workers_do_each_job_once_and_one_takes_over_where_the_other_is_killed(
    ledger: Ledger, database_url: str, start: Start
) -> None:
    """The first is killed in the middle of a job: its session goes on, or is found lost."""
    db = ledger.db
    with psycopg.connect(database_url, autocommit=True) as watch:
        with db.transaction():
            db.execute("lock table wallet_audits in share mode")
            first = start()
            while not value(watch, "select count(*) from pg_locks where not granted"):
                assert first.poll() is None
            first.kill()
            first.wait()
            # What another worker sees meanwhile: the job is being done.
            worker.work_once(database_url, "tradebook_jobs", lambda _line: None)
            assert [outcome for job, outcome in runs(watch) if job == "audit_wallets"] == ["running"]
            assert {outcome for job, outcome in runs(watch) if job != "audit_wallets"} == {"done"}
            watch.execute("select pg_terminate_backend(pid, 10000) from pg_locks where not granted")
        watch.execute(
            "update job_runs set started_at = started_at - interval '2 minutes',"
            " renewed_at = renewed_at - interval '2 minutes' where outcome = 'running'"
        )
    worker.work_once(database_url, "tradebook_jobs", lambda _line: None)
    audits = db.execute("select outcome from job_runs where job = 'audit_wallets' order by id").fetchall()
    assert audits == [("lost",), ("done",)]


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_worker_that_waits_and_one_that_is_at_work(
    ledger: Ledger, database_url: str, start: Start, kind: signal.Signals
) -> None:
    db = ledger.db
    with psycopg.connect(database_url, autocommit=True) as watch:
        with db.transaction():
            db.execute("lock table wallet_audits in share mode")
            busy = start()
            while not value(watch, "select count(*) from pg_locks where not granted"):
                assert busy.poll() is None
            busy.send_signal(kind)
            _, said = busy.communicate(timeout=10)
            assert (busy.returncode, said.splitlines()[-1]) == (0, "Jobs are run no more.")
        code = "select error_code from job_runs where job = 'audit_wallets' and outcome = 'failed'"
        assert watch.execute(code).fetchall() == [("57014",)]
        idle = start()
        assert idle.stderr is not None
        assert idle.stderr.readline() == "Jobs are run when they are due.\n"
        idle.send_signal(kind)
        _, said = idle.communicate(timeout=10)
        assert (idle.returncode, said.splitlines()[-1]) == (0, "Jobs are run no more.")
