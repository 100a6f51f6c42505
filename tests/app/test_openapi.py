"""The description of the interface: it is the URL map, the committed copy is it, and schemathesis finds nothing wrong.

Schemathesis makes requests from the description, right and wrong ones, and holds the answers against it. Requests that
are right get ids that exist half of the time, and each operation is asked once for what it is there for.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app import openapi
from app.authentication import create_key
from app.database import connect
from app.paths import SQL
from tests.app.conftest import (
    BASE,
    PASSWORD,
    Person,
    Trader,
    go_live,
    make_person,
    make_trader,
    new_order,
    record_prices,
)
from tests.app.test_bad_input import buy
from tests.app.test_tenants import rules
from tests.ledger import SOL, value

COPY = SQL.parent / "app" / "openapi.json"

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
"""Of right and of wrong requests each, for every operation."""


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return openapi.document(app)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": told
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


def test_the_operations_are_the_rules_of_the_url_map(app: Flask, described: dict[str, Any]) -> None:
    assert len(operations(described)) == len(rules(app))
    names = [told["operationId"] for told in operations(described).values()]
    assert len(names) == len(set(names))


def test_the_committed_copy_is_the_description(described: dict[str, Any]) -> None:
    """`tradebook openapi > app/openapi.json` makes it anew; a change of it is a change for clients."""
    assert json.loads(COPY.read_text()) == described


def test_every_answer_has_properties_and_every_property_says_what_it_is(described: dict[str, Any]) -> None:
    for name, schema in described["components"]["schemas"].items():
        assert schema.get("properties"), name
        bare = [field for field, told in schema["properties"].items() if not told.get("description")]
        assert bare == [], name
    for name, told in operations(described).items():
        assert told["summary"], name
        for status, answer in told["responses"].items():
            assert status == "204" or answer.get("content"), (name, status)
        bare = [each["name"] for each in told["parameters"] if each["in"] == "query" and not each.get("description")]
        assert bare == [], name


REFUSED = ["400", "401", "403", "404", "409", "410", "413", "415", "422", "423"]

DESTROYS = {"delete_agent", "unassign_wallet", "reset_wallet"}
"""What would leave nothing for the operations after it: asked by chance of rows that are not there."""

ENDS_THE_SESSION = {"log_out", "change_password"}


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many requests as there are examples."""
    for what in ("LOGINS_PER_MINUTE", "REGISTRATIONS_PER_HOUR", "REFRESHES_PER_MINUTE", "SIGNALS_PER_MINUTE"):
        monkeypatch.setenv(f"TRADEBOOK_{what}", "0")


class Asker:
    """Asks one operation after the other, as a person; what takes the scope feed, with a key that has it."""

    def __init__(
        self, app: Flask, document: dict[str, Any], client: FlaskClient, db: psycopg.Connection, trader: Trader
    ) -> None:
        self.client = client
        self.db = db
        self.person = make_person(client, db, trader.ledger.user)
        self.feed = trader
        config = schemathesis.Config.from_dict(
            {
                # The key of the user instead; that others are refused is tried by the check of authentication.
                "generation": {"with-security-parameters": False},
                "checks": {
                    # A right request can still break a rule of the book: 422; and a text can be no mint or no time.
                    "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]},
                    "negative_data_rejection": {"expected-statuses": REFUSED},
                },
            }
        )
        schema = schemathesis.openapi.from_dict(document, config=config)
        assert isinstance(schema, OpenApiSchema)
        schema.app = app
        self.schema = schema
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.failures: set[str] = set()

    def credential(self, told: dict[str, Any]) -> dict[str, str]:
        if told.get("x-scope") == "feed":
            return {"X-API-Key": self.feed.key}
        if told["operationId"] in ENDS_THE_SESSION:
            return {"Authorization": f"Bearer {make_person(self.client, self.db).token}"}
        return {"Authorization": f"Bearer {self.person.token}"}

    def call(self, case: schemathesis.Case) -> None:
        headers = self.credential(case.operation.definition.raw)
        response = case.call(headers=headers)
        self.statuses[case.operation.label].add(response.status_code)
        try:
            case.validate_response(response, headers=headers)
        except FailureGroup as failures:
            self.failures |= {
                f"{case.operation.label}: {failure.title}\n{case.as_curl_command()}\n"
                f"{response.status_code} {response.text[:400]}\n{failure.message[:400]}"
                for failure in failures.exceptions
            }


