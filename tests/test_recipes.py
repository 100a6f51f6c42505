"""The page of recipes: every block runs as it stands, in order, against the service."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.ledger import value
from tests.service import Service

PAGE = Path(__file__).parents[1] / "scripts" / "recipes" / "README.md"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path / "log", DATABASE_URL=database_url)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def test_every_block_of_the_recipes_runs(
    service: Service, db: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    """One shell for all: what a block sets, the next one has."""
    tradebook = f'tradebook() {{ {sys.executable} -P -c "from app.cli import main; main()" "$@"; }}'
    script = ["set -euo pipefail", tradebook]
    for number, (language, text) in enumerate(BLOCKS):
        block = text.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{service.port}")
        if language == "python":
            (tmp_path / f"{number}.py").write_text(block)
            block = f"{sys.executable} {number}.py\n"
        script += [f"echo '== block {number}'", block]
    (tmp_path / "recipes.sh").write_text("\n".join(script))
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": str(PAGE.parents[2])}
    done = subprocess.run(
        ["bash", "recipes.sh"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.count("== block") == len(BLOCKS) >= 9
    by_hand = "voided_at is null and origin <> 'simulation'"
    assert value(db, f"select count(*) from agent_transactions where {by_hand}") == 4 + 3
    assert value(db, "select sum(amount) from agent_historical_swaps where token_symbol = 'DezXAZ8z'") == 45 + 100
    assert value(db, "select status from trade_orders order by created_at limit 1") == "filled"
    assert value(db, "select count(*) from trading_signals") == 2
    paper = "agent_id = (select id from agents where name = 'Paper')"
    assert db.execute(f"select rule, status from position_actions where {paper}").fetchall() == [
        ("stop_loss", "success")
    ]
    assert value(db, f"select close_reason from agent_historical_swaps where {paper}") == "stop_loss"
    with (tmp_path / "sales.csv").open() as file:
        assert [row["saleTime"] for row in csv.DictReader(file) if row["tokenSymbol"] != "WIF"] == [
            "2026-02-01T13:00:00+01:00",
            "2026-02-01T12:00:00+01:00",
        ]
