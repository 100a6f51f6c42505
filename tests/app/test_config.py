"""The trading config of an agent over HTTP: read, replaced, changed, reset; who may, and what is told of a bad one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.conftest import BASE, Person, Trader, make_person, make_trader
from tests.ledger import value

Db = psycopg.Connection[Any]


@pytest.fixture
def owner(client: FlaskClient, db: Db, trader: Trader) -> Person:
    """The trader's user, as a person."""
    return make_person(client, db, trader.ledger.user)


@pytest.fixture
def url(trader: Trader) -> str:
    return f"/agents/{trader.ledger.agent}/config"


def stored(trader: Trader) -> Any:
    """What the agent's tradingConfig is."""
    return (trader.get(f"/agents/{trader.ledger.agent}").json or {})["tradingConfig"]


def told(response: TestResponse) -> tuple[int, str, list[str]]:
    """Status, name and pointers of a problem."""
    problem = response.json or {}
    return response.status_code, problem["type"].rpartition("/")[2], [each["pointer"] for each in problem["errors"]]


def test_an_agent_without_one_goes_by_the_defaults(db: Db, trader: Trader, url: str) -> None:
    response = trader.get(url)
    assert response.status_code == 200
    assert response.json == value(db, "select book.default_trading_config()")
    assert stored(trader) is None


def test_put_replaces_patch_merges_and_delete_resets(owner: Person, trader: Trader, url: str) -> None:
    levels = [{"dropPercent": "-10", "buyPercent": "25.5"}]
    put = owner.ask("PUT", url, {"dca": {"maxDCACount": 5, "levels": levels}, "staleTrade": {"enabled": False}})
    assert put.status_code == 200
    assert put.json == trader.get(url).json
    assert (put.json or {})["dca"]["cooldownSeconds"] == 30

    patched = owner.ask("PATCH", url, {"dca": {"cooldownSeconds": 60}, "purchaseLimits": {"maxPriceImpact": None}})
    assert (patched.json or {})["dca"]["levels"] == levels
    assert stored(trader) == {
        "dca": {"maxDCACount": 5, "levels": levels, "cooldownSeconds": 60},
        "staleTrade": {"enabled": False},
        "purchaseLimits": {"maxPriceImpact": None},
    }

    reset = owner.ask("DELETE", f"{url}?path=dca.levels")
    assert reset.status_code == 200
    assert (reset.json or {})["dca"] == (patched.json or {})["dca"] | {"levels": []}
    owner.ask("DELETE", f"{url}?path=purchaseLimits")
    assert stored(trader) == {"dca": {"maxDCACount": 5, "cooldownSeconds": 60}, "staleTrade": {"enabled": False}}

    assert (owner.ask("PUT", url, {"dca": {"maxDCACount": 4}}).json or {})["dca"]["maxDCACount"] == 4
    assert stored(trader) == {"dca": {"maxDCACount": 4}}, "PUT leaves nothing of before"

    assert (owner.ask("DELETE", url).json or {})["dca"]["maxDCACount"] == 3
    assert stored(trader) is None


def test_what_is_read_can_be_put_back(owner: Person, trader: Trader, url: str) -> None:
    owner.ask("PUT", url, {"stopLoss": {"defaultPercentage": "-12.5"}})
    assert owner.ask("PUT", url, trader.get(url).json).status_code == 200
    assert stored(trader) == {"stopLoss": {"defaultPercentage": "-12.5"}}


def test_numbers_come_as_strings_or_numbers_and_are_answered_as_strings(owner: Person, url: str) -> None:
    for given in ("0.30", 0.3, 0.30):
        answer = owner.ask("PATCH", url, {"purchaseLimits": {"maxPriceImpact": given}}).json or {}
        assert answer["purchaseLimits"]["maxPriceImpact"] == "0.3"
        owner.ask("DELETE", url)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_all_that_is_wrong_is_told_by_its_pointer_and_nothing_is_stored(
    owner: Person, trader: Trader, url: str, method: str
) -> None:
    owner.ask("PUT", url, {"dca": {"maxDCACount": 5}})
    bad = {
        "dca": {"levels": [{"dropPercent": "-10", "buyPercent": 0}, {"dropPercent": 5}], "maxDCACount": 6},
        "stopLoss": None,
        "signal": {},
    }
    response = owner.ask(method, url, bad)
    assert told(response) == (
        422,
        "config_not_valid",
        ["/dca/levels/0/buyPercent", "/dca/levels/1/buyPercent", "/dca/levels/1/dropPercent", "/signal", "/stopLoss"],
    )
    problem = response.json or {}
    assert problem["code"] == "TB040"
    assert "/dca/levels/0/buyPercent: it has to be at least 1 and at most 500; there are 4 more" in problem["detail"]
    assert "transactions" not in problem
    assert stored(trader) == {"dca": {"maxDCACount": 5}}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ("[]", 400, "field_not_valid"),
        ("null", 400, "field_not_valid"),
        ("1", 400, "field_not_valid"),
        ('"x"', 400, "field_not_valid"),
        ("{", 400, "malformed"),
        ("", 400, "malformed"),
        ('{"dca": NaN}', 400, "malformed"),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, 400, "malformed"),
        ('{"purchaseLimits": {"maxPriceImpact": 1e999999}}', 422, "amount_out_of_range"),
        ('{"purchaseLimits": {"maxPriceImpact": 1e9999}}', 422, "config_not_valid"),
        ('{"a\\u0000": 1}', 400, "malformed"),
        ('{"signals": {"tokenList": ["' + "x" * 1_000_000 + '"]}}', 413, "request_entity_too_large"),
    ],
)
def test_a_body_that_is_no_config_is_refused(
    owner: Person, trader: Trader, url: str, method: str, body: str, status: int, name: str
) -> None:
    response = owner.ask(method, url, data=body, content_type="application/json")
    assert told(response)[:2] == (status, name), response.get_data(as_text=True)[:300]
    assert stored(trader) is None


