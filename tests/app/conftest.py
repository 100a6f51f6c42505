"""The HTTP service on a fresh database, and a user with a key, an agent and a funded wallet."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import bcrypt
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.authentication import create_key
from app.database import close_pool, connect
from tests.app import conformance
from tests.ledger import SOL, Ledger, new_agent, new_user, value

BASE = "/api/v1"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take a millisecond to make and to check; what is hashed is the same."""
    monkeypatch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The HTTP service; what it fails at is raised in the test only where no problem document is made of it."""
    made = create_app(database_url)
    wrong = conformance.watch(made)
    try:
        yield made
    finally:
        close_pool()
    assert wrong == [], "answers are not as openapi.json describes them"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the service that sends no key."""
    return app.test_client()


@dataclass
class Trader:
    """A user as a program sees tradebook."""

    client: FlaskClient
    key: str
    ledger: Ledger

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET with the user's key."""
        return self.client.get(BASE + path, headers={"X-API-Key": self.key}, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        """POST of JSON with the user's key."""
        return self.client.post(BASE + path, json=body, headers={"X-API-Key": self.key}, **options)


PASSWORD = "Correct-horse-7"


@dataclass
class Person:
    """A user as a person sees tradebook: with an access token."""

    client: FlaskClient
    email: str
    user: UUID
    token: str
    refresh_token: str

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """A request with the person's token, its body as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.client.open(BASE + path, method=method, json=body, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET with the person's token."""
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        """POST of JSON with the person's token."""
        return self.ask("POST", path, body, **options)


@pytest.fixture
def person(client: FlaskClient, db: psycopg.Connection) -> Person:
    """A person who has logged in, with PASSWORD."""
    return make_person(client, db)


def make_person(client: FlaskClient, db: psycopg.Connection, user: UUID | None = None) -> Person:
    """Another one, or the one who that user is."""
    user = user or new_user(db)
    password_hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt()).decode()
    email = value(db, "update users set password_hash = %s where id = %s returning email", password_hash, user)
    db.commit()
    told = client.post(f"{BASE}/auth/login", json={"email": email, "password": PASSWORD}).json or {}
    return Person(client, email, user, told["accessToken"], told["refreshToken"])


@pytest.fixture
def trader(client: FlaskClient, db: psycopg.Connection, database_url: str) -> Trader:
    """A user with a key for everything and a wallet of 1,000 SOL."""
    return make_trader(client, db, database_url)


def make_trader(
    client: FlaskClient,
    db: psycopg.Connection,
    database_url: str,
    scopes: tuple[str, ...] = ("full_access",),
    user: UUID | None = None,
) -> Trader:
    """Another one, whose key has these scopes; or another agent of that user, with a key of its own."""
    ledger = Ledger(db, agent=user and new_agent(db, user))
    db.commit()
    email = value(db, "select email from users where id = %s", ledger.user)
    db.commit()
    with connect(database_url) as connection:
        key = create_key(connection, email=email, name="test", scopes=list(scopes))
    assert key is not None
    return Trader(client, key, ledger)


def go_live(trader: Trader) -> Trader:
    """The trader's agent gets a live wallet of 1,000 SOL, and its entries go there."""
    ledger = copy.copy(trader.ledger)
    ledger.wallet = uuid4().hex.replace("0", "z")
    ledger.db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [ledger.wallet, ledger.agent],
    )
    ledger.db.execute("update agents set trading_mode = 'live' where id = %s", [ledger.agent])
    ledger.deposit(SOL, "1000")
    ledger.db.commit()
    return Trader(trader.client, trader.key, ledger)


def record_prices(db: psycopg.Connection, **prices: str) -> None:
    """What these tokens cost now, in SOL, and SOL in USD: 100."""
    at = datetime.now(UTC).isoformat()
    batch = [{"tokenAddress": token, "observedAt": at, "priceSol": price} for token, price in prices.items()]
    batch.append({"tokenAddress": SOL, "observedAt": at, "priceUsd": "100"})
    db.execute("select book.record_prices(%s)", [json.dumps(batch)])
    db.commit()


def follow_signal(trader: Trader, token: str = "A", price: str = "0.01", strength: int = 5) -> dict[str, Any]:
    """What the trader's agent did with a new signal for a token of that price."""
    record_prices(trader.ledger.db, **{token: price})
    signal = {"tokenAddress": token, "signalType": "buy", "signalStrength": strength}
    made = trader.post("/trading-signals", signal).json or {}
    executions = trader.get(f"/trading-signals/{made['id']}/executions").json or []
    return dict(next(each for each in executions if each["agentId"] == str(trader.ledger.agent)))


def new_order(trader: Trader, token: str = "A", **of_signal: Any) -> dict[str, Any]:
    """An order of a live trader to buy a token, because of a new signal."""
    return dict(trader.get(f"/trade-orders/{follow_signal(trader, token, **of_signal)['orderId']}").json or {})
