"""The import of a real wallet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.case import Effort, NotHereError, case, seconds_of
from tests.bench.place import Place
from tests.bench.results import TOP, Figure, Line, at_most, ratio
from tests.service import COMMAND

DATA = TOP.parent / "shared" / "data"
SWAPS = DATA / "solana_swaps_3JoV_cielo.csv"
OPTIONS = ["--sol-usd", str(DATA / "sol_usd.csv"), "--series", "cielo_swap_minute", "--shortfall", "deposit"]


@case(
    "Import of the real wallet (6,483 swaps)",
    Line("tradebook import", "in memory", "tradebook import of in memory", at_most(3, "tradebook import")),
)
def import_of_a_wallet(place: Place, effort: Effort) -> list[Figure]:
    """The whole command `tradebook import swaps`, its start included, into an empty database.

    Beside tests/oracle.py, a program that does the same arithmetic in memory and stores nothing.
    """
    if not DATA.is_dir():
        raise NotHereError("the real trades of ../shared/data")
    imported, oracle = Figure("tradebook import", "s"), Figure("in memory", "s")
    command = [sys.executable, "-c", COMMAND, "import", "swaps", str(SWAPS), "--user", "trader@example.org"]
    compared = [sys.executable, str(TOP / "tests" / "oracle.py"), str(SWAPS)]
    for _ in range(min(effort.repetitions, 3)):
        with place.book() as book:
            environment = {"DATABASE_URL": book, "PYTHONPATH": str(TOP)}
            imported.values.append(seconds_of(lambda: _run([*command, *OPTIONS], environment)))
        oracle.values.append(seconds_of(lambda: _run([*compared, *OPTIONS], {})))
    return [imported, oracle, ratio("tradebook import of in memory", imported, oracle)]


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, cwd=Path("/"), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
