"""What a bad request is answered, and that it changes nothing. The README's page of errors is this table."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Trader, make_trader
from tests.ledger import SOL, checksums

README = Path(__file__).parents[2] / "README.md"


@dataclass(frozen=True)
class Case:
    """A good buy with one thing wrong, and what it is answered."""

    what: str
    status: int
    name: str
    field: str
    change: dict[str, Any]


CASES = [
    Case("an amount of `NaN`", 422, "amount_not_valid", "inputAmount", {"inputAmount": "NaN"}),
    Case("an amount of `Infinity`", 422, "amount_not_valid", "inputAmount", {"inputAmount": "Infinity"}),
    Case("19 decimals", 422, "amount_not_valid", "inputAmount", {"inputAmount": "0.1234567890123456789"}),
    Case("an amount of 10^25", 422, "amount_out_of_range", "inputAmount", {"inputAmount": "1" + "0" * 25}),
    Case("a negative amount", 422, "amount_not_valid", "outputAmount", {"outputAmount": "-1"}),
    Case("an amount of zero", 422, "amount_not_valid", "outputAmount", {"outputAmount": "0"}),
    Case("a JSON number with decimals", 422, "amount_not_valid", "inputAmount", {"inputAmount": 1.5}),
    Case("a negative fee", 422, "amount_not_valid", "feesSol", {"feesSol": "-0.1"}),
    Case("a missing mint", 400, "field_required", "outputMint", {"outputMint": None}),
    Case("the same mint twice", 422, "rule_broken", "outputMint", {"outputMint": SOL}),
    Case("a value that differs from the SOL leg", 422, "rule_broken", "valueSol", {"valueSol": "2"}),
    Case("no value, and no price known", 422, "value_required", "valueUsd", {"valueUsd": None}),
    Case("more SOL than there is", 422, "insufficient_balance", "inputAmount", {"inputAmount": "1000.000000001"}),
    Case(
        "a sale of more than is held",
        422,
        "insufficient_holding",
        "inputAmount",
        {"inputMint": "A", "inputAmount": "100.000000001", "outputMint": SOL, "outputAmount": "1"},
    ),
    Case("a time in the future", 422, "transaction_in_future", "transactionTime", {"transactionTime": "in 6 minutes"}),
    Case(
        "a time without a zone", 400, "field_not_valid", "transactionTime", {"transactionTime": "2026-01-02T00:00:00"}
    ),
    Case(
        "a time with 60 seconds", 400, "field_not_valid", "transactionTime", {"transactionTime": "2026-01-02T00:00:60Z"}
    ),
    Case("an unknown type", 400, "field_not_valid", "transactionType", {"transactionType": "GIFT"}),
    Case("an unknown field", 400, "field_unknown", "amount", {"amount": "1"}),
    Case("a null byte in a text", 400, "malformed", "outputMint", {"outputMint": "A\0B"}),
    Case("a control character in a symbol", 400, "field_not_valid", "outputSymbol", {"outputSymbol": "A\nB"}),
    Case("a text that is too long", 400, "field_not_valid", "outputMint", {"outputMint": "A" * 256}),
    Case("a signal that does not exist", 404, "not_found", "signalId", {"signalId": 99}),
    Case("someone else's wallet", 404, "not_found", "walletAddress", {"walletAddress": "someone else's"}),
    Case("someone else's agent", 404, "not_found", "agentId", {"agentId": "someone else's"}),
    Case("the same id with other content", 409, "repeat_differs", "inputAmount", {"id": "booked", "inputAmount": "2"}),
    Case("someone else's id", 409, "taken", "id", {"id": "someone else's"}),
]

UNREADABLE = [
    Case("a body that is no JSON", 400, "malformed", "", {"data": b"{"}),
    Case("a body that is no UTF-8", 400, "malformed", "", {"data": b'{"a": "\xff"}'}),
    Case("a body that is no object", 400, "field_not_valid", "", {"data": b"[]"}),
    Case("a body nested 100,000 deep", 400, "malformed", "", {"data": b"[" * 100_000}),
    Case("a body of 4 MB", 413, "request_entity_too_large", "", {"data": b" " * 4_000_000}),
    Case("a body that is no JSON by its type", 415, "unsupported_media_type", "", {"content_type": "text/csv"}),
    Case("no key", 401, "not_authenticated", "", {"headers": {}}),
    Case("a key that was made up", 401, "not_authenticated", "", {"headers": {"X-API-Key": "nex_" + "x" * 32}}),
]


def buy(trader: Trader, **change: Any) -> dict[str, Any]:
    body = {
        "agentId": str(trader.ledger.agent),
        "walletAddress": trader.ledger.wallet,
        "transactionType": "SWAP",
        "transactionTime": "2026-01-02T00:00:00Z",
        "inputMint": SOL,
        "inputAmount": "1",
        "outputMint": "A",
        "outputAmount": "100",
        "valueUsd": "150",
    }
    return body | change


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_bad_transaction_is_refused_by_name_and_changes_nothing(
    case: Case, trader: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    other = make_trader(client, db, database_url)
    booked = trader.post("/agent-transactions", buy(trader)).json
    others = other.post("/agent-transactions", buy(other)).json
    assert booked is not None
    assert others is not None
    in_6_minutes = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    stand_ins = {
        ("transactionTime", "in 6 minutes"): in_6_minutes,
        ("walletAddress", "someone else's"): other.ledger.wallet,
        ("agentId", "someone else's"): str(other.ledger.agent),
        ("id", "someone else's"): others["id"],
        ("id", "booked"): booked["id"],
    }
    change = {name: stand_ins.get((name, value), value) for name, value in case.change.items()}
    before = checksums(db)
    db.rollback()

    response = trader.post("/agent-transactions", buy(trader, **change))

    _assert_problem(response, case)
    assert checksums(db) == before


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case.what)
def test_a_request_that_cannot_be_read_is_refused_by_name_and_changes_nothing(
    case: Case, trader: Trader, client: FlaskClient, db: psycopg.Connection
) -> None:
    request: dict[str, Any] = {
        "data": json.dumps(buy(trader)),
        "content_type": "application/json",
        "headers": {"X-API-Key": trader.key},
    }
    before = checksums(db)
    db.rollback()

    response = client.post(f"{BASE}/agent-transactions", **(request | case.change))

    _assert_problem(response, case)
    assert checksums(db) == before


def test_the_good_request_that_the_bad_ones_are_made_of_is_booked(trader: Trader) -> None:
    assert trader.post("/agent-transactions", buy(trader)).status_code == 201


def test_the_readme_s_page_of_errors_is_this_table() -> None:
    rows = re.findall(r"^\| (.+?) \| (\d{3}) \| `(\w+)` \| (?:`(\w+)`)? *\|$", README.read_text(), re.MULTILINE)
    assert rows == [(case.what, str(case.status), case.name, case.field) for case in CASES + UNREADABLE]


def _assert_problem(response: Any, case: Case) -> None:
    assert response.status_code == case.status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert problem["type"] == f"{BASE}/problems/{case.name}"
    assert problem["status"] == case.status
    assert {"title", "detail", "instance", "code", "requestId", "error"} <= problem.keys()
    assert [error["pointer"] for error in problem["errors"]] == ([f"/{case.field}"] if case.field else [])
