"""jobs.audit_wallets: the wallets that changed are audited, no other, and none is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, Ledger

AT = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def ledgers(db: psycopg.Connection[Any]) -> list[Ledger]:
    db.autocommit = True
    ledgers = [Ledger(db) for _ in range(3)]
    ledgers[0].buy("A", "100", "1")
    return ledgers


def audited(db: psycopg.Connection[Any], hour: int) -> list[tuple[Any, ...]]:
    """Run the job; wallet, facts, voids and violations of those that it audited."""
    at = AT + timedelta(hours=hour)
    db.execute("call jobs.audit_wallets(%s)", [at])
    return db.execute(
        "select wallet_address, facts, voids, violations from wallet_audits where audited_at = %s"
        " order by wallet_address",
        [at],
    ).fetchall()


def test_only_wallets_that_changed_are_audited_again(db: psycopg.Connection[Any], ledgers: list[Ledger]) -> None:
    first, second, third = ledgers
    assert audited(db, 0) == [(first.wallet, 2, 0, 0), (second.wallet, 1, 0, 0), (third.wallet, 1, 0, 0)]
    assert audited(db, 1) == []
    second.deposit(SOL, "1")
    assert audited(db, 2) == [(second.wallet, 2, 0, 0)]
    assert audited(db, 3) == []


def test_a_wallet_without_facts_is_not_audited(db: psycopg.Connection[Any]) -> None:
    db.autocommit = True
    Ledger(db, sol=None)
    assert audited(db, 0) == []


def test_a_fact_that_is_committed_late_is_audited_then(
    db: psycopg.Connection[Any], database_url: str, ledgers: list[Ledger]
) -> None:
    """It arrived before the audit by its time, which was drawn before."""
    with psycopg.connect(database_url) as other:
        other.execute(
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            " input_amount, value_usd) values (%s, %s, 'DEPOSIT', now(), %s, 1, 100)",
            [ledgers[2].agent, ledgers[2].wallet, SOL],
        )
        assert len(audited(db, 0)) == 3
        other.commit()
    assert audited(db, 1) == [(ledgers[2].wallet, 2, 0, 0)]


@pytest.mark.spoils_the_book
def test_a_void_and_a_violation_are_seen_until_they_are_mended(
    db: psycopg.Connection[Any], ledgers: list[Ledger]
) -> None:
    wallet = ledgers[1].wallet
    audited(db, 0)
    db.execute("set session_replication_role = replica")
    db.execute(
        "update agent_transactions set voided_at = now(), void_reason = 'mistake', voided_by = 'user x'"
        " where wallet_address = %s",
        [wallet],
    )
    # Its balance by two laws, and of three totals each the facts, and the deposits in SOL and USD.
    assert audited(db, 1) == [(wallet, 1, 1, 11)]
    assert db.execute("select first_violation from wallet_audits where violations > 0").fetchall() == [
        (f"law 1 {SOL} agent_balances.balance: expected 0 actual 1000",)
    ]
    assert audited(db, 2) == [(wallet, 1, 1, 11)]
    db.execute("update agent_balances set balance = '0' where wallet_address = %s", [wallet])
    db.execute("delete from wallet_totals where wallet_address = %s", [wallet])
    assert audited(db, 3) == [(wallet, 1, 1, 0)]
    assert audited(db, 4) == []


def test_the_job_finds_the_wallets_without_reading_their_facts(
    db: psycopg.Connection[Any], ledgers: list[Ledger]
) -> None:
    """Counting is by index; the rows of the table are many times as large."""
    db.execute("analyze")
    db.execute("set enable_seqscan = off")
    plan = "\n".join(line for (line,) in db.execute("explain select * from book.wallet_facts"))
    assert "Index Only Scan using agent_transactions_output_history_idx" in plan
    assert "agent_transactions_voided_idx" in plan
