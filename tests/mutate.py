"""Take each rule from the database in turn, and see that a test notices.

A line for each rule names the test. Exits with 1 where a rule was gone and no test noticed, or a test fails anyway.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE, STDOUT

import psycopg

from app.migrate import migrate
from tests import server
from tests.mutations import KNOWN, Mutation, mutations, quick_tests

TOP = Path(__file__).parents[1]
TEMPLATE = "template_tradebook"
PATIENCE = 600  # seconds for the tests of one step; a mutation that makes them hang is noticed
HANGS = "a test that hangs"
PASSED, FAILED, NO_TESTS = 0, 1, 5
"""pytest's exit codes."""


@dataclass
class Outcome:
    """The test that noticed a mutation, if any did."""

    mutation: Mutation
    noticed_by: str | None
    seconds: float


class Bench:
    """A server of its own with a migrated database, on whose copies pytest runs."""

    child: subprocess.Popen[str] | None = None

    def __init__(self) -> None:
        self.server = server.start(own_session=True)
        self.cache = tempfile.TemporaryDirectory(prefix="tradebook-mutate-")
        with psycopg.connect(**self.server.dsn()) as admin:
            admin.execute(f"create database {TEMPLATE}")
        migrate(self.server.url(TEMPLATE), lambda _words: None)

    def stop(self) -> None:
        """End the server, and remove its files."""
        self.server.stop()
        self.cache.cleanup()

    def mutations(self) -> list[Mutation]:
        """All that can be taken from it."""
        with psycopg.connect(self.server.url(TEMPLATE)) as db:
            return mutations(db)

    def try_(self, mutation: Mutation, but: set[str]) -> Outcome:
        """Whether a test notices it, but for some."""
        start = time.monotonic()
        self._make_mutated(mutation)
        for step in quick_tests(mutation):
            failed = self.failing(["-x", *step, *(f"--deselect={test}" for test in sorted(but))], "mutated")
            if failed:
                return Outcome(mutation, failed.pop(), time.monotonic() - start)
        return Outcome(mutation, None, time.monotonic() - start)

    def _make_mutated(self, mutation: Mutation) -> None:
        with psycopg.connect(**self.server.dsn()) as admin:
            # Also what tests that were stopped left behind.
            rows = admin.execute(
                "select quote_ident(datname) from pg_database where datname ~ '^(mutated|test_|plans)'"
            )
            for (name,) in rows.fetchall():
                admin.execute(f"drop database {name} with (force)")
            admin.execute(f"create database mutated template {TEMPLATE} strategy file_copy")
        with psycopg.connect(self.server.url("mutated")) as db:
            db.execute(mutation.statement)

    def failing(self, arguments: list[str], template: str) -> set[str]:
        """The tests that pytest finds to fail on a database."""
        environment = os.environ | {
            "TRADEBOOK_TEST_SERVER": self.server.base_dir,
            "TRADEBOOK_TEST_TEMPLATE": template,
        }
        command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={self.cache.name}", *arguments]
        last_failed = Path(self.cache.name, "v/cache/lastfailed")
        last_failed.unlink(missing_ok=True)
        with subprocess.Popen(command, cwd=TOP, env=environment, stdout=PIPE, stderr=STDOUT, text=True) as self.child:
            try:
                printed, _ = self.child.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.child.kill()
                return {HANGS}
        status = self.child.returncode
        if status not in (PASSED, FAILED, NO_TESTS):
            raise RuntimeError(f"{' '.join(command)} ended with {status}:\n{printed}")
        return set(json.loads(last_failed.read_text())) if status == FAILED else set()

    def interrupt(self) -> None:
        """Let the tests that run end now."""
        if self.child is not None:
            self.child.terminate()


def chosen(every: list[Mutation], options: argparse.Namespace) -> list[Mutation]:
    """Those that the options ask for."""
    if options.only:
        every = [mutation for mutation in every if options.only in mutation.name]
        if not every:
            sys.exit(f"mutate: nothing is named {options.only}; --list tells all names")
    if options.count:
        # Those that are known to survive take longest, and say nothing new.
        every = [mutation for mutation in every if mutation.name not in KNOWN]
        seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
        print(f"mutate: {options.count} of {len(every)} mutations by seed {seed}", flush=True)
        every = random.Random(seed).sample(every, min(options.count, len(every)))
    return every


