"""The server that is measured, its databases, and the audit of every book that was measured on."""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from app.migrate import migrate
from app.postgres.programs import find_binaries
from tests import server
from tests.bench.books import Db, connected, make_history, make_wallets, settle

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
AUDITORS = 2
WALLETS_AT_ONCE = 100
IDLE_WALLETS = 200


class BenchServer(server.DurableServer):
    """On a disk, with its durability, and memory as a server has it."""

    parameters = tuple(f"{name}={value}" for name, value in SETTINGS.items())


class LedgerError(Exception):
    """The audit of a book has findings: what was measured on it counts for nothing."""


@dataclass(frozen=True)
class Audit:
    """An audit without findings."""

    wallets: int
    facts: int
    seconds: float


@dataclass(frozen=True)
class Load:
    """What clients got done at once."""

    per_second: float
    milliseconds: list[float]
    """How long each took."""

    def percentile(self, percent: int) -> float:
        """Milliseconds that so many of a hundred took at the most."""
        return statistics.quantiles(self.milliseconds, n=100)[percent - 1]


class Place:
    """A server of its own with databases, for as long as they are needed."""

    def __init__(self, running: server.Place, template: str | None = None) -> None:
        """`template` is a migrated database that nobody is connected to; one is made where none is given."""
        self.running = running
        self.url = running.url
        self.audits: list[Audit] = []
        """Of the books that have been ended since somebody last looked and emptied this."""
        self._template = template
        self._large_swaps = 0

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """An empty database, as its URL."""
        self._create(name)
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    @contextmanager
    def book(self, name: str = "book") -> Iterator[str]:
        """A migrated database, as its URL, whose book is audited at the end. Raises LedgerError."""
        self._create_book(name)
        try:
            yield self.url(name)
            self.audits.append(audited(self.url(name)))
        finally:
            self._drop(name)

    def large(self, swaps: int) -> str:
        """The URL of the book that several cases share, as it takes minutes to make: until `end_large`.

        One agent with so many swaps in one wallet, one with 1,000, and 200 with a deposit alone: what the planner
        expects of a wallet is far from what the first one has, as in any real book.
        """
        if not self._large_swaps:
            self._create_book("large")
            self._large_swaps = swaps
            with connected(self.url("large")) as db:
                make_wallets(db, 2 + IDLE_WALLETS)
                make_history(db, 1, swaps)
                make_history(db, 2, 1000)
                settle(db)
        assert self._large_swaps == swaps
        return self.url("large")

    def end_large(self) -> None:
        """Audit that book and drop it. Raises LedgerError."""
        if self._large_swaps:
            self._large_swaps = 0
            try:
                self.audits.append(audited(self.url("large")))
            finally:
                self._drop("large")

    def _create_book(self, name: str) -> None:
        if self._template is None:
            self._template = "template_book"
            self._create(self._template)
            migrate(self.url(self._template), lambda _words: None)
        self._create(name, f"template {self._template} strategy file_copy")

    def _create(self, name: str, options: str = "") -> None:
        with psycopg.connect(**self.running.dsn()) as admin:
            admin.execute(f"create database {name} {options}")

    def _drop(self, name: str) -> None:
        with psycopg.connect(**self.running.dsn()) as admin:
            admin.execute(f"drop database {name} with (force)")

    def make_tpcb(self, url: str, scale: int) -> None:
        """The tables of pgbench's own transactions."""
        _pgbench(url, "--initialize", "--quiet", f"--scale={scale}")

    def load(self, url: str, script: str, seconds: int, *, options: str = "", **variables: object) -> Load:
        """What 8 clients get done with a script, or one of pgbench's own (tpcb-like, select-only), in so many seconds.

        `options` are what their connections are opened with.
        """
        with tempfile.TemporaryDirectory(prefix="tradebook-bench-") as directory:
            if script in ("tpcb-like", "select-only"):
                what = f"--builtin={script}"
            else:
                path = Path(directory, "script.sql")
                path.write_text(script)
                what = f"--file={path}"
            told = _pgbench(
                url,
                what,
                *("--no-vacuum", "--protocol=prepared", "--log", f"--log-prefix={directory}/log"),
                *(f"--client={CLIENTS}", f"--jobs={THREADS}", f"--time={seconds}"),
                *(f"--define={name}={value}" for name, value in variables.items()),
                options=options,
            )
            times = [int(line.split()[2]) / 1000 for path in Path(directory).glob("log.*") for line in path.open()]
        failed = re.search(r"number of failed transactions: (\d+)", told)
        if failed is None or int(failed[1]):
            raise RuntimeError(told)
        per_second = re.search(r"tps = ([\d.]+)", told)
        assert per_second is not None, told
        return Load(float(per_second[1]), times)


def _pgbench(url: str, *arguments: str, options: str = "") -> str:
    command = [find_binaries().program("pgbench"), *arguments, url]
    environment = {"PGOPTIONS": options} if options else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def audited(url: str) -> Audit:
    """The audit of every wallet of a book, by AUDITORS sessions. Raises LedgerError."""

    def audit(wallets: list[str]) -> list[tuple[object, ...]]:
        with connected(url) as db:
            return db.execute(
                "select wallet_address, law, subject, expected, actual from report.ledger_audit"
                " where wallet_address = any (%s)",
                [wallets],
            ).fetchall()

    begun = time.perf_counter()
    with connected(url) as db:
        wallets = [address for (address,) in db.execute("select wallet_address from agent_wallets order by 1")]
        (facts,) = db.execute("select count(*) from agent_transactions").fetchone() or (0,)
    parts = [wallets[begin : begin + WALLETS_AT_ONCE] for begin in range(0, len(wallets), WALLETS_AT_ONCE)]
    with ThreadPoolExecutor(AUDITORS) as auditors:
        findings = [finding for found in auditors.map(audit, parts) for finding in found]
    if findings:
        raise LedgerError(f"the audit has {len(findings)} findings, of which the first are {findings[:5]}")
    return Audit(len(wallets), facts, time.perf_counter() - begun)


def explained(db: Db, statement: str, parameters: list[Any] | dict[str, Any]) -> tuple[float, int]:
    """Milliseconds that a statement takes in the server, to plan and to do, and the pages of shared memory it reads."""
    row = db.execute(f"explain (analyze, buffers, timing off, format json) {statement}", parameters).fetchone()
    assert row is not None
    (told,) = row[0]
    plan = told["Plan"]
    return told["Execution Time"] + told["Planning Time"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
