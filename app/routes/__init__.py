"""The resources below /api/v1, a module each."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from app.routes import (
    agents,
    api_keys,
    auth,
    balances,
    docs,
    events,
    health,
    historical_swaps,
    positions,
    prices,
    trading_signals,
    transactions,
    wallets,
)

BASE = "/api/v1"


class NumberConverter(IntegerConverter):
    """A number that a row can have; any other is the number of none."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2147483647)


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
        prices,
    ]:
        app.register_blueprint(module.bp, url_prefix=BASE)
    app.register_blueprint(docs.bp)
