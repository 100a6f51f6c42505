"""`scripts/bench`: measures the cases beside their yardsticks, audits every book afterwards, and prints each figure.

The exit code is 1 where an audit had findings or a case broke, whatever the figures are.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.bench import readme
from tests.bench.case import QUICK, WHOLE, Case, Effort, NotHereError
from tests.bench.cases import CASES
from tests.bench.place import Audit, BenchServer, LedgerError, Place
from tests.bench.results import MEASURED, Result, keep, kept, surroundings


class Run:
    """Some cases, one after the other."""

    def __init__(self, place: Place, effort: Effort) -> None:
        self.place = place
        self.effort = effort
        self.results: list[Result] = []
        """Of cases whose book has been audited, or that have none."""
        self.has_failed = False
        self._on_large_book: list[Result] = []

    def measure(self, case: Case) -> None:
        """Measure it and say so."""
        print(f"{case.name}: {case.about}", flush=True)
        for line in case.lines if self.effort is not QUICK else ():
            if line.aim is not None:
                print(f"    aim: {line.aim.figure} {line.aim}", flush=True)
        begun = time.perf_counter()
        try:
            figures = case.measure(self.place, self.effort)
        except NotHereError as missing:
            print(f"    left out: it takes {missing}", flush=True)
            return
        except Exception:
            self._fail(case.name)
            return
        audits, self.place.audits = self.place.audits, []
        seconds = time.perf_counter() - begun - sum(audit.seconds for audit in audits)
        result = Result(case.name, case.about, case.lines, figures, seconds, audits)
        for figure in figures:
            values = ", ".join(f"{value:,.4g}" for value in figure.values)
            name = figure.name if figure.at is None else f"{figure.name} at {figure.at:,}"
            print(f"    {name:<40}{figure.median:>14,.3f} {figure.unit:<10}[{values}]", flush=True)
        _say(audits)
        print(f"    took {seconds:.0f} s", flush=True)
        (self._on_large_book if case.is_on_large_book else self.results).append(result)

    def end_large_book(self) -> None:
        """Audit the book that the last cases have shared: only then do their figures count."""
        try:
            self.place.end_large()
        except LedgerError:
            self._fail("the large book")
            self._on_large_book = []
        audits, self.place.audits = self.place.audits, []
        for result in self._on_large_book:
            result.audits += audits
            self.results.append(result)
        self._on_large_book = []
        _say(audits)

    def _fail(self, what: str) -> None:
        self.has_failed = True
        traceback.print_exc()
        print(f"    FAILED: {what}", flush=True)
        self.place.audits = []


def _say(audits: list[Audit]) -> None:
    for audit in audits:
        print(
            f"    audited without findings: {audit.facts:,} transactions of {audit.wallets:,} wallets"
            f" in {audit.seconds:.1f} s",
            flush=True,
        )


def main() -> int:
    """The command; 1 where an audit had findings or a case broke."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"one of {', '.join(CASES)}; all unless told otherwise"
    )
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--quick", action="store_true", help="small sizes, for minutes: says that all works, not how fast"
    )
    effort.add_argument(
        "--ten-million", action="store_true", help="the growth of the book up to 10 million transactions"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="where to keep every repetition; results of other cases that are there stay, each with its own commit",
    )
    parser.add_argument(
        "--keep", action="store_const", const=MEASURED, dest="json", help=f"the same, of {MEASURED.name}, and --readme"
    )
    parser.add_argument("--readme", action="store_true", help=f"only write the README's tables from {MEASURED.name}")
    told = parser.parse_args()
    if told.readme:
        readme.write()
        return 0
    unknown = [name for name in told.cases if name not in CASES]
    if unknown:
        parser.error(f"there is no case {unknown[0]}; there are {', '.join(CASES)}")
    if told.json is not None and any(result["isQuick"] != told.quick for result in kept(told.json)):
        parser.error(f"{told.json} has results of the other effort: quick and whole ones are not to be mixed")
    size = QUICK if told.quick else WHOLE
    if told.ten_million:
        size = dataclasses.replace(size, growth=(*size.growth, 10_000_000))
    measured_on = surroundings(is_quick=told.quick)
    running = BenchServer(base_dir=tempfile.mkdtemp(prefix="tradebook-bench-"))
    run = Run(Place(running), size)
    begun = time.perf_counter()
    if told.quick:
        print("quick: on books far smaller than the titles say; whether all works, not how fast", flush=True)
    try:
        # Those on the large book are the last, since it is audited once, after them.
        for case in sorted(CASES.values(), key=lambda case: case.is_on_large_book):
            if not told.cases or case.name in told.cases:
                run.measure(case)
                if told.json is not None:
                    keep(told.json, run.results, measured_on, list(CASES))
        run.end_large_book()
    finally:
        running.stop()
    if told.json is not None:
        keep(told.json, run.results, measured_on, list(CASES))
    if told.json == MEASURED:
        readme.write()
    print(f"{'FAILED' if run.has_failed else 'all books are right'}, {time.perf_counter() - begun:.0f} s", flush=True)
    return int(run.has_failed)


if __name__ == "__main__":
    sys.exit(main())
