"""Writers to one wallet take turns; writers to different wallets never wait for each other."""

from __future__ import annotations

import threading

import psycopg

from tests.ledger import SOL, Ledger


def blockers(db: psycopg.Connection, waiting: psycopg.Connection) -> list[int]:
    row = db.execute("select pg_blocking_pids(%s)", [waiting.info.backend_pid]).fetchone()
    db.rollback()
    assert row is not None
    return list(row[0])


def test_a_second_writer_to_a_wallet_waits_and_then_sees_the_first(db: psycopg.Connection, database_url: str) -> None:
    ledger = Ledger(db, sol="10")
    elsewhere = Ledger(db, sol="10")
    db.commit()
    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        ledger.db = first
        ledger.buy("A", "100", "6")

        # Another wallet does not wait.
        elsewhere.db = second
        elsewhere.buy("A", "100", "6")
        second.commit()

        refusals: list[str | None] = []

        def buy() -> None:
            rival = Ledger.__new__(Ledger)
            rival.__dict__ = ledger.__dict__ | {"db": second}
            try:
                rival.swap(SOL, "6", "B", "100")
            except psycopg.Error as refusal:
                refusals.append(refusal.sqlstate)
            second.rollback()

        thread = threading.Thread(target=buy)
        thread.start()
        while thread.is_alive() and blockers(db, second) != [first.info.backend_pid]:
            pass
        assert thread.is_alive(), "it waits for the first writer"
        first.commit()
        thread.join()
    # 4 SOL are left: judged by what the first writer has committed, not by what was there when the second one came.
    assert refusals == ["TB002"]


def test_eight_buys_at_once_leave_an_exact_balance(db: psycopg.Connection, database_url: str) -> None:
    ledger = Ledger(db, sol="100")
    db.commit()
    start = threading.Barrier(8)

    def buy(number: int) -> None:
        with psycopg.connect(database_url) as connection:
            own = Ledger.__new__(Ledger)
            own.__dict__ = ledger.__dict__ | {"db": connection}
            start.wait()
            own.buy(f"T{number}", "100", "1")

    threads = [threading.Thread(target=buy, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.balance() == 92
    assert ledger.rows("select count(*) as positions from agent_positions") == [{"positions": 8}]
