"""The server that is measured, and what is measured with: pgbench, and connections as the service's role."""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from app.migrate import migrate
from app.postgres import find_binaries
from tests.server import DurableServer

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "10s",
}
"""Of the server; all others are PostgreSQL's defaults."""

CLIENTS = 8
THREADS = 2


class BenchServer(DurableServer):
    """On a disk, with its durability, and memory as a server has it."""

    parameters = tuple(f"{name}={value}" for name, value in SETTINGS.items())


@dataclass(frozen=True)
class Load:
    """What clients got done at once."""

    per_second: float
    milliseconds: list[float]
    """How long each transaction took."""

    def percentile(self, percent: int) -> float:
        """Milliseconds that so many of a hundred transactions took at the most."""
        return statistics.quantiles(self.milliseconds, n=100)[percent - 1]


class Place:
    """A server of its own with databases, for as long as it is needed."""

    def __init__(self, running: BenchServer) -> None:
        self.running = running
        self.url = running.url

    @contextmanager
    def database(self, name: str = "book", *, is_migrated: bool = True) -> Iterator[str]:
        """A fresh database, as its URL."""
        with psycopg.connect(**self.running.dsn()) as admin:
            admin.execute(f"create database {name}")
        try:
            if is_migrated:
                migrate(self.url(name), lambda _words: None)
            yield self.url(name)
        finally:
            with psycopg.connect(**self.running.dsn()) as admin:
                admin.execute(f"drop database {name} with (force)")

    def make_tpcb(self, url: str, scale: int) -> None:
        """The tables of pgbench's own transactions."""
        self._pgbench(url, "--initialize", "--quiet", f"--scale={scale}")

    def load(self, url: str, script: str, seconds: int, *, clients: int = CLIENTS, **variables: object) -> Load:
        """What clients get done with a script, or one of pgbench's own (tpcb-like, select-only), in so many seconds."""
        with tempfile.TemporaryDirectory(prefix="tradebook-bench-") as directory:
            Path(directory).chmod(0o755)
            if script in ("tpcb-like", "select-only"):
                what = f"--builtin={script}"
            else:
                path = Path(directory, "script.sql")
                path.write_text(script)
                what = f"--file={path}"
            told = self._pgbench(
                url,
                what,
                *("--no-vacuum", "--protocol=prepared", "--log", f"--log-prefix={directory}/log"),
                *(f"--client={clients}", f"--jobs={min(clients, THREADS)}", f"--time={seconds}"),
                *(f"--define={name}={value}" for name, value in variables.items()),
            )
            times = [int(line.split()[2]) / 1000 for path in Path(directory).glob("log.*") for line in path.open()]
        failed = re.search(r"number of failed transactions: (\d+)", told)
        if failed is None or int(failed[1]):
            raise RuntimeError(told)
        per_second = re.search(r"tps = ([\d.]+)", told)
        assert per_second is not None, told
        return Load(float(per_second[1]), times)

    def _pgbench(self, url: str, *arguments: str) -> str:
        command = [find_binaries().program("pgbench"), *arguments, url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


def server_milliseconds(db: psycopg.Connection[Any], statement: str, *parameters: Any) -> tuple[float, int]:
    """How long a statement takes in the server, and how many buffers it reads."""
    row = db.execute(f"explain (analyze, buffers, timing off, format json) {statement}", parameters).fetchone()
    assert row is not None
    (told,) = row[0]
    plan = told["Plan"]
    return told["Execution Time"] + told["Planning Time"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
