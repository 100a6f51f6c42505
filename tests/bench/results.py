"""What was measured, and on what."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.place import SETTINGS

TOP = Path(__file__).parents[2]


@dataclass
class Figure:
    """One figure of a case: what each repetition gave."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)


@dataclass
class Result:
    """A case: its own figures, those of its yardstick, and the ratio that is aimed at."""

    case: str
    about: str
    aim: str
    figures: list[Figure]


def as_json(results: list[Result], *, is_quick: bool, version: str) -> dict[str, Any]:
    """All that was measured, and on what."""
    return {
        "measuredAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _output("git", "rev-parse", "HEAD"),
        "isQuick": is_quick,
        "machine": {
            "cpus": os.cpu_count(),
            "memoryGiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "postgresql": version,
        "settings": SETTINGS,
        "results": [asdict(result) for result in results],
    }


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False).stdout.strip()
