"""Writers to one wallet take turns; writers to different wallets never wait for each other."""

from __future__ import annotations

import threading

import psycopg

from tests.ledger import SOL, Ledger
from tests.sessions import Session, refusal


def test_a_second_writer_to_a_wallet_waits_and_then_sees_the_first(db: psycopg.Connection, database_url: str) -> None:
    ledger = Ledger(db, sol="10")
    elsewhere = Ledger(db, sol="10")
    db.commit()
    with Session(database_url) as first, Session(database_url) as second:
        first.ledger(ledger).buy("A", "100", "6")

        # Another wallet does not wait.
        second.ledger(elsewhere).buy("A", "100", "6")
        second.commit()

        running = second.start(second.ledger(ledger).swap, SOL, "6", "B", "100")
        assert second.waits_for(running, first)
        first.commit()
        # 4 SOL are left: judged by what the first has committed, not by what was there when the second one came.
        assert refusal(running) == "TB002"


def test_eight_buys_at_once_leave_an_exact_balance(db: psycopg.Connection, database_url: str) -> None:
    ledger = Ledger(db, sol="100")
    db.commit()
    start = threading.Barrier(8)

    def buy(number: int) -> None:
        with psycopg.connect(database_url) as connection:
            start.wait()
            ledger.on(connection).buy(f"T{number}", "100", "1")

    threads = [threading.Thread(target=buy, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.balance() == 92
    assert ledger.rows("select count(*) as positions from agent_positions") == [{"positions": 8}]
