"""A fact that is booked stays: it can be described further, and goes only with what it belongs to."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger import Ledger, checksums

EDITS = [
    "update agent_transactions set output_amount = output_amount * 2 where output_mint = 'A'",
    "update agent_transactions set transaction_time = now() where output_mint = 'A'",
    "update agent_transactions set transaction_hash = 'other' where transaction_hash = 'signature'",
    "update agent_transactions set ledger_order = default where output_mint = 'A'",
    "delete from agent_transactions where output_mint = 'A'",
    "truncate agent_transactions cascade",
]


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    ledger = Ledger(db)
    ledger.buy("A", "100", "1", transaction_hash="signature")
    ledger.buy("B", "100", "1")
    db.commit()
    return ledger


@pytest.mark.parametrize("edit", EDITS)
def test_a_fact_cannot_be_changed_or_deleted(ledger: Ledger, edit: str) -> None:
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.db.execute(edit)
    assert refusal.value.sqlstate == "TB013"
    assert checksums(ledger.db) == before


def test_what_describes_a_fact_can_be_filled_in(ledger: Ledger) -> None:
    ledger.db.execute(
        "update agent_transactions set transaction_hash = 'late', slippage = 0.5, routes = '{}' where output_mint = 'B'"
    )
    stored = ledger.rows("select transaction_hash, slippage, routes from agent_transactions where output_mint = 'B'")
    assert [tuple(row.values()) for row in stored] == [("late", pytest.approx(0.5), {})]


@pytest.mark.parametrize("table", ["agent_wallets", "agents", "users"])
def test_facts_go_with_what_they_belong_to(ledger: Ledger, table: str) -> None:
    ledger.db.execute(f"delete from {table}")
    assert ledger.rows("select id from agent_transactions") == []
