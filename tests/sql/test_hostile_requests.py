"""What agents do on their own, attacked: by figures that fit nowhere, by other users' ids, by roles that may not ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger, acting_as, checksums, value
from tests.sql.test_cascades import new_live_wallet

Db = psycopg.Connection[Any]


def observe(db: Db, token: str, sol: str, usd: str | None = None, seconds: int = 0) -> None:
    """A price of the feed, so many seconds before now."""
    price = {
        "tokenAddress": token,
        "observedAt": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(),
        "priceSol": sol,
        **({} if usd is None else {"priceUsd": usd}),
    }
    with acting_as(db, "feed"):
        db.execute("select book.record_prices(%s)", [json.dumps([price])])


def sol_price(db: Db) -> None:
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', now(), 1, 100)",
        [SOL],
    )


def recent(ledger: Ledger) -> Ledger:
    """The same wallet, whose next trades are of the last hours."""
    ledger.now = datetime.now(UTC) - timedelta(hours=12)
    return ledger


def call(ledger: Ledger, function: str, *arguments: Any, user: UUID | None = None) -> Any:
    """The document that a function of the book answers to the wallet's user, now."""
    places = ", ".join(["%s"] * len(arguments))
    stated = [json.dumps(each) if isinstance(each, dict) else each for each in arguments]
    with acting_as(ledger.db, "api", user or ledger.user):
        return value(ledger.db, f"select document from book.{function}({places}, clock_timestamp())", *stated)


def refused(ledger: Ledger, function: str, *arguments: Any, user: UUID | None = None) -> str:
    """The SQLSTATE of a call that is refused and changes nothing."""
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        call(ledger, function, *arguments, user=user)
    ledger.db.execute("reset role")
    assert checksums(ledger.db) == before
    return str(refusal.value.sqlstate)


# One user's figures


def test_a_position_whose_sale_fits_nowhere_fails_alone(db: Db) -> None:
    """Else whoever books absurd amounts of a token would stop its prices, and everybody's protection with them."""
    sol_price(db)
    absurd, other = recent(Ledger(db)), recent(Ledger(db))
    absurd.buy("A", "9" * 20, "1")
    other.buy("A", "1", "100")
    observe(db, "A", "30")
    assert other.position("A") is None
    assert absurd.position("A") is not None
    assert other.swaps()[0]["close_reason"] == "stop_loss"
    # The other one is rich beyond any stop; when the price falls again it is to sell, which fits nowhere.
    observe(db, "A", "2")
    (action,) = absurd.rows("select * from position_actions where wallet_address = %s", absurd.wallet)
    assert (action["rule"], action["status"], action["transaction_id"]) == ("stop_loss", "failed", None)
    assert action["error"]


def test_a_signal_whose_purchase_fits_nowhere_fails_alone(db: Db) -> None:
    sol_price(db)
    rich, other = recent(Ledger(db)), recent(Ledger(db))
    rich.deposit(SOL, "9" * 19, value_usd="1")
    config = {
        "purchaseLimits": {"maxPurchasePerToken": "9" * 19},
        "positionCalculator": {
            "positionSizes": {"large": {"min": "9" * 19, "max": "9" * 19}},
            "randomization": {"enabled": False},
        },
    }
    db.execute("update agents set trading_config = %s where id = %s", [json.dumps(config), rich.agent])
    db.execute("update agents set automated_trading_simulation = true")
    observe(db, "A", "0.000000000000000001")
    db.execute("insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'buy', 5)")
    statuses = dict(db.execute("select agent_id, status from signal_executions").fetchall())
    assert statuses == {rich.agent: "failed", other.agent: "success"}
    assert other.position("A") is not None


def test_usd_that_fit_nowhere_fail_a_trade_alone(db: Db) -> None:
    """By the token's own ratio, where the SOL/USD price is unknown."""
    rich, other = recent(Ledger(db)), recent(Ledger(db, sol="2000"))
    rich.buy("A", "100000000", "1")
    other.buy("A", "1", "1000")
    observe(db, "A", "1000", usd="1000000", seconds=1)
    observe(db, "A", "100", usd="100000")
    outcomes = db.execute("select wallet_address, status from position_actions").fetchall()
    assert sorted(outcomes) == sorted([(rich.wallet, "failed"), (other.wallet, "success")])
