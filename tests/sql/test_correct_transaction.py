"""book.correct_transaction: a fact is replaced in one step, judged at the end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger, acting_as, audit, checksums


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


@pytest.fixture
def buy(ledger: Ledger) -> UUID:
    """A buy of 100 A for 1, mistyped, and already sold for 2."""
    buy = ledger.buy("A", "100", "1", transaction_hash="signature")
    ledger.sell("A", "100", "2")
    return buy


def right(ledger: Ledger, **fields: Any) -> dict[str, Any]:
    return {"inputAmount": "1.5", "transactionTime": (ledger.now - timedelta(hours=1)).isoformat(), **fields}


def test_a_buy_that_was_sold_is_mended(ledger: Ledger, buy: UUID) -> None:
    """Case M of the accounting."""
    before = ledger.fact(buy)
    answer = ledger.correct(buy, **right(ledger, transactionHash="signature"))
    assert ledger.gains()[0] == 0.5
    assert ledger.balance() == 1000 - 1.5 + 2
    assert answer["is_replayed"] is False
    document = answer["document"]
    assert document["corrects"] == str(buy)
    assert document["ledgerOrder"] == before["ledger_order"]
    old, new = ledger.fact(buy), ledger.fact(UUID(document["id"]))
    assert (old["void_reason"], old["voided_at"]) == ("mistyped", new["created_at"])


def test_the_new_one_takes_the_place_of_the_old_one_among_facts_of_one_second(ledger: Ledger) -> None:
    first = ledger.buy("A", "100", "1")
    at = ledger.now
    ledger.sell("A", "100", "2", transaction_time=at)
    ledger.correct(first, transactionTime=at.isoformat(), inputAmount="3")
    assert ledger.gains() == [-1]


def test_the_same_correction_again_answers_the_first_and_changes_nothing(ledger: Ledger, buy: UUID) -> None:
    fields = right(ledger, id=str(uuid4()))
    first = ledger.correct(buy, **fields)
    before = checksums(ledger.db)
    again = ledger.correct(buy, **fields)
    assert again == {"document": first["document"], "is_replayed": True}
    for change in ({"inputAmount": "1.6"}, {"id": str(uuid4())}):
        with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
            ledger.correct(buy, **{**fields, **change})
        assert refusal.value.sqlstate == "TB008"
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.void(buy, "another reason")
    assert refusal.value.sqlstate == "TB008"
    assert checksums(ledger.db) == before


def test_a_correction_can_be_corrected(ledger: Ledger, buy: UUID) -> None:
    first = ledger.correct(buy, **right(ledger))["document"]
    ledger.correct(UUID(first["id"]), "again", **right(ledger, inputAmount="1.75"))
    assert ledger.balance() == 1000 - 1.75 + 2
    assert len(ledger.swaps()) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"outputAmount": "99"}, "TB003"),
        ({"inputAmount": "5000"}, "TB002"),
        ({"inputAmount": "-1"}, "TB005"),
        ({"outputMint": SOL}, "23514"),
        ({"agentId": "00000000-0000-4000-8000-000000000000"}, "TB011"),
        ({"walletAddress": "sim_" + "x" * 28}, "TB007"),
        ({"amount": "1"}, "TB009"),
        ({"transactionTime": "2036-01-01T00:00:00Z"}, "TB006"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_correction_that_cannot_be_changes_nothing(
    ledger: Ledger, buy: UUID, fields: dict[str, str], code: str
) -> None:
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.correct(buy, **right(ledger, **fields))
    assert refusal.value.sqlstate == code
    assert checksums(ledger.db) == before


def test_what_was_voided_alone_is_not_corrected(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "1")
    ledger.void(buy, "mistyped")
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.correct(buy, **right(ledger))
    assert refusal.value.sqlstate == "TB008"
    assert ledger.balance() == 1000


def test_a_row_cannot_say_by_itself_that_it_corrects_another(ledger: Ledger, buy: UUID) -> None:
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.buy("A", "100", "1", corrects=buy)
    assert refusal.value.sqlstate == "TB013"


def test_a_trade_moves_to_the_agent_s_other_wallet(ledger: Ledger, db: psycopg.Connection) -> None:
    live = "L" * 40
    db.execute(
        "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, 'live')",
        [live, ledger.agent],
    )
    ledger.deposit(SOL, "10", wallet_address=live)
    buy = ledger.buy("A", "100", "1")
    ledger.correct(buy, walletAddress=live)
    assert ledger.balance() == 1000
    assert ledger.balance("A") == 0
    assert ledger.rows("select balance from agent_balances where wallet_address = %s order by token_address", live) == [
        {"balance": "100"},
        {"balance": "9"},
    ]


def test_a_correction_into_the_wallet_of_another_user_is_refused_without_waiting_for_him(
    db: psycopg.Connection, database_url: str
) -> None:
    ledger, other = Ledger(db), Ledger(db)
    buy = ledger.buy("A", "100", "1")
    db.commit()
    with psycopg.connect(database_url) as busy:
        busy.execute("select book.lock_wallets(array[%s])", [other.wallet])
        db.execute("set local lock_timeout = '1s'")
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            ledger.correct(buy, walletAddress=other.wallet)
    assert (refusal.value.sqlstate, refusal.value.diag.column_name) == ("TB007", "wallet_address")


def test_the_service_books_a_correction_through_the_function_alone(
    db: psycopg.Connection, ledger: Ledger, buy: UUID
) -> None:
    user = ledger.fact(buy)["user_id"]
    with acting_as(db, "api", user):
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            ledger.buy("A", "100", "1.5", corrects=buy)
        assert (refusal.value.sqlstate, refusal.value.diag.column_name) == ("TB013", "corrects")
        (booked,) = db.execute(
            "select r.is_replayed from book.record_transaction(%s, %s, null) as r", [user, json.dumps(ledger.request())]
        ).fetchone() or (None,)
    assert booked is False


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"transactionType": "DEPOSIT", "inputMint": "A", "outputMint": None, "outputAmount": None, "valueSol": "1"},
    ],
)
def test_sol_that_was_another_token_is_in_the_totals_no_more(ledger: Ledger, fields: dict[str, Any]) -> None:
    """No fact of the token is folded again then: it is new."""
    deposit = ledger.deposit(SOL, "5")
    ledger.correct(deposit, **fields)
    assert audit(ledger.db) == []
