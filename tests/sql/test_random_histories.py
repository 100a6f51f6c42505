"""Random histories, in any order of arrival and batches of any size, with voids and corrections, give the oracle's
fold of the facts that count, sorted.
"""

from __future__ import annotations

import os
from collections import Counter

import psycopg
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.histories import History

HISTORIES = int(os.environ.get("HISTORIES", "500"))

LEAST = {
    "late": 0.20,
    "voids": 0.03,
    "corrections": 0.04,
    "token to token": 0.10,
    "token transfers": 0.10,
    "with fees": 0.40,
    "ties": 0.05,
    "9 decimals": 0.10,
    "18 decimals": 0.10,
}
"""The least share of the rows that are so, over all histories."""


def test_state_is_the_oracle_s_fold_of_the_facts_that_count(
    db: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    shares: Counter[str] = Counter()

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        print_blob=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 2**32 - 1), rows=st.integers(20, 80))
    def one(seed: int, rows: int) -> None:
        note(f"seed {seed}, {rows} rows")
        with db.transaction(force_rollback=True):
            history = History(db, seed)
            while history.shares["rows"] < rows:
                history.arrive()
            history.compare()
            shares.update(history.shares)
            shares["histories"] += 1

    one()
    rows = shares["rows"]
    with capsys.disabled():
        print(f"\n{shares['histories']} histories, {rows} rows, {shares['refused']} refused: ", end="")
        print(", ".join(f"{name} {shares[name] / rows:.0%}" for name in LEAST))
    assert shares["histories"] >= HISTORIES
    assert {name for name, least in LEAST.items() if shares[name] / rows < least} == set()