def known_ids(trader: Trader, order: dict[str, Any]) -> dict[str, list[Any]]:
    """Values of parameters and fields that exist."""
    ledger = trader.ledger
    swaps = ledger.swaps()
    balances = ledger.rows("select id from agent_balances")
    ledger.db.rollback()
    return {
        "agentId": [str(ledger.agent)],
        "walletAddress": [ledger.wallet],
        "transactionId": [str(swap["sale_transaction_id"]) for swap in swaps],
        "swapId": [str(swap["id"]) for swap in swaps],
        "balanceId": [str(row["id"]) for row in balances],
        "positionId": [str(position["id"]) for position in map(ledger.position, "AB") if position],
        "inputMint": [SOL, "A"],
        "outputMint": [SOL, "A", "B"],
        "tokenAddress": [SOL, "A"],
        "transactionTime": ["2026-01-05T00:00:00Z"],
        "name": ["not_found"],
        "id": [str(uuid4())],
        "orderId": [order["id"]],
        "signalId": [value(ledger.db, "select id from trading_signals where user_id = %s", ledger.user)],
    }


def with_known(case: schemathesis.Case, known: dict[str, list[Any]], pick: int) -> schemathesis.Case:
    """The case with values that exist, wherever it has a field of that name."""

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: known[name][pick % len(known[name])] if name in known else fill(content)
                for name, content in value.items()
            }
        return [fill(each) for each in value] if isinstance(value, list) else value

    for part in ("path_parameters", "query"):
        for name in getattr(case, part) or {}:
            if name in known:
                getattr(case, part)[name] = known[name][pick % len(known[name])]
    if isinstance(case.body, dict | list):
        case.body = fill(case.body)
    return case


