"""The reports show what the tables would show to whoever asks: another user's rows are not there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.curves import snapshot
from tests.ledger import SOL, START, Ledger, acting_as

REPORTS = {
    "balances_as_of": "select * from report.balances_as_of(%(agent)s, 'infinity')",
    "positions_as_of": "select * from report.positions_as_of(%(agent)s, 'infinity')",
    "performance": "select * from report.performance(%(agent)s)",
    "breakdown": "select * from report.breakdown(%(agent)s, 'token')",
    "wallet_statement": "select * from report.wallet_statement(%(wallet)s, '-infinity', 'infinity')",
    "explain_swap": "select * from report.explain_swap(%(swap)s)",
    "lots": "select * from report.lots(%(agent)s)",
    "tax_gains": "select * from report.tax_gains where agent_id = %(agent)s",
    "equity_curve": "select * from report.equity_curve(%(agent)s)",
    "balance_history": "select * from report.balance_history(%(agent)s)",
    "daily_equity": "select * from report.daily_equity where agent_id = %(agent)s",
    "drawdowns": "select * from report.drawdowns(%(agent)s)",
    "statistics": "select * from report.statistics(%(agent)s)",
    "ledger_warnings": "select * from report.ledger_warnings where agent_id = %(agent)s",
}


@pytest.mark.parametrize("report", REPORTS)
def test_another_user_s_rows_are_not_there(db: psycopg.Connection[Any], report: str) -> None:
    mine, theirs = Ledger(db), Ledger(db)
    asked = []
    for ledger in (mine, theirs):
        ledger.buy("A", "100", "1")
        swap = ledger.sell("A", "50", "1")
        ledger.burn(SOL, "1")
        ledger.snapshots(hours=24)
        snapshot(ledger, START + timedelta(days=3), 1)
        asked.append({"agent": ledger.agent, "wallet": ledger.wallet, "swap": swap})
    with acting_as(db, "api", mine.user):
        seen = [bool(db.execute(REPORTS[report], parameters).fetchall()) for parameters in asked]
    assert seen == [True, False]
