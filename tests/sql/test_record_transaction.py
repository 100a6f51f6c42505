"""book.record_transaction beside itself: the same transaction twice at once has one effect."""

from __future__ import annotations

import json
import threading
from uuid import uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger


@pytest.mark.parametrize("repeat", [{"id": str(uuid4())}, {"transactionHash": "signature"}], ids=["id", "signature"])
def test_the_same_twice_at_once_is_booked_once_and_answered_twice(
    db: psycopg.Connection, database_url: str, repeat: dict[str, str]
) -> None:
    ledger = Ledger(db, sol="10")
    (owner,) = db.execute("select user_id from agents where id = %s", [ledger.agent]).fetchone() or (None,)
    db.commit()
    request = json.dumps(
        {
            "agentId": str(ledger.agent),
            "walletAddress": ledger.wallet,
            "transactionType": "SWAP",
            "transactionTime": "2026-02-01T00:00:00Z",
            "inputMint": SOL,
            "inputAmount": "1",
            "outputMint": "A",
            "outputAmount": "100",
            "valueUsd": "150",
        }
        | repeat
    )
    answers = []

    def record(connection: psycopg.Connection) -> None:
        query = "select document ->> 'id', is_replayed from book.record_transaction(%s, %s, null)"
        answers.append(connection.execute(query, [owner, request]).fetchone())

    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        record(first)
        thread = threading.Thread(target=record, args=[second])
        thread.start()
        waits = False
        while thread.is_alive() and not waits:
            (pids,) = db.execute("select pg_blocking_pids(%s)", [second.info.backend_pid]).fetchone() or ([],)
            waits = pids == [first.info.backend_pid]
            db.rollback()
        assert waits, "the second waits for the first"
        first.commit()
        thread.join()
        second.commit()
    ((one, first_is_replayed), (other, second_is_replayed)) = answers
    assert one == other
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
