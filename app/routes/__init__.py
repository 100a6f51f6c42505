"""The resources below /api/v1, a module each."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter

from app.routes import (
    agents,
    api_keys,
    auth,
    balances,
    dead_tokens,
    docs,
    events,
    health,
    historical_swaps,
    positions,
    prices,
    trade_orders,
    trades,
    trading_signals,
    transactions,
    wallets,
)

BASE = "/api/v1"


class NumberConverter(IntegerConverter):
    """A number of a row; one that no row can have becomes 0, which none has."""

    def to_python(self, value: str) -> int:
        # To refuse it here would be 405, since another method's rule has matched by then.
        return int(value) if len(value) <= 10 and int(value) <= 2147483647 else 0


def init_app(app: Flask) -> None:
    """Register every resource."""
    app.url_map.converters["int"] = NumberConverter
    for module in [
        health,
        auth,
        api_keys,
        agents,
        wallets,
        transactions,
        balances,
        positions,
        historical_swaps,
        events,
        trading_signals,
        trade_orders,
        trades,
        prices,
        dead_tokens,
    ]:
        app.register_blueprint(module.bp, url_prefix=BASE)
    app.register_blueprint(docs.bp)
