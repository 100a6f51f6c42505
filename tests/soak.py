"""Random histories, and clients that work at once, held against the oracle for as long as one likes.

Ctrl-C ends it. A failure tells its seed, and the command that begins with it.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
import traceback
from collections import Counter

import psycopg

from app.migrate import migrate
from tests import server
from tests.histories import History
from tests.sql.test_many_writers import CLIENTS, work_at_once

TURNS = {"histories": 180.0, "clients": 120.0}
"""How many seconds each kind takes before it is the other's turn; less where the whole time is short."""


def one_history(db: psycopg.Connection, seed: int, totals: Counter[str]) -> None:
    """The history of this seed; nothing of it stays."""
    with db.transaction(force_rollback=True):
        history = History(db, seed)
        rows = random.Random(seed).randint(20, 120)
        while history.shares["rows"] < rows:
            history.arrive()
        history.compare()
    totals.update(histories=1, rows=history.shares["rows"], refused=history.shares["refused"])


def turn(running: server.Server, kind: str, seed: int, end: float, totals: Counter[str]) -> int:
    """One kind until then, on a new database; the next seed."""
    with psycopg.connect(**running.dsn()) as admin:
        admin.execute("create database soak template template_soak strategy file_copy")
        try:
            with psycopg.connect(running.url("soak")) as db:
                while True:
                    try:
                        if kind == "histories":
                            one_history(db, seed, totals)
                        else:
                            seeds, seconds = range(seed, seed + CLIENTS), min(20.0, end - time.monotonic())
                            totals["by clients"] += work_at_once(db, running.url("soak"), seeds, seconds)
                    except Exception as error:
                        error.add_note(f"seed {seed}; begin with it: scripts/soak --only {kind} --seed {seed}")
                        raise
                    seed += 1 if kind == "histories" else CLIENTS
                    if time.monotonic() >= end:
                        return seed
        finally:
            admin.execute("drop database soak with (force)")


def main() -> int:
    """The command; 1 where the books were not the oracle's."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, default=600.0, help="how long (default: 600)")
    length.add_argument("forever", nargs="?", choices=["forever"], help="until Ctrl-C")
    parser.add_argument("--seed", type=int, help="the first seed; the others count on from it (default: by chance)")
    parser.add_argument("--only", choices=TURNS, help="histories alone, which repeat exactly; or clients alone")
    options = parser.parse_args()
    seconds = float("inf") if options.forever else options.seconds
    seed = random.SystemRandom().randrange(10**9) if options.seed is None else options.seed
    kinds = {options.only: TURNS[options.only]} if options.only else TURNS
    scale = min(1.0, seconds / sum(kinds.values()))
    totals: Counter[str] = Counter()
    running = None
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        running = server.start(own_session=True)
        with psycopg.connect(**running.dsn()) as admin:
            admin.execute("create database template_soak")
        migrate(running.url("template_soak"), lambda _words: None)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for kind, share in kinds.items():
                print(f"soak: {kind} from seed {seed}", flush=True)
                seed = turn(running, kind, seed, min(end, time.monotonic() + share * scale), totals)
                print(f"soak: so far {dict(totals)}", flush=True)
    except KeyboardInterrupt:
        print("\nsoak: stopped")
    except Exception as error:
        traceback.print_exc()
        print(f"soak: FAILED, {' '.join(error.__notes__)}" if hasattr(error, "__notes__") else "soak: could not go on")
        return 1
    finally:
        print(f"soak: in all {dict(totals)}", flush=True)
        if running:
            running.stop()
    print("soak: nothing differed from the oracle")
    return 0


if __name__ == "__main__":
    sys.exit(main())