def examples(person: Person, trader: Trader, live: Trader) -> dict[str, Callable[[], dict[str, Any]]]:
    """What each operation is there for, where chance alone would not find it: parts of a request.

    live: the same user's other agent, which trades with a live wallet.
    """
    wallet = {"agentId": str(trader.ledger.agent), "walletAddress": "W" * 44, "walletType": "live"}
    agent = {"path_parameters": {"agentId": str(trader.ledger.agent)}}

    def booked() -> dict[str, str]:
        made = trader.post("/agent-transactions", buy(trader)).json or {}
        return {"transactionId": made["id"]}

    def new_session() -> dict[str, str]:
        login = {"email": person.email, "password": PASSWORD}
        return trader.client.post(f"{BASE}/auth/login", json=login).json or {}

    def new_key() -> dict[str, str]:
        made = person.post("/api-keys", {"name": "tried", "scopes": ["trade"]}).json or {}
        return {"keyId": made["id"]}

    def new_agent() -> dict[str, str]:
        return {"agentId": (person.post("/agents", {"name": "tried"}).json or {})["id"]}

    def new_wallet() -> dict[str, str]:
        (made,) = person.get(f"/wallets/agent/{new_agent()['agentId']}").json or []
        return {"walletAddress": made["walletAddress"]}

    def signal() -> dict[str, Any]:
        return {"tokenAddress": str(uuid4()), "signalType": "buy", "signalStrength": 3}

    def new_signal() -> dict[str, int]:
        return {"signalId": (person.post("/trading-signals", signal()).json or {})["id"]}

    def to_close() -> dict[str, str]:
        made = trader.post("/agent-transactions", buy(trader, outputMint=str(uuid4()))).json or {}
        return {"agentId": made["agentId"], "positionId": made["id"]}

    def ordered() -> dict[str, str]:
        return {"orderId": new_order(live, str(uuid4()))["id"]}

    def claimed() -> dict[str, str]:
        order = ordered()
        claim = {"executor": "tried", "agentId": str(live.ledger.agent), "limit": 100}
        assert order["orderId"] in str(person.post("/trade-orders/claim", claim).json)
        return order

    def priced() -> str:
        token = str(uuid4())
        record_prices(trader.ledger.db, **{token: "0.01"})
        return token

    return {
        "get_trade_order": lambda: {"path_parameters": ordered()},
        "claim_orders": lambda: {"body": {"executor": "tried"}},
        "fill_order": lambda: {
            "path_parameters": claimed(),
            "body": {"transactionHash": str(uuid4()), "outputAmount": "1"},
        },
        "fail_order": lambda: {"path_parameters": claimed(), "body": {"error": "tried"}},
        "close_position": lambda: {"path_parameters": to_close(), "body": {"priceSol": "1"}},
        "execute_trade": lambda: {"body": {"agentId": str(trader.ledger.agent), "tokenAddress": priced()}},
        "flag_dead_token": lambda: {"body": {"tokenAddress": "dead", "evidence": "tried"}},
        "record_transaction": lambda: {"body": buy(trader)},
        "record_batch": lambda: {"body": [buy(trader)]},
        "void_transaction": lambda: {"path_parameters": booked(), "body": {"reason": "tried"}},
        "delete_transaction": lambda: {"path_parameters": booked(), "query": {"reason": "tried"}},
        "correct_transaction": lambda: {"path_parameters": booked(), "body": buy(trader, reason="tried")},
        "describe_transaction": lambda: {"path_parameters": booked(), "body": {"slippage": "1"}},
        "assign_wallet": lambda: {"body": wallet},
        "create_agent": lambda: {"body": {"name": "tried", "tradingConfig": {"dca": {"enabled": True}}}},
        "replace_trading_config": lambda: agent | {"body": {"stopLoss": {"defaultPercentage": "-12.5"}}},
        "merge_trading_config": lambda: agent | {"body": {"purchaseLimits": {"maxPriceImpact": None}}},
        "breakdown": lambda: agent | {"query": {"by": "token"}},
        "reset_trading_config": lambda: agent | {"query": {"path": "purchaseLimits.maxPriceImpact"}},
        "export_historical_swaps": lambda: {"query": {"timezone": "Europe/Madrid"}},
        "register": lambda: {"body": {"email": f"{uuid4()}@example.org", "password": PASSWORD}},
        "log_in": lambda: {"body": {"email": person.email, "password": PASSWORD}},
        "refresh_session": lambda: {"body": {"refreshToken": new_session()["refreshToken"]}},
        "change_password": lambda: {"body": {"currentPassword": PASSWORD, "newPassword": PASSWORD + "!"}},
        "create_api_key": lambda: {"body": {"name": "tried", "scopes": ["trade"]}},
        "update_agent": lambda: {"path_parameters": new_agent(), "body": {"name": "tried"}},
        "delete_agent": lambda: {"path_parameters": new_agent()},
        "unassign_wallet": lambda: {"path_parameters": new_wallet(), "body": {}},
        "reset_wallet": lambda: {"path_parameters": new_wallet(), "body": {"valueUsd": "1"}},
        "reconcile_wallet": lambda: {
            "path_parameters": new_wallet(),
            "query": {"apply": "true"},
            "body": [{"tokenAddress": SOL, "balance": "1", "valueUsd": "1"}],
        },
        "create_trading_signal": lambda: {"body": signal()},
        "get_trading_signal": lambda: {"path_parameters": new_signal()},
        "update_trading_signal": lambda: {"path_parameters": new_signal(), "body": {"signalStrength": 5}},
        "delete_trading_signal": lambda: {"path_parameters": new_signal()},
        "list_executions_of_signal": lambda: {"path_parameters": new_signal()},
        "export_trading_signals": lambda: {"query": {"timezone": "Europe/Madrid"}},
        "record_prices": lambda: {
            "body": [{"tokenAddress": "A", "observedAt": "2026-01-01T00:00:00Z", "priceSol": "1"}]
        },
        "get_price": lambda: {"path_parameters": {"tokenAddress": "A"}},
        "get_api_key": lambda: {"path_parameters": new_key()},
        "delete_api_key": lambda: {"path_parameters": new_key()},
    }


