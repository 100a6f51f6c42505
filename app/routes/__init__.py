"""The resources below /api/v1, a module each."""

from __future__ import annotations

from flask import Flask

from app.routes import (
    agents,
    api_keys,
    auth,
    balances,
    docs,
    health,
    historical_swaps,
    positions,
    transactions,
    wallets,
)

BASE = "/api/v1"


def init_app(app: Flask) -> None:
    """Register every resource."""
    for module in [health, auth, api_keys, agents, wallets, transactions, balances, positions, historical_swaps]:
        app.register_blueprint(module.bp, url_prefix=BASE)
    app.register_blueprint(docs.bp)
