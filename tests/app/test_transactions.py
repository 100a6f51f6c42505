"""Transactions over HTTP beyond a single one: batches, voids, corrections, descriptions, and dry runs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from tests.app.conftest import BASE, Trader
from tests.app.test_bad_input import buy
from tests.ledger import SOL, checksums


def send(trader: Trader, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
    return trader.client.open(BASE + path, method=method, json=body, headers={"X-API-Key": trader.key}, **options)


def pointers(response: TestResponse) -> list[str]:
    return [error["pointer"] for error in (response.json or {})["errors"]]


def sale(trader: Trader, **changes: Any) -> dict[str, Any]:
    return buy(trader, inputMint="A", inputAmount="50", outputMint=SOL, outputAmount="1") | changes


def test_a_batch_is_booked_whole_though_the_sale_stands_before_its_buy(trader: Trader) -> None:
    batch = [sale(trader, id=str(uuid4()), transactionTime="2026-01-03T00:00:00Z"), buy(trader, id=str(uuid4()))]
    response = trader.post("/agent-transactions/batch", batch)
    assert response.status_code == 200
    results = response.json or []
    assert [(each["item"], each["transaction"]["id"], each["isReplayed"]) for each in results] == [
        (0, batch[0]["id"], False),
        (1, batch[1]["id"], False),
    ]
    again = trader.post("/agent-transactions/batch", batch).json or []
    assert [each["isReplayed"] for each in again] == [True, True]
    assert [each["transaction"] for each in again] == [each["transaction"] for each in results]
    assert trader.ledger.balance() == 1000


def test_an_atomic_batch_with_one_that_is_wrong_changes_nothing_and_names_it(trader: Trader) -> None:
    before = checksums(trader.ledger.db)
    trader.ledger.db.rollback()
    for wrong, status, pointer in [
        (buy(trader, inputAmount="0"), 422, "/1/inputAmount"),
        (buy(trader, outputAmount="1.5e3"), 422, "/1/outputAmount"),
        (buy(trader, colour="red"), 400, "/1/colour"),
        (buy(trader, agentId=str(uuid4())), 404, "/1/agentId"),
        ("no object", 400, "/1"),
    ]:
        response = trader.post("/agent-transactions/batch", [buy(trader), wrong])
        assert (response.status_code, pointers(response)) == (status, [pointer])
    assert checksums(trader.ledger.db) == before


def test_one_by_one_each_is_told_what_became_of_it(trader: Trader) -> None:
    batch = [buy(trader), sale(trader, inputAmount="500"), buy(trader, colour="red"), sale(trader)]
    results = trader.post("/agent-transactions/batch?mode=each", batch).json or []
    assert [(each["item"], each["error"], each["pointer"], each["transaction"] is None) for each in results] == [
        (0, None, None, False),
        (1, "insufficient_holding", "/1/inputAmount", True),
        (2, "field_unknown", "/2/colour", True),
        (3, None, None, False),
    ]


@pytest.mark.parametrize(("query", "body"), [("", []), ("", {}), ("", None), ("?mode=some", [1]), ("", ["x"] * 10_001)])
def test_a_batch_that_is_none_is_refused(trader: Trader, query: str, body: Any) -> None:
    assert trader.post(f"/agent-transactions/batch{query}", body).status_code in (400, 415)


def test_a_batch_may_be_larger_than_other_bodies(trader: Trader) -> None:
    large = {"note": "x" * 200_000}
    batch = [buy(trader, inputAmount="0.001", swapPayload=large) for _ in range(10)]
    assert trader.post("/agent-transactions/batch", batch).status_code == 200
    assert trader.post("/agent-transactions", buy(trader, swapPayload={"note": "x" * 1_000_001})).status_code == 413


def test_a_void_stays_marked_and_counts_no_more(trader: Trader) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    path = f"/agent-transactions/{booked['id']}"
    voided = trader.post(f"{path}/void", {"reason": "sent twice"})
    assert voided.status_code == 200
    assert (voided.json or {})["voidReason"] == "sent twice"
    assert trader.get(path).json == voided.json
    assert booked["id"] not in trader.get("/agent-transactions").text
    assert booked["id"] in trader.get("/agent-transactions?includeVoided=true").text
    assert trader.ledger.balance() == 1000
    assert trader.post(f"{path}/void", {"reason": "sent twice"}).json == voided.json
    assert trader.post(f"{path}/void", {"reason": "another"}).status_code == 409


def test_delete_is_a_void_with_its_reason(trader: Trader) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    path = f"/agent-transactions/{booked['id']}"
    lacking = send(trader, "DELETE", path)
    assert (lacking.status_code, pointers(lacking)) == (400, ["/reason"])
    voided = send(trader, "DELETE", path, query_string={"reason": "mistaken"})
    assert (voided.status_code, (voided.json or {})["voidReason"]) == (200, "mistaken")


def test_a_void_of_what_a_later_sale_needs_is_refused(trader: Trader) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    trader.post("/agent-transactions", sale(trader, transactionTime="2026-01-03T00:00:00Z"))
    refused = trader.post(f"/agent-transactions/{booked['id']}/void", {"reason": "x"})
    assert (refused.status_code, (refused.json or {})["code"]) == (422, "TB003")


def test_a_correction_takes_the_place_and_answers_the_same_again(trader: Trader) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    path = f"/agent-transactions/{booked['id']}/correct"
    first = trader.post(path, buy(trader, outputAmount="200", reason="mistyped"))
    assert first.status_code == 201
    assert ((first.json or {})["corrects"], (first.json or {})["outputAmount"]) == (booked["id"], "200")
    second = trader.post(path, buy(trader, outputAmount="200", reason="mistyped"))
    assert (second.json, second.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert trader.post(path, buy(trader, outputAmount="300", reason="mistyped")).status_code == 409
    assert pointers(trader.post(path, buy(trader))) == ["/reason"]


def test_what_only_describes_can_be_changed(trader: Trader) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    path = f"/agent-transactions/{booked['id']}"
    changed = send(trader, "PATCH", path, {"slippage": "0.5", "routes": [1], "transactionHash": "signature"})
    assert changed.status_code == 200
    now = changed.json or {}
    assert (now["slippage"], now["routes"], now["transactionHash"]) == ("0.5", [1], "signature")
    assert {**now, "updatedAt": ""} == booked | {
        "slippage": "0.5",
        "routes": [1],
        "transactionHash": "signature",
        "updatedAt": "",
    }
    assert (send(trader, "PATCH", path, {"slippage": None}).json or {})["slippage"] is None
    assert send(trader, "PATCH", path, {"transactionHash": "another"}).status_code == 409
    refused = send(trader, "PATCH", path, {"inputAmount": "2"})
    assert (refused.status_code, pointers(refused)) == (400, ["/inputAmount"])


@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    trader: Trader, db: psycopg.Connection, is_wrong: bool
) -> None:
    booked = trader.post("/agent-transactions", buy(trader)).json or {}
    path = f"/agent-transactions/{booked['id']}"
    before = checksums(db)
    db.rollback()
    amount = "5000" if is_wrong else "1"
    for real, method, url, body in [
        (201, "POST", "/agent-transactions", buy(trader, inputAmount=amount)),
        (200, "POST", "/agent-transactions/batch", [buy(trader, inputAmount=amount)]),
        (201, "POST", f"{path}/correct", buy(trader, inputAmount=amount, reason="x")),
        (200, "POST", f"{path}/void", {"reason": "x" if not is_wrong else ""}),
        (200, "PATCH", path, {"slippage": "1" if not is_wrong else "-"}),
    ]:
        response = send(trader, method, url, body, query_string={"dry_run": "true"})
        assert (response.status_code == real) is not is_wrong, url
        assert (response.headers.get("Dry-Run") == "true") is not is_wrong, url
        assert checksums(db) == before, url
        db.rollback()
    assert send(trader, "POST", "/agent-transactions", buy(trader), query_string={"dry_run": "1"}).status_code == 400
    assert trader.get("/agent-transactions?dry_run=true").status_code == 400


def test_a_dry_run_hears_the_constraints_that_speak_at_the_end(trader: Trader) -> None:
    """The key of a signal is looked at when a transaction is committed."""
    for query in ({}, {"dry_run": "true"}):
        refused = send(trader, "POST", "/agent-transactions", buy(trader, signalId=99), query_string=query)
        assert (refused.status_code, pointers(refused)) == (404, ["/signalId"])


def test_a_key_of_repeats_is_refused_where_it_would_mean_nothing(trader: Trader) -> None:
    """A batch is repeated by the ids in it: to pass over the header would book it twice."""
    headers = {"X-API-Key": trader.key, "Idempotency-Key": str(uuid4())}
    refused = trader.client.post(f"{BASE}/agent-transactions/batch", json=[buy(trader)], headers=headers)
    assert (refused.status_code, (refused.json or {})["code"]) == (400, "field_unknown")
    assert trader.ledger.balance() == 1000