def can_be_wrong(told: dict[str, Any]) -> bool:
    """Whether there is anything in a request that could break the description: any text is right for a text."""
    return "requestBody" in told or any(each["schema"] != openapi.PATH_TYPES["default"] for each in told["parameters"])


@pytest.mark.spoils_the_book
def test_schemathesis_finds_nothing_and_everything_works_once(
    app: Flask,
    described: dict[str, Any],
    client: FlaskClient,
    trader: Trader,
    db: psycopg.Connection,
    database_url: str,
) -> None:
    for token in "AB":
        trader.ledger.buy(token, "100", "1")
        trader.ledger.sell(token, "50", "1")
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', now(), 1, 100)",
        [SOL],
    )
    db.execute(
        "insert into trading_signals (token_address, signal_type, signal_strength, user_id) values ('A', 'buy', 3, %s)",
        [trader.ledger.user],
    )
    db.commit()
    with connect(database_url) as connection:
        email = value(db, "select email from users where id = %s", trader.ledger.user)
        key = create_key(connection, email=email, name="feed", scopes=["feed"])
    assert key is not None
    asker = Asker(app, described, client, db, Trader(client, key, trader.ledger))
    live = go_live(make_trader(client, db, database_url, user=trader.ledger.user))
    known = known_ids(trader, new_order(live))
    good = examples(asker.person, trader, live)
    asked = 0
    for result in asker.schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        _ask_at_random(asker, operation, GenerationMode.POSITIVE, known)
        if can_be_wrong(operation.definition.raw):
            _ask_at_random(asker, operation, GenerationMode.NEGATIVE, known)
        plain = {
            "path_parameters": {
                each["name"]: known[each["name"]][0]
                for each in operation.definition.raw["parameters"]
                if each["in"] == "path" and each["name"] in known
            }
        }
        asker.call(operation.Case(**{"media_type": "application/json"} | good.get(name, lambda told=plain: told)()))
        asked += 1
    print("\n\n".join(sorted(asker.failures)))
    assert not asker.failures, f"{len(asker.failures)} are printed above"
    assert asked == len(operations(described))
    assert [label for label, seen in asker.statuses.items() if not any(200 <= each < 300 for each in seen)] == []
    assert asker.statuses.keys() == operations(described).keys()


def _ask_at_random(asker: Asker, operation: Any, mode: GenerationMode, known: dict[str, list[Any]]) -> None:
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), pick=st.integers(0, 3))
    def ask(case: schemathesis.Case, pick: int) -> None:
        name = case.operation.definition.raw["operationId"]
        if mode == GenerationMode.POSITIVE and pick and name not in DESTROYS:
            case = with_known(case, known, pick)
        elif mode == GenerationMode.NEGATIVE and name == "record_batch":
            # One by one, what is wrong is told in the answer, by item.
            case.query = {name: value for name, value in (case.query or {}).items() if value != "each"}
        asker.call(case)

    ask()


def test_every_operation_says_its_scope(described: dict[str, Any]) -> None:
    open_to_all = {name for name, told in operations(described).items() if told["security"] == []}
    assert all(
        BASE + "/auth" in name or not name.startswith(("POST", "PUT", "PATCH", "DELETE")) for name in open_to_all
    )
