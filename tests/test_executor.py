"""scripts/executor against the service: from a signal to a historical swap, with its failures and the service's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from app.authentication import create_key
from app.database import connect
from tests.ledger import SOL, Ledger, value
from tests.service import Service

PROGRAM = Path(__file__).parents[1] / "scripts" / "executor"
SECONDS = 60
"""In which anything here is done; far more than it takes."""


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path / "log", DATABASE_URL=database_url)
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Desk:
    """A user whose agent trades with a live wallet of 1,000 SOL, the operator's source of prices, and an executor."""

    def __init__(self, service: Service, db: psycopg.Connection, database_url: str, directory: Path) -> None:
        self.service = service
        self.db = db
        self.directory = directory
        self.ledger = Ledger(db)
        self.ledger.wallet = uuid4().hex.replace("0", "z")
        db.execute(
            "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
            [self.ledger.wallet, self.ledger.agent],
        )
        db.execute("update agents set trading_mode = 'live'")
        self.ledger.deposit(SOL, "1000")
        email = value(db, "select email from users")
        db.commit()
        with connect(database_url) as connection:
            made = [create_key(connection, email=email, name="x", scopes=[scope]) for scope in ("full_access", "feed")]
        self.key, self.feed = (str(key) for key in made)

    def price(self, sol: str) -> None:
        at = datetime.now(UTC).isoformat()
        batch = [
            {"tokenAddress": SOL, "observedAt": at, "priceUsd": "100"},
            {"tokenAddress": "A", "observedAt": at, "priceSol": sol},
        ]
        assert self.service.ask("POST", "/prices", batch, X_API_Key=self.feed).status == 200

    def signal(self, strength: int = 3) -> None:
        body = {"tokenAddress": "A", "symbol": "AAA", "signalType": "buy", "signalStrength": strength}
        assert self.service.ask("POST", "/trading-signals", body, X_API_Key=self.key).status == 201

    def get(self, path: str) -> Any:
        answer = self.service.ask("GET", path, X_API_Key=self.key)
        assert answer.status == 200, answer
        return answer.body

    def statuses(self) -> list[tuple[str, str]]:
        """Of all orders, the newest first."""
        return [(order["reason"], order["status"]) for order in self.get("/trade-orders")]

    def executor(self, *options: str, name: str = "one") -> subprocess.Popen[bytes]:
        """Start one; what it says goes to a file of its name."""
        base = f"http://127.0.0.1:{self.service.port}/api/v1"
        command = [PROGRAM, "--base-url", base, "--delay", "0.01", "--pause", "0.05", "--name", name, *options]
        with (self.directory / name).open("ab") as said:
            return subprocess.Popen(
                command, stdout=said, stderr=said, env={"EXECUTOR_KEY": self.key, "PATH": "/usr/bin:/bin"}
            )

    def said(self, name: str = "one") -> str:
        return (self.directory / name).read_text()


@pytest.fixture
def desk(service: Service, db: psycopg.Connection, database_url: str, tmp_path: Path) -> Desk:
    return Desk(service, db, database_url, tmp_path)


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    """Where programs are put that are to end with the test."""
    with ExitStack() as stack:
        yield stack


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.05)


def test_a_signal_becomes_a_position_and_a_fall_of_the_price_a_historical_swap(desk: Desk, ends: ExitStack) -> None:
    running = desk.executor()
    ends.callback(running.kill)
    desk.price("0.01")
    desk.signal()
    until(lambda: desk.statuses() == [("signal", "filled")])
    (execution,) = desk.get("/signal-executions")
    (position,) = desk.get(f"/agent-positions/{desk.ledger.agent}")
    assert (execution["status"], execution["transactionId"]) == ("success", position["purchaseTransactionId"])
    spent = Decimal(execution["sizeSol"])
    assert Decimal(position["remainingAmount"]) == spent * 100

    desk.price("0.006")
    until(lambda: desk.statuses() == [("stop_loss", "filled"), ("signal", "filled")])
    (swap,) = desk.get("/agent-historical-swaps")
    assert (swap["closeReason"], swap["signalId"]) == ("stop_loss", execution["signalId"])
    assert Decimal(swap["gainSol"]) == spent * Decimal("-0.4") - Decimal("0.00001")
    assert desk.get(f"/agent-positions/{desk.ledger.agent}") == []
    (action,) = desk.get(f"/agent-positions/{desk.ledger.agent}/actions")
    assert (action["rule"], action["status"], action["transactionId"]) == ("stop_loss", "success", swap["id"])

    running.terminate()
    assert running.wait(SECONDS) == 0, desk.said()
    assert desk.said().count("filled") == 2


def test_a_swap_that_fails_is_told_and_the_next_signal_is_another_chance(desk: Desk) -> None:
    desk.price("0.01")
    desk.signal()
    assert desk.executor("--once", "--fail-rate", "1").wait(SECONDS) == 0
    assert desk.statuses() == [("signal", "failed")], desk.said()
    (execution,) = desk.get("/signal-executions")
    assert (execution["status"], execution["error"]) == ("failed", "no route was found")
    desk.signal(4)
    assert desk.executor("--once").wait(SECONDS) == 0
    assert desk.statuses() == [("signal", "filled"), ("signal", "failed")], desk.said()


def test_the_service_may_be_away_when_a_swap_is_to_be_told(desk: Desk, ends: ExitStack) -> None:
    desk.price("0.01")
    desk.signal()
    # It swaps for as long as it takes to stop the service.
    running = desk.executor("--once", "--delay", "3")
    ends.callback(running.kill)
    until(lambda: desk.statuses() == [("signal", "claimed")])
    desk.service.kill()
    until(lambda: "the service is away" in desk.said())
    assert value(desk.db, "select status from trade_orders") == "claimed"
    desk.db.rollback()
    desk.service.start()
    assert running.wait(SECONDS) == 0, desk.said()
    assert desk.statuses() == [("signal", "filled")]


def test_one_that_is_killed_leaves_its_order_to_another(desk: Desk, ends: ExitStack) -> None:
    desk.price("0.01")
    desk.signal()
    slow = desk.executor("--delay", "20", name="slow")
    ends.callback(slow.kill)
    until(lambda: desk.statuses() == [("signal", "claimed")])
    slow.kill()
    slow.wait()
    assert desk.executor("--once", name="other").wait(SECONDS) == 0
    assert desk.statuses() == [("signal", "claimed")], "it is the slow one's until its lease ends"
    desk.db.execute("set role tradebook_book")
    desk.db.execute("update trade_orders set claimed_until = created_at")
    desk.db.execute("reset role")
    desk.db.commit()
    assert desk.executor("--once", name="other").wait(SECONDS) == 0
    (order,) = desk.get("/trade-orders")
    assert (order["status"], order["claimedBy"], order["attempts"]) == ("filled", "other", 2)


def test_a_key_that_may_not_trade_ends_it_with_the_problem(desk: Desk) -> None:
    assert desk.executor("--once", "--key", desk.feed).wait(SECONDS) == 1
    assert "scope_missing" in desk.said()
