"""What was measured, and on what: figures, the lines of the table that they make, and the file they are kept in."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.postgres.programs import find_binaries
from tests.bench.place import SETTINGS, Audit

TOP = Path(__file__).parents[2]
MEASURED = TOP / "tests" / "bench" / "measured.json"
"""What the README tells."""


@dataclass
class Figure:
    """One figure of a case: what each repetition gave."""

    name: str
    unit: str
    """"" for a plain number, such as a ratio."""
    values: list[float] = field(default_factory=list)
    at: int | None = None
    """Transactions that were in the book, where the figure is about its growth."""

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Aim:
    """What the median of a figure is to reach: `least` or `most` is given."""

    figure: str
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        """As words."""
        return f"at least {self.least:,g}" if self.least is not None else f"at most {self.most:,g}"

    def is_reached(self, median: float) -> bool:
        """Whether it is."""
        return (self.least is None or median >= self.least) and (self.most is None or median <= self.most)


def at_least(least: float, figure: str) -> Aim:
    """Of that figure, or more."""
    return Aim(figure, least=least)


def at_most(most: float, figure: str) -> Aim:
    """Of that figure, or less."""
    return Aim(figure, most=most)


@dataclass(frozen=True)
class Line:
    """A line of the table, by names of figures of its case."""

    figure: str
    yardstick: str | None = None
    ratio: str | None = None
    aim: Aim | None = None
    percentiles: bool = False
    """Whether it tells those of the figure too: the figures of its name with ", p50" and so on."""


@dataclass
class Result:
    """A case as it was measured."""

    case: str
    about: str
    lines: tuple[Line, ...]
    figures: list[Figure]
    seconds: float
    """That the case took, without its audits."""
    audits: list[Audit]
    """Of its books, all without findings."""


def ratio(name: str, ours: Figure, theirs: Figure) -> Figure:
    """Repetition by repetition, since a machine's speed drifts."""
    return Figure(name, "", [a / b for a, b in zip(ours.values, theirs.values, strict=True)])


def surroundings(*, is_quick: bool) -> dict[str, Any]:
    """What a result depends on: each result has its own, since cases may be measured again one by one."""
    changed = _output("git", "status", "--porcelain", "--", "app", "sql", "migrations", "tests/bench", f":!{MEASURED}")
    return {
        "measuredAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _output("git", "rev-parse", "HEAD") + ("-dirty" if changed else ""),
        "isQuick": is_quick,
        "machine": {
            "processor": _processor(),
            "cpus": os.cpu_count(),
            "memoryGiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "postgresql": find_binaries().version,
        "settings": SETTINGS,
    }


def kept(file: Path) -> list[dict[str, Any]]:
    """The results in a file; none where there is no such file."""
    if not file.exists():
        return []
    results = json.loads(file.read_text())["results"]
    assert isinstance(results, list)
    return results


def keep(file: Path, results: list[Result], measured_on: dict[str, Any], order: list[str]) -> None:
    """Put results into a file, in the place of older ones of their cases; cases that are no more are dropped."""
    by_case = {result["case"]: result for result in kept(file)}
    by_case |= {result.case: measured_on | asdict(result) for result in results}
    document = {"results": [by_case[name] for name in order if name in by_case]}
    file.write_text(json.dumps(document, indent=1) + "\n")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False).stdout.strip()
