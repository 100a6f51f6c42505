"""book.record_transaction beside itself: the same transaction twice at once has one effect."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.ledger import Ledger
from tests.sessions import Session


@pytest.mark.parametrize("repeat", [{"id": str(uuid4())}, {"transactionHash": "signature"}], ids=["id", "signature"])
def test_the_same_twice_at_once_is_booked_once_and_answered_twice(
    db: psycopg.Connection, database_url: str, repeat: dict[str, str]
) -> None:
    ledger = Ledger(db, sol="10")
    db.commit()
    request = json.dumps(ledger.request(**repeat))

    def record(session: Session) -> tuple[Any, ...]:
        query = "select document ->> 'id', is_replayed from book.record_transaction(%s, %s, null)"
        return session.connection.execute(query, [ledger.user, request]).fetchone() or ()

    with Session(database_url) as first, Session(database_url) as second:
        booked, first_is_replayed = record(first)
        running = second.start(record, second)
        assert second.waits_for(running, first)
        first.commit()
        repeated, second_is_replayed = running.result()
        second.commit()
    assert repeated == booked
    assert (first_is_replayed, second_is_replayed) == (False, True)
    assert ledger.balance() == 9


@pytest.mark.parametrize("number", ["1e16000", "1e-16000", "0e-16000", "-0e-16000"])
def test_a_document_with_numbers_that_write_out_to_more_than_they_are_is_refused(
    db: psycopg.Connection, number: str
) -> None:
    ledger = Ledger(db)
    request = json.dumps(ledger.request(swapPayload="here")).replace('"here"', f'{{"a": [1, {{"b": {number}}}]}}')
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        db.execute(
            "select r.document from agents as a, book.record_transaction(a.user_id, %s, null) as r where a.id = %s",
            [request, ledger.agent],
        )
    assert (refusal.value.sqlstate, refusal.value.diag.column_name) == ("TB011", "swapPayload")
