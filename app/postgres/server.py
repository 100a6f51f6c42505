"""The server that a command works with, for as long as it does."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from app.postgres.cache import reachable_binaries
from app.postgres.cluster import initialise
from app.postgres.error import CHOOSE_ANOTHER, PostgresError
from app.postgres.locks import exclusively, opened
from app.postgres.place import DATABASE, Place, locate
from app.postgres.process import START_SECONDS, answers, postmaster, start, stop
from app.postgres.programs import Binaries, candidates, examine
from app.say import Say, say_on_stderr
from app.settings import Settings

_ORPHAN_SECONDS = 30.0


@contextmanager
def server(settings: Settings, say: Say = say_on_stderr) -> Iterator[str]:
    """A server to work with, as the URL of its database; it runs until the last command that uses it has ended.

    With DATABASE_URL that URL, untouched. Else the embedded server of the data directory, made and started if need
    be, with the superuser role and the database `tradebook`. Raises PostgresError.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with _in_words(settings.data_dir):
        place = locate(settings.data_dir, say)
    with _users_lock(settings.data_dir, place) as users:
        try:
            # Whoever stops the server holds users.lock alone, and never waits for start.lock: no deadlock.
            with _in_words(settings.data_dir), exclusively(place.home / "start.lock"):
                fcntl.flock(users, fcntl.LOCK_SH)
                _ensure_running(place, say)
            yield place.url(DATABASE)
        finally:
            with suppress(BlockingIOError):  # others use the server, and the last of them stops it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(place)


def keep_running(settings: Settings, say: Say = say_on_stderr) -> None:
    """Start the embedded server again where it has ended; whoever calls this holds `server`.

    Raises PostgresError where it does not start.
    """
    if settings.database_url is not None:
        return
    with _in_words(settings.data_dir):
        place = locate(settings.data_dir, say)
        if postmaster(place.cluster) is not None:
            return
        say(f"PostgreSQL has ended by itself, and is started again. Its own words are in {place.log}")
        # What it leaves behind when it is killed holds its memory for a moment, and no other server starts meanwhile.
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while True:
            try:
                with exclusively(place.home / "start.lock"):
                    _ensure_running(place, say)
                return
            except PostgresError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


@contextmanager
def _in_words(data: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, psycopg.Error, subprocess.CalledProcessError) as error:
        raise PostgresError(f"The data directory {data} cannot be used: {error}. {CHOOSE_ANOTHER}") from error


@contextmanager
def _users_lock(data: Path, place: Place) -> Iterator[int]:
    with ExitStack() as stack:
        with _in_words(data):
            users = stack.enter_context(opened(place.home / "users.lock"))
        yield users


def _ensure_running(place: Place, say: Say) -> None:
    binaries = reachable_binaries(place.account, say)
    for leftover in place.home.glob("cluster.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    version = place.cluster / "PG_VERSION"
    if not version.exists():
        initialise(place, binaries, say)
    elif int(version.read_text().split(".")[0]) != binaries.major:
        raise PostgresError(_other_major(place, version.read_text().strip(), binaries))
    deadline = time.monotonic() + START_SECONDS
    while not answers(place):
        pid = postmaster(place.cluster)
        if pid is None:
            start(place, binaries)
            return
        if time.monotonic() > deadline:
            raise PostgresError(f"The PostgreSQL server (process {pid}) does not answer. See {place.log}")
        time.sleep(0.05)  # it is starting, stopping or recovering


def _other_major(place: Place, major: str, binaries: Binaries) -> str:
    fitting = [found for path, source in candidates() if isinstance(found := examine(path, source), Binaries)]
    hint = "".join(f" Set PGBINDIR to {found.directory} to use it." for found in fitting if str(found.major) == major)
    return (
        f"The database in {place.home} was made by PostgreSQL {major}, and the programs in {binaries.directory} are "
        f"those of PostgreSQL {binaries.version}.{hint} To move it, dump it with the old version's pg_dump and restore "
        "it into a new data directory."
    )
