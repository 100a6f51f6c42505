"""The gains of a year: every sale and burn once, its parts adding up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.histories import History
from tests.ledger import SOL, Ledger
from tests.sql.test_as_of import rows


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def gains(ledger: Ledger) -> list[dict[str, Any]]:
    return ledger.rows("select * from report.tax_gains where agent_id = %s order by sold_at", ledger.agent)


def test_a_sale_tells_what_came_in_and_what_it_had_cost(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "10", fee="0.1", fees_usd="10")
    sale = ledger.sell("A", "50", "10", fee="0.2", fees_usd="30", value_usd="1500", transaction_hash="signature")
    (row,) = gains(ledger)
    sold_at = ledger.fact(sale)["transaction_time"]
    assert row == {
        "user_id": ledger.user,
        "agent_id": ledger.agent,
        "wallet_address": ledger.wallet,
        "tax_year": 2026,
        "sold_on": date(2026, 1, 1),
        "sold_at": sold_at,
        "acquired_at": ledger.fact(buy)["transaction_time"],
        "holding_seconds": 3600,
        "token_address": "A",
        "token_symbol": "A",
        "kind": "swap",
        "amount": 50,
        "received_sol": 10,
        "fees_sol": D("0.2"),
        "proceeds_sol": D("9.8"),
        "cost_sol": D("5.05"),
        "gain_sol": D("4.75"),
        "received_usd": 1500,
        "fees_usd": 30,
        "proceeds_usd": 1470,
        "cost_usd": 505,
        "gain_usd": 965,
        "method": "average cost",
        "purchase_transaction_id": buy,
        "sale_transaction_id": sale,
        "transaction_hash": "signature",
    }


def test_a_burn_brings_nothing_and_its_fee_is_no_part_of_the_gain(ledger: Ledger) -> None:
    ledger.buy("A", "100", "10")
    ledger.burn("A", "50", fees_sol="0.1", fees_usd="10")
    ledger.burn(SOL, "1")
    ledger.withdraw("A", "10")
    (row,) = gains(ledger)
    names = ("kind", "received_sol", "fees_sol", "proceeds_sol", "cost_sol", "gain_sol", "fees_usd", "gain_usd")
    assert [row[name] for name in names] == ["burn", 0, 0, 0, 5, -5, 0, -500]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Havana"])
def test_a_year_ends_at_midnight_utc(ledger: Ledger, zone: str) -> None:
    ledger.deposit(SOL, "100", transaction_time=datetime(2024, 12, 1, tzinfo=UTC))
    ledger.buy("A", "100", "10", transaction_time=datetime(2024, 12, 2, tzinfo=UTC))
    last = datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    for when in (datetime(2025, 1, 1, tzinfo=UTC), last, datetime(2026, 1, 1, tzinfo=UTC)):
        ledger.sell("A", "10", "2", transaction_time=when)
    ledger.db.execute(f"set timezone to '{zone}'")
    assert [(row["tax_year"], row["sold_on"].isoformat()) for row in gains(ledger)] == [
        (2025, "2025-01-01"),
        (2025, "2025-12-31"),
        (2026, "2026-01-01"),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_the_sums_are_those_of_the_book(db: psycopg.Connection[Any], seed: int) -> None:
    history = History(db, seed)
    while history.shares["rows"] < 60 or not history.shares["voids"]:
        history.arrive()
    for agent in set(history.agents.values()):
        found = rows(db, "select * from report.tax_gains where agent_id = %s", agent)
        (booked,) = rows(db, "select * from report.performance(%s)", agent)
        for currency in ("sol", "usd"):
            total = sum(row[f"gain_{currency}"] for row in found)
            assert total == booked[f"realized_gain_{currency}"]
            for row in found:
                received, fees, proceeds, cost, gain = (
                    row[f"{name}_{currency}"] for name in ("received", "fees", "proceeds", "cost", "gain")
                )
                assert (received - fees, proceeds - cost) == (proceeds, gain)
        assert len(found) == booked["swaps"]
