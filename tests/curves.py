"""Snapshots of a wallet's value, which the book alone can make, and the reports that are read from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.ledger import Ledger, acting_as


def snapshot(ledger: Ledger, at: datetime, portfolio: Any, sol: Any = None, unrealized: Any = "0") -> None:
    """A snapshot of the wallet: its value, of it SOL (all of it, if nothing is said), and what is not realized."""
    value = Decimal(portfolio)
    held = value if sol is None else Decimal(sol)
    with acting_as(ledger.db, "book"):
        ledger.db.execute(
            """
            insert into agent_balance_snapshots (
                agent_id, wallet_address, user_id, snapshot_timestamp,
                portfolio_balance_sol, sol_balance, positions_value_sol, unrealized_pnl_sol
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [ledger.agent, ledger.wallet, ledger.user, at, value, held, value - held, Decimal(unrealized)],
        )


def price(ledger: Ledger, token: str, sol: str, at: datetime, usd: str | None = None) -> None:
    """A price of the operator's feed, SOL and USD for one token."""
    with acting_as(ledger.db, "feed"):
        ledger.db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
            " values (%s, 'feed', %s, %s, %s)",
            [token, at, sol, usd],
        )


def curve(ledger: Ledger, start: Any = "-infinity", end: Any = "infinity", wallet: str | None = None) -> list[Any]:
    """The rows of report.equity_curve."""
    return ledger.rows("select * from report.equity_curve(%s, %s, %s, %s)", ledger.agent, start, end, wallet)


def statistics(
    ledger: Ledger, start: Any = "-infinity", end: Any = "infinity", wallet: str | None = None
) -> dict[str, Any]:
    """The row of report.statistics."""
    (row,) = ledger.rows("select * from report.statistics(%s, %s, %s, %s)", ledger.agent, start, end, wallet)
    return row


def columns(rows: Iterable[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]
