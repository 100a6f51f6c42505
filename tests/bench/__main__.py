"""`scripts/bench`: measures the cases beside their yardsticks, and prints each figure."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from app.postgres import find_binaries
from tests.bench.cases import CASES, QUICK, WHOLE
from tests.bench.place import BenchServer, Place
from tests.bench.results import Result, as_json


def main() -> int:
    """0 where every case was measured and its book is right."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"one of {', '.join(CASES)}; all unless told otherwise"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, for minutes: says that all works, not how fast"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all repetitions")
    told = parser.parse_args()
    unknown = [name for name in told.cases if name not in CASES]
    if unknown:
        parser.error(f"there is no case {unknown[0]}; there are {', '.join(CASES)}")
    effort = QUICK if told.quick else WHOLE
    results = []
    running = BenchServer(base_dir=tempfile.mkdtemp(prefix="tradebook-bench-"))
    try:
        place = Place(running)
        for name in told.cases or CASES:
            case = CASES[name]
            print(f"{name}: {case.about}; aim: {case.aim}", flush=True)
            figures = case.measure(place, effort)
            for figure in figures:
                values = ", ".join(f"{value:,.3g}" for value in figure.values)
                print(f"    {figure.name:<20}{figure.median:>12,.3f}{figure.unit}   [{values}]", flush=True)
            results.append(Result(name, case.about, case.aim, figures))
    finally:
        running.stop()
    document = as_json(results, is_quick=told.quick, version=find_binaries().version)
    if told.json is not None:
        told.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
