"""The PostgreSQL server of a test session: the product's programs and account, without its durability."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import testing.postgresql

from app.postgres.account import launch_prefix, own, server_account
from app.postgres.cache import reachable_binaries
from app.postgres.cluster import initdb_command
from app.postgres.place import socket_url
from app.postgres.process import postgres_command, server_environment

ROLE = "tradebook"
_OWN_SESSION = "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"
_ROOM = 1_000_000_000  # bytes: the template, some databases made from it, and write-ahead log


def fastest_directory() -> str:
    """/dev/shm when it has room, else the system's directory for temporary files."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return tempfile.gettempdir()


class Place:
    """Where a server is that runs."""

    def __init__(self, base_dir: str) -> None:
        self.base_dir = base_dir

    def dsn(self, **parts: Any) -> dict[str, Any]:
        """Arguments to connect with."""
        return {"conninfo": self.url(**parts), "autocommit": True}

    def url(self, database: str = "postgres", user: str = ROLE) -> str:
        """The URL of one of its databases."""
        return socket_url(Path(self.base_dir, "tmp"), user, database)


class Server(Place, testing.postgresql.Postgresql):
    """A server behind a Unix socket, whose data is in memory if possible and does not survive it."""

    parameters = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

    def __init__(self, *, own_session: bool = False, **settings: Any) -> None:
        self.own_session = own_session
        testing.postgresql.Postgresql.__init__(self, **settings)

    def initialize(self) -> None:
        self.account = server_account()
        self.binaries = reachable_binaries(self.account)
        self.settings.update(initdb=self.binaries.program("initdb"), postgres=self.binaries.program("postgres"), port=0)
        self._use_tmpdir = True  # remove base_dir at the end although it was given
        super().initialize()

    def initialize_database(self) -> None:
        for directory in ("", *self.subdirectories):
            own(Path(self.base_dir, directory), self.account)
        cluster = Path(self.get_data_directory())
        command = [*initdb_command(self.binaries, self.account, cluster, ROLE), "--no-sync"]
        subprocess.run(command, env=server_environment(), cwd="/", check=True, stdout=subprocess.DEVNULL)

    def get_server_commandline(self) -> list[str]:
        return [
            *((sys.executable, "-I", "-S", "-c", _OWN_SESSION) if self.own_session else ()),
            *launch_prefix(self.account),
            *postgres_command(self.binaries, Path(self.get_data_directory()), Path(self.base_dir, "tmp")),
            *(part for setting in self.parameters for part in ("-c", setting)),
        ]

    def is_server_available(self) -> bool:
        try:
            psycopg.connect(**self.dsn()).close()
        except psycopg.OperationalError:
            return False
        return True

    def poststart(self) -> None:
        """Databases are made by the tests that need them."""

    def processes(self) -> list[int]:
        """The server's process and those that work for it."""
        return [self.server_pid, *children(self.server_pid)]


class DurableServer(Server):
    """A server that keeps what it has acknowledged, and can be killed."""

    parameters = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")

    def kill(self) -> None:
        """End every process of it at once, as a machine that loses its power does."""
        pids = self.processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.child_process.wait()
        self.child_process = None
        while any(_lives(pid) for pid in pids):
            pass


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def start_durable() -> DurableServer:
    """As start(), on a disk and with its durability."""
    return DurableServer(base_dir=tempfile.mkdtemp(prefix="tradebook-test-"))


def start(*, own_session: bool = False) -> Server:
    """Start a server; its `stop()` ends it and removes its files. Close connections first.

    In a session of its own, a signal to the whole group of processes, as Ctrl-C is, does not reach it: for programs
    that stop it themselves whatever ends them.
    """
    base = tempfile.mkdtemp(prefix="tradebook-test-", dir=fastest_directory())
    return Server(base_dir=base, own_session=own_session)
