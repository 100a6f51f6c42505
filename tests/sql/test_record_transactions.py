"""book.record_transactions: batches, all or none, or one by one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger, checksums


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    ledger = Ledger(db)
    db.commit()
    return ledger


def sale(ledger: Ledger, amount: str = "100", **fields: Any) -> dict[str, Any]:
    return ledger.request(inputMint="A", inputAmount=amount, outputMint=SOL, outputAmount="2", **fields)


@pytest.mark.parametrize("each", [False, True])
def test_a_batch_is_booked_in_order_with_a_result_each(ledger: Ledger, each: bool) -> None:
    rows = ledger.record(ledger.request(), ledger.request(outputMint="B"), sale(ledger), each=each)
    assert [row["item"] for row in rows] == [0, 1, 2]
    assert [row["document"]["outputMint"] for row in rows] == ["A", "B", SOL]
    assert [(row["is_replayed"], row["error"]) for row in rows] == [(False, None)] * 3
    assert ledger.gains() == [1]


@pytest.mark.parametrize("each", [False, True])
def test_ties_of_time_keep_the_order_given(ledger: Ledger, each: bool) -> None:
    at = ledger.now.isoformat()
    pairs = [ledger.request(transactionTime=at), sale(ledger, transactionTime=at)] * 10
    rows = ledger.record(*({**pair, "id": str(uuid4())} for pair in pairs), each=each)
    assert [row["error"] for row in rows] == [None] * 20
    assert ledger.gains() == [1] * 10


def test_all_together_are_judged_at_the_end(ledger: Ledger) -> None:
    later = sale(ledger)
    earlier = ledger.request(transactionTime=(ledger.now - timedelta(hours=3)).isoformat())
    ledger.record(later, earlier)
    assert ledger.gains() == [1]


def test_one_by_one_each_is_judged_when_its_turn_comes(ledger: Ledger) -> None:
    later = sale(ledger)
    earlier = ledger.request(transactionTime=(ledger.now - timedelta(hours=3)).isoformat())
    rows = ledger.record(later, earlier, ledger.request(inputAmount="5000"), {"x": 1}, sale(ledger), each=True)
    assert [row["error"] for row in rows] == [
        "insufficient_holding", None, "insufficient_balance", "field_required", None
    ]  # fmt: skip
    assert [row["subject"] for row in rows] == ["input_amount", None, "input_amount", "agentId", None]
    assert ledger.gains() == [1]


WRONG = {
    "a rule of the table": ({"outputMint": SOL}, "23514", "2/output_mint"),
    "no value": ({"inputMint": "B", "valueUsd": None}, "TB001", "2/value_sol"),
    "a time in the future": ({"transactionTime": "2036-01-01T00:00:00Z"}, "TB006", "2/transaction_time"),
    "NaN": ({"inputAmount": "NaN"}, "TB005", "2/inputAmount"),
    "19 decimals": ({"inputAmount": "0.0000000000000000001"}, "TB005", "2/inputAmount"),
    "more than a column holds": ({"outputAmount": "1" + "0" * 25}, "TB004", "2/outputAmount"),
    "a field": ({"amount": "1"}, "TB009", "2/amount"),
    "a wallet": ({"walletAddress": "sim_" + "x" * 28}, "TB007", "2/wallet_address"),
    "an agent": ({"agentId": str(uuid4())}, "TB007", "2/agent_id"),
    "a signal": ({"signalId": 12345}, "TB007", "2/signal_id"),
    "more than is held": ({"inputMint": "A", "inputAmount": "500", "outputMint": SOL}, "TB003", "2/input_amount"),
    "all that is held and more": ({"inputAmount": "5000"}, "TB002", "/input_amount"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_all_together_one_wrong_refuses_all_and_is_named(ledger: Ledger, wrong: str) -> None:
    fields, code, subject = WRONG[wrong]
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.record(ledger.request(), ledger.request(), ledger.request(**fields), ledger.request())
    assert refusal.value.sqlstate == code
    assert refusal.value.diag.column_name == subject.removeprefix("/")
    assert str(refusal.value.diag.message_hint).endswith(f": {subject.removeprefix('/')}"), "psql shows the hint alone"
    assert checksums(ledger.db) == before


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("name", ["id", "transactionHash"])
def test_what_is_repeated_answers_the_first_result(ledger: Ledger, name: str, each: bool) -> None:
    first = ledger.request(**{name: str(uuid4())})
    (booked,) = ledger.record(first)
    before = checksums(ledger.db)
    rows = ledger.record(first, first, each=each)
    assert [row["is_replayed"] for row in rows] == [True, True]
    assert [row["document"] for row in rows] == [booked["document"]] * 2
    assert checksums(ledger.db) == before

    other = ledger.request(**{name: str(uuid4())})
    rows = ledger.record(other, first, other, each=each)
    assert [row["is_replayed"] for row in rows] == [False, True, True]


def test_a_repeat_with_other_content_is_refused_and_named(ledger: Ledger) -> None:
    first = ledger.request(id=str(uuid4()))
    ledger.record(first)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.record(ledger.request(), {**first, "inputAmount": "2"})
    assert refusal.value.sqlstate == "TB008"
    assert refusal.value.diag.column_name == "1/input_amount"
    (row,) = ledger.record({**first, "inputAmount": "2"}, each=True)
    assert (row["error"], row["subject"]) == ("repeat_differs", "input_amount")


def test_an_id_that_another_user_took_is_taken(ledger: Ledger, db: psycopg.Connection) -> None:
    other = Ledger(db)
    request = other.request(id=str(uuid4()))
    other.record(request)
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        ledger.record(ledger.request(id=request["id"]))
    assert refusal.value.sqlstate == "TB012"


@pytest.mark.parametrize("requests", ["null", "{}", "[]", '"x"', json.dumps([1] * 10001)], ids=lambda text: text[:8])
def test_what_is_no_array_of_1_to_10000_is_refused(ledger: Ledger, requests: str) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        ledger.db.execute("select * from book.record_transactions(%s, %s, true)", [uuid4(), requests])
    assert refusal.value.sqlstate == "TB011"
    ledger.db.rollback()


def test_a_late_sale_takes_the_end_of_a_position_over_from_another(ledger: Ledger) -> None:
    """Whatever the plan, the one that gives it up is written first."""
    ledger.db.execute("set enable_nestloop = off")
    ledger.buy("A", "1000000", "10")
    ledger.sell("A", "100000", "1", id=UUID(int=2**128 - 1))
    sold_at = ledger.now
    ledger.withdraw("A", "899999.9", value_sol="1", value_usd="1")
    ledger.record(
        ledger.request(transactionTime=(sold_at - timedelta(minutes=30)).isoformat(), outputAmount="0.02"),
        ledger.request(
            id=str(UUID(int=1)),
            transactionTime=(sold_at + timedelta(minutes=30)).isoformat(),
            inputMint="A",
            inputAmount="0.05",
            outputMint=SOL,
            outputAmount="0.001",
        ),
    )
    assert [swap["closes_position"] for swap in ledger.swaps()] == [False, True]
