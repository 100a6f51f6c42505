"""The reports show what the tables would show to whoever asks: another user's rows are not there."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger import SOL, Ledger, acting_as

REPORTS = {
    "balances_as_of": "select * from report.balances_as_of(%(agent)s, 'infinity')",
    "positions_as_of": "select * from report.positions_as_of(%(agent)s, 'infinity')",
    "gain_between": "select * from report.gain_between(%(agent)s, '-infinity', 'infinity')",
    "wallet_statement": "select * from report.wallet_statement(%(wallet)s, '-infinity', 'infinity')",
    "explain_swap": "select * from report.explain_swap(%(swap)s)",
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
        asked.append({"agent": ledger.agent, "wallet": ledger.wallet, "swap": swap})
    (mine_is,) = mine.rows("select user_id from agents where id = %s", mine.agent)
    with acting_as(db, "api", mine_is["user_id"]):
        seen = [bool(db.execute(REPORTS[report], parameters).fetchall()) for parameters in asked]
    assert seen == [True, False]
