"""The built-in scheduler: runs the jobs that are due, for as long as it lives.

Which are due, and that no two run the same one, is said by the database (book.job_schedule, book.start_job): any number
of workers may run. It wants a connection of its own, not a pooler's in transaction mode: it sets role and time limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import psycopg
from psycopg import errors

from app.database import Connection, connect, queries
from app.roles import cannot_work_as
from app.settings import SetupError

Say = Callable[[str], None]

SHORTEST_PAUSE = 5.0
LONGEST_PAUSE = 30.0
"""Seconds between two looks at what is due: a job that another worker has begun may be left behind by it."""
LONGEST_BACKOFF = 60
"""Seconds between two attempts to reach the database."""

RULES = "apply_rules"
PENDING_PAUSE = 1.0
"""Seconds between two looks at what was left because a wallet was busy."""
LOOKS_AT_PENDING = 5
"""How many of them there are between two looks whether the job of the rules is due."""
AWAY_PAUSE = 5.0

ASKING_SECONDS = 30
"""How long the questions themselves may take."""


def work(url: str, role: str, say: Say, pause: Callable[[float], None] = time.sleep) -> NoReturn:
    """Run jobs whenever they are due; where the database is away, keep trying.

    Ends by KeyboardInterrupt, which cancels a job that runs; SetupError where the login may not work as `role`.
    """
    attempts = 0
    while True:
        try:
            _, seconds = work_once(url, role, say)
            attempts = 0
            seconds = min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE)
        except psycopg.OperationalError as error:
            seconds = min(2**attempts, LONGEST_BACKOFF)
            attempts += 1
            reason = str(error).strip().splitlines()[0]
            say(f"The database cannot be reached, or gave up ({reason}); trying again in {seconds:.0f} s")
        pause(seconds)


def keep_acting(url: str, role: str, say: Say, pause: Callable[[float], None] = time.sleep) -> NoReturn:
    """Do what rules and signals left because a wallet was busy, within a second, and hold the rules' job to its minute.

    Where the database is away, or something fails, keep trying.
    """
    while True:
        try:
            with connect(url) as connection:
                act_as_scheduler(connection, role, ASKING_SECONDS)
                while True:
                    for _ in range(LOOKS_AT_PENDING):
                        queries.act_on_pending(connection)
                        pause(PENDING_PAUSE)
                    queries.run_due_job(connection, job=RULES)
        except psycopg.Error as error:
            say(f"Rules cannot be applied ({str(error).strip().splitlines()[0]}); trying again in {AWAY_PAUSE:.0f} s")
            pause(AWAY_PAUSE)


def work_once(url: str, role: str, say: Say) -> tuple[bool, float]:
    """Run what is due: whether all went well, and the seconds until something is due again."""
    with connect(url) as connection:
        act_as_scheduler(connection, role, ASKING_SECONDS)
        outcomes = []
        for job in list(queries.due_jobs(connection)):
            act_as_scheduler(connection, role, job["seconds"])
            outcomes.append(_run_due(connection, job["job"], say))
        return all(outcomes), queries.seconds_to_next_job(connection)


def run_job(connection: Connection, role: str, job: str, at: datetime | None, since: datetime | None) -> str:
    """Run a job for an instant, or the newest one that it is for, and say what it did.

    Raises SetupError where it failed, or runs already, or there is none of that name.
    """
    act_as_scheduler(connection, role, ASKING_SECONDS)
    known = queries.job_to_run(connection, job=job)
    if known is None:
        raise SetupError(f"There is no job {job}; `tradebook jobs list` has their names")
    begun = queries.clock(connection)
    act_as_scheduler(connection, role, known["seconds"])
    try:
        queries.run_job(connection, job=job, at=at or known["at"], since=since)
    except psycopg.Error as error:
        if connection.closed:
            raise
        raise SetupError(f"{job}: {error.diag.message_primary} ({error.sqlstate})") from error
    return in_words(queries.last_run(connection, job=job, since=begun))


def act_as_scheduler(connection: Connection, role: str, seconds: int) -> None:
    """Have the connection work as the jobs' role, each statement within so many seconds. Raises SetupError."""
    connection.autocommit = True
    try:
        queries.act_as_scheduler(connection, role=role, seconds=seconds)
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
        raise SetupError(cannot_work_as(connection, role, error)) from error


def _run_due(connection: Connection, job: str, say: Say) -> bool:
    begun = queries.clock(connection)
    failure: psycopg.Error | None = None
    try:
        queries.run_due_job(connection, job=job)
    except psycopg.Error as error:
        if connection.closed:
            raise
        failure = error
    run = queries.last_run(connection, job=job, since=begun)
    if run is not None:
        # A line a minute that nothing happened would hide the others.
        if failure is not None or run["rows_done"] or not run["is_frequent"]:
            say(in_words(run))
    elif failure is not None:
        raise failure
    return failure is None


def in_words(run: dict[str, Any]) -> str:
    """A line about a run that has ended."""
    begin = f"{run['finished_at']} {run['job']} for {run['at']}: {run['outcome']}"
    did = f"{run['rows_done']} {run['counts']}, {run['seconds']} s"
    return f"{begin}, {did}" + ("" if run["error"] is None else f"; {run['error']} ({run['error_code']})")
