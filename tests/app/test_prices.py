"""Prices over HTTP: the operator's sources write them, and everybody reads the latest with its age."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Trader, make_person, make_trader
from tests.app.test_wallets import problem
from tests.ledger import SOL, checksums, value


@pytest.fixture
def feed(client: FlaskClient, db: psycopg.Connection, database_url: str) -> Trader:
    """Whoever has a key with the scope feed."""
    return make_trader(client, db, database_url, scopes=("feed",))


def price(token: str = "A", at: str = "2026-01-01T00:00:00Z", sol: str | None = "0.5", **fields: Any) -> dict[str, Any]:
    return {"tokenAddress": token, "observedAt": at} | ({"priceSol": sol} if sol else {}) | fields


def test_prices_are_recorded_once_and_read_with_age_and_source(
    feed: Trader, trader: Trader, db: psycopg.Connection
) -> None:
    batch = [price(), price(at="2026-01-02T00:00:00Z", sol="0.123456789012345678"), price(source="other", sol="9")]
    sent = feed.post("/prices", batch)
    assert (sent.status_code, sent.json) == (200, {"received": 3, "recorded": 3})
    assert feed.post("/prices", batch).json == {"received": 3, "recorded": 0}
    told = trader.get("/prices/A").json or {}
    age = told.pop("ageSeconds")
    assert told == {
        "tokenAddress": "A",
        "priceSol": "0.123456789012345678",
        "priceUsd": None,
        "source": "feed",
        "observedAt": "2026-01-02T00:00:00Z",
    }
    since = value(db, "select extract(epoch from now() - timestamptz '2026-01-02T00:00:00Z')")
    assert 0 <= since - age < 60
    assert problem(trader.get("/prices/B"))[:2] == (404, "not_found")


def test_the_price_of_sol_has_a_path_of_its_own(feed: Trader, trader: Trader) -> None:
    assert trader.get("/price-feeds/sol-usd").status_code == 404
    assert feed.post("/prices", [price(SOL, sol=None, priceUsd="151.25")]).status_code == 200
    told = trader.get("/price-feeds/sol-usd").json or {}
    assert (told["priceSol"], told["priceUsd"], told["source"]) == ("1", "151.25", "feed")
    same = feed.get(f"/prices/{SOL}").json or {}
    assert same | {"ageSeconds": 0} == told | {"ageSeconds": 0}


def test_one_price_that_is_wrong_leaves_all_out(feed: Trader, db: psycopg.Connection) -> None:
    before = checksums(db)
    db.rollback()
    for wrong, expected in [
        (price(sol="0"), (422, "amount_not_valid", "/1/priceSol")),
        (price(sol=None), (400, "field_required", "/1/priceUsd")),
        (price(sol=None, priceUsd="1"), (422, "sol_price_required", "/1/priceUsd")),
        (price(at="2999-01-01T00:00:00Z"), (422, "price_in_future", "/1/observedAt")),
        (price(price="1"), (400, "field_unknown", "/1/price")),
        (price("B", sol="2"), (409, "repeat_differs", None)),
    ]:
        response = feed.post("/prices", [price("B"), wrong])
        assert problem(response)[:2] == expected[:2], response.text
        assert expected[2] in (None, problem(response)[2])
    for body in ({}, [], [price()] * 10_001):
        assert problem(feed.post("/prices", body)) == (400, "field_not_valid", None)
    assert feed.post("/prices?dry_run=true", [price()]).json == {"received": 1, "recorded": 1}
    assert checksums(db) == before


def test_ten_thousand_prices_are_recorded_at_once(feed: Trader) -> None:
    batch = [price(f"Token{number}") for number in range(10_000)]
    assert feed.post("/prices", batch).json == {"received": 10_000, "recorded": 10_000}


def test_no_user_writes_prices(client: FlaskClient, db: psycopg.Connection, trader: Trader, feed: Trader) -> None:
    before = checksums(db)
    db.rollback()
    person = make_person(client, db, trader.ledger.user)
    assert trader.post("/prices", [price()]).status_code == 403
    assert person.post("/prices", [price()]).status_code == 403
    assert client.post(f"{BASE}/prices", json=[price()]).status_code == 401
    kept = {name: told for name, told in checksums(db).items() if name == "token_prices"}
    assert kept.items() <= before.items()


def test_prices_are_read_with_a_scope(client: FlaskClient, db: psycopg.Connection, database_url: str) -> None:
    other = make_trader(client, db, database_url, scopes=("agents",))
    assert other.get("/prices/A").status_code == 403
    assert other.get("/price-feeds/sol-usd").status_code == 403
    assert client.get(f"{BASE}/prices/A").status_code == 401
