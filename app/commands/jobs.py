"""The commands `tradebook jobs ...`: what a scheduler does, and the built-in scheduler."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import click

from app import worker
from app.commands.output import print_table
from app.database import connect, queries
from app.postgres.server import server
from app.roles import role_of_jobs
from app.say import say_on_stderr
from app.settings import Settings

EVERY = {timedelta(minutes=1): "minute", timedelta(hours=1): "hour", timedelta(days=1): "day", None: "when asked"}


def time(text: str) -> datetime:
    """An instant as ISO 8601; UTC where no offset is said. Raises ValueError, which click tells as a wrong usage."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@click.group()
def jobs() -> None:
    """Scheduled work: snapshots, audits, seals, retention. scripts/schedulers says how to have it done."""


@jobs.command(name="list")
def list_jobs() -> None:
    """The jobs, how each ran last, and when it is due."""
    with server(Settings.from_environment()) as url, connect(url) as connection:
        rows = [
            (
                row["job"],
                EVERY.get(row["every"], str(row["every"])),
                row["last_run"] or "never",
                row["last_outcome"],
                row["next_due"],
                row["last_error"] or row["does"],
            )
            for row in queries.job_schedule(connection)
        ]
    print_table(["job", "every", "last run", "outcome", "next due", "what it does, or why it failed"], rows)


@jobs.command(name="run")
@click.argument("name")
@click.option("--at", type=time, metavar="TIME", help="The instant that it is for, if not the newest full hour or day.")
@click.option("--since", type=time, metavar="TIME", help="Make the snapshots that are missing since then, too.")
def run(name: str, at: datetime | None, since: datetime | None) -> None:
    """Run the job NAME now, whenever it ran last.

    Exits with 1 where it fails or is running already.
    """
    settings = Settings.from_environment()
    with server(settings) as url, connect(url) as connection:
        click.echo(worker.run_job(connection, role_of_jobs(settings.role_prefix), name, at, since))


@jobs.command()
@click.option("--once", is_flag=True, help="Run what is due, and end; exits with 1 where something failed.")
@click.pass_context
def work(ctx: click.Context, once: bool) -> None:
    """Run the jobs whenever they are due: the built-in scheduler.

    Any number may run: each job is run by one of them, and by another one where that one dies. SIGTERM and Ctrl-C stop
    it within seconds; a job that they cancel is done again later.
    """
    settings = Settings.from_environment()
    role = role_of_jobs(settings.role_prefix)
    try:
        with server(settings) as url:
            if once:
                went_well, _ = worker.work_once(url, role, say_on_stderr)
                ctx.exit(0 if went_well else 1)
            _work(url, role)
    except KeyboardInterrupt:
        say_on_stderr("Jobs are run no more.")


def _work(url: str, role: str) -> NoReturn:
    say_on_stderr("Jobs are run when they are due.")
    # Beside them, since protection does not wait for an audit to end.
    threading.Thread(target=worker.keep_acting, args=(url, role, say_on_stderr), daemon=True).start()
    worker.work(url, role, say_on_stderr)