@pytest.mark.parametrize("path", ["", "dca.", "dca..levels", "dca.levels.0", "dca.levels.*", "dca.levels[]", "x", "*"])
def test_only_settings_that_there_are_can_be_reset(owner: Person, trader: Trader, url: str, path: str) -> None:
    owner.ask("PUT", url, {"dca": {"maxDCACount": 5}})
    response = owner.ask("DELETE", url, query_string={"path": path})
    assert told(response) == (400, "field_not_valid", ["/path"])
    assert stored(trader) == {"dca": {"maxDCACount": 5}}


def test_what_the_rest_needs_cannot_be_reset(owner: Person, trader: Trader, url: str) -> None:
    config = {"stopLoss": {"mode": "custom", "trailingLevels": [{"change": "50", "stopLoss": "90"}]}}
    owner.ask("PUT", url, config)
    response = owner.ask("DELETE", f"{url}?path=stopLoss.trailingLevels")
    assert told(response) == (422, "config_not_valid", ["/stopLoss/trailingLevels"])
    assert stored(trader) == config


def test_a_dry_run_answers_the_same_and_stores_nothing(owner: Person, trader: Trader, url: str) -> None:
    owner.ask("PUT", url, {"dca": {"maxDCACount": 5}})
    for method, body in (("PUT", {"dca": {"enabled": True}}), ("PATCH", {"dca": {"enabled": True}}), ("DELETE", None)):
        tried = owner.ask(method, f"{url}?dry_run=true", body)
        assert (tried.status_code, tried.headers["Dry-Run"]) == (200, "true")
        assert tried.json != trader.get(url).json
        assert stored(trader) == {"dca": {"maxDCACount": 5}}
    assert told(owner.ask("PUT", f"{url}?dry_run=true", {"x": 1}))[:2] == (422, "config_not_valid")


def test_a_key_reads_with_the_scope_agents_and_never_writes(
    client: FlaskClient, db: Db, database_url: str, trader: Trader, url: str
) -> None:
    assert client.get(BASE + url).status_code == 401
    assert told(make_trader(client, db, database_url, ("trade",)).get(url))[:2] == (403, "scope_missing")
    assert make_trader(client, db, database_url, ("agents",)).get(url).status_code == 404
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.open(BASE + url, method=method, json={}).status_code == 401
        refused = client.open(BASE + url, method=method, json={}, headers={"X-API-Key": trader.key})
        assert told(refused)[:2] == (403, "scope_missing")


def test_anothers_agent_is_not_there(client: FlaskClient, db: Db, trader: Trader, url: str) -> None:
    stranger = make_person(client, db)
    for path in (url, f"/agents/{uuid4()}/config"):
        for method, body in (("GET", None), ("PUT", {}), ("PATCH", {"x": 1}), ("DELETE", None)):
            assert told(stranger.ask(method, path, body))[:2] == (404, "not_found")
    assert stored(trader) is None


def test_a_new_agent_can_have_one(owner: Person) -> None:
    made = owner.post("/agents", {"name": "x", "tradingConfig": {"dca": {"maxDCACount": 5, "enabled": False}}})
    assert made.status_code == 201
    assert (made.json or {})["tradingConfig"] == {"dca": {"maxDCACount": 5}}
    before = len(owner.get("/agents").json or [])
    bad = owner.post("/agents", {"name": "x", "tradingConfig": {"dca": {"maxDCACount": 11}, "x": 1}})
    assert told(bad) == (422, "config_not_valid", ["/tradingConfig/dca/maxDCACount", "/tradingConfig/x"])
    assert owner.post("/agents", {"name": "x", "tradingConfig": 5}).status_code in (400, 422)
    assert owner.post("/agents", {"name": "x", "tradingConfig": []}).status_code in (400, 422)
    assert len(owner.get("/agents").json or []) == before
