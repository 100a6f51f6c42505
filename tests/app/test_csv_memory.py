"""A list of a million rows goes out as CSV in little memory: the peak of every process of the service is measured."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
import pytest

from app.authentication import create_key
from app.database import connect
from tests.ledger import new_user, value
from tests.server import children
from tests.service import ANSWER_SECONDS, Service

ROWS = 1_000_000
MOST = 100_000_000
"""Bytes."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory by /proc")


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """With one process that answers."""
    running = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="1", TRADEBOOK_THREADS="2")
    running.start()
    try:
        yield running
    finally:
        running.stop()


def peak(pid: int) -> int:
    """The most memory that a process has had in use, bytes: VmHWM."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def test_a_million_rows_go_out_in_less_than_100_mb(db: psycopg.Connection, database_url: str, service: Service) -> None:
    user = new_user(db)
    # As they would be after a restore: what each one's arrival would look up takes most of the time.
    db.execute("set local session_replication_role = replica")
    db.execute(
        "insert into trading_signals (token_address, signal_type, signal_strength, user_id, created_at)"
        " select 'Token' || n, 'buy', 1 + n %% 5, %s, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second'"
        " from generate_series(1, %s) as n",
        [user, ROWS],
    )
    db.execute("analyze trading_signals")
    email = value(db, "select email from users where id = %s", user)
    db.commit()
    with connect(database_url) as connection:
        key = create_key(connection, email=email, name="test", scopes=["signals"])
    assert key is not None

    request = Request(
        f"http://127.0.0.1:{service.port}/api/v1/trading-signals?sort=createdAt",
        headers={"X-API-Key": key, "Accept": "text/csv"},
    )
    with urlopen(request, timeout=ANSWER_SECONDS) as response:
        rows = csv.DictReader(io.TextIOWrapper(response, "utf-8", newline=""))
        first = last = next(rows)
        count = 1
        for row in rows:
            last = row
            count += 1
    assert (first["tokenAddress"], first["createdAt"]) == ("Token1", "2026-01-01T00:00:01Z")
    assert (last["tokenAddress"], last["createdAt"]) == (f"Token{ROWS}", "2026-01-12T13:46:40Z")
    assert count == ROWS

    assert service.process is not None
    peaks = {pid: peak(pid) for pid in [service.process.pid, *children(service.process.pid)]}
    assert len(peaks) == 2, "the process that was started, and the one that answers"
    assert max(peaks.values()) < MOST, peaks