def run(benches: list[Bench], todo: list[Mutation], but: set[str]) -> list[Outcome]:
    """Try all, as many at once as there are benches, without some tests; prints each outcome."""
    free: SimpleQueue[Bench] = SimpleQueue()
    for bench in benches:
        free.put(bench)

    def one(mutation: Mutation) -> Outcome:
        bench = free.get()
        try:
            return bench.try_(mutation, but)
        finally:
            free.put(bench)

    outcomes = []
    with ThreadPoolExecutor(len(benches)) as threads:
        try:
            for number, future in enumerate(as_completed([threads.submit(one, each) for each in todo]), 1):
                outcome = future.result()
                outcomes.append(outcome)
                words = f"noticed by {outcome.noticed_by}" if outcome.noticed_by else "SURVIVED"
                print(f"{number}/{len(todo)} {outcome.mutation.name}: {words} ({outcome.seconds:.1f} s)", flush=True)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            for bench in benches:
                bench.interrupt()
            raise
    return outcomes


def main() -> int:
    """The command; 1 where something survived that is not known to, or noticed what is not there."""
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument("--list", action="store_true", help="tell the names of all mutations, and do nothing")
    parser.add_argument("--only", metavar="NAME", help="only mutations that have this in their name")
    parser.add_argument("--count", type=int, metavar="N", help="only N of them, chosen by the seed")
    parser.add_argument("--seed", type=int, help="what chooses them (default: by chance; it is printed)")
    parser.add_argument(
        "--jobs", type=int, default=min(os.cpu_count() or 1, 8), help="how many at once (default: CPUs)"
    )
    options = parser.parse_args()

    # A shell's background jobs ignore Ctrl-C, and a server must not outlive either.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    benches = [Bench()]
    try:
        every = benches[0].mutations()
        todo = chosen(every, options)
        if options.list:
            print("\n".join(mutation.name for mutation in todo))
            return 0
        benches += [Bench() for _ in range(min(options.jobs, len(todo)) - 1)]
        start = time.monotonic()
        outcomes: dict[str, Outcome] = {}
        broken: set[str] = set()
        while todo:
            outcomes |= {outcome.mutation.name: outcome for outcome in run(benches, todo, broken)}
            # A test that fails anyway has noticed nothing.
            noticing = {outcome.noticed_by for outcome in outcomes.values() if outcome.noticed_by}
            failing = benches[0].failing(sorted(noticing - {HANGS}), TEMPLATE) if noticing - {HANGS} else set()
            broken |= failing
            todo = [outcome.mutation for outcome in outcomes.values() if outcome.noticed_by in failing]
    except KeyboardInterrupt:
        print("mutate: stopped")
        return 1
    finally:
        for bench in benches:
            bench.stop()
    return report(list(outcomes.values()), broken, time.monotonic() - start)


def report(outcomes: list[Outcome], broken: set[str], seconds: float) -> int:
    """Tell what came of it all; the exit code."""
    kinds = Counter(outcome.mutation.kind for outcome in outcomes)
    print(f"mutate: {len(outcomes)} mutations in {seconds:.0f} s: ", end="")
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    survivors = sorted(outcome.mutation.name for outcome in outcomes if not outcome.noticed_by)
    unknown = [name for name in survivors if name not in KNOWN]
    stale = sorted(
        outcome.mutation.name for outcome in outcomes if outcome.noticed_by and outcome.mutation.name in KNOWN
    )
    for name in survivors:
        print(f"survived: {name}: {KNOWN.get(name, 'NO TEST NOTICES; write one, or say why in tests/mutations.py')}")
    for name in stale:
        print(f"noticed after all: {name}: take it from KNOWN in tests/mutations.py")
    for test in sorted(broken):
        print(f"fails without any mutation, so it was left out: {test}")
    return 1 if unknown or stale or broken else 0


if __name__ == "__main__":
    sys.exit(main())
