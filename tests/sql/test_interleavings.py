"""What two and three sessions do to one wallet at once: who waits for whom, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import Ledger, audit, new_agent, new_user
from tests.sessions import Session, refusal


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def third(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    """A wallet that has bought 100 A for 1 SOL; committed."""
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")
    db.commit()
    return ledger


@pytest.fixture
def buy(ledger: Ledger) -> UUID:
    (row,) = ledger.rows("select id from agent_transactions where output_mint = 'A'")
    ledger.db.commit()
    return UUID(str(row["id"]))


def test_two_sells_of_one_position(ledger: Ledger, first: Session, second: Session) -> None:
    first.ledger(ledger).sell("A", "100", "2")
    running = second.start(second.ledger(ledger).sell, "A", "60", "2")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB003"
    assert ledger.gains() == [1]


def test_a_sell_after_one_that_is_rolled_back(ledger: Ledger, first: Session, second: Session) -> None:
    first.ledger(ledger).sell("A", "100", "2")
    running = second.start(second.ledger(ledger).sell, "A", "100", "3")
    assert second.waits_for(running, first)
    first.connection.rollback()
    assert refusal(running) is None
    second.commit()
    assert ledger.gains() == [2]


@pytest.mark.parametrize("late_is_first", [True, False])
def test_a_buy_beside_a_late_buy(ledger: Ledger, first: Session, second: Session, late_is_first: bool) -> None:
    half_past = ledger.now - timedelta(minutes=30)
    late = {"transaction_time": half_past}
    first.ledger(ledger).buy("A", "50", "2", **(late if late_is_first else {}))
    running = second.start(second.ledger(ledger).buy, "A", "50", "3", **({} if late_is_first else late))
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    position = ledger.held("A")
    assert (position["remaining_amount"], position["cost_basis_sol"], position["buy_count"]) == (200, 6, 3)
    assert position["created_at"] == half_past


def test_a_buy_beside_the_sale_that_closes_its_position(ledger: Ledger, first: Session, second: Session) -> None:
    """What the buy is like when it comes is not what it is when its turn comes."""
    first.ledger(ledger).sell("A", "100", "2")
    running = second.start(second.ledger(ledger).buy, "A", "50", "3")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert not ledger.fact(running.result())["is_dca"]
    position = ledger.held("A")
    assert (position["id"], position["dca_transaction_ids"]) == (running.result(), [])


def test_a_buy_beside_the_one_that_opens_its_position(ledger: Ledger, first: Session, second: Session) -> None:
    first.ledger(ledger).buy("B", "100", "2")
    running = second.start(second.ledger(ledger).buy, "B", "50", "3")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert ledger.fact(running.result())["is_dca"]
    position = ledger.held("B")
    assert position["dca_transaction_ids"] == [running.result()]


def test_a_buy_that_is_too_old_to_see_the_balance_of_its_token_is_to_be_tried_again(
    ledger: Ledger, first: Session, second: Session
) -> None:
    first.ledger(ledger).deposit("B", "1", "1")
    second.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    second.connection.execute("select from agents")
    running = second.start(second.ledger(ledger).buy, "B", "50", "3")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "40001"


def test_a_sell_beside_a_void_of_its_buy(ledger: Ledger, buy: UUID, first: Session, second: Session) -> None:
    first.ledger(ledger).void(buy)
    running = second.start(second.ledger(ledger).sell, "A", "100", "2")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB003"
    assert ledger.balance() == 1000


def test_a_void_of_a_buy_beside_its_sell(ledger: Ledger, buy: UUID, first: Session, second: Session) -> None:
    first.ledger(ledger).sell("A", "100", "2")
    running = second.start(second.ledger(ledger).void, buy)
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB003"
    assert ledger.gains() == [1]


def test_a_sell_beside_a_correction_of_its_buy(ledger: Ledger, buy: UUID, first: Session, second: Session) -> None:
    first.ledger(ledger).correct(buy, inputAmount="1.5", transactionTime=ledger.now.isoformat())
    running = second.start(second.ledger(ledger).sell, "A", "100", "2")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert ledger.gains() == [0.5]


def test_a_correction_of_a_buy_beside_its_sell(ledger: Ledger, buy: UUID, first: Session, second: Session) -> None:
    at = ledger.now.isoformat()
    first.ledger(ledger).sell("A", "100", "2")
    running = second.start(second.ledger(ledger).correct, buy, inputAmount="1.5", transactionTime=at)
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert ledger.gains() == [0.5]


def test_two_corrections_of_one_fact(ledger: Ledger, buy: UUID, first: Session, second: Session) -> None:
    at = ledger.now.isoformat()
    first.ledger(ledger).correct(buy, inputAmount="1.5", transactionTime=at)
    running = second.start(second.ledger(ledger).correct, buy, inputAmount="1.7", transactionTime=at)
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "TB008"
    assert ledger.balance() == 998.5


def test_the_same_id_twice(ledger: Ledger, first: Session, second: Session) -> None:
    request = ledger.request(id=str(uuid4()))
    (booked,) = first.ledger(ledger).record(request)
    running = second.start(second.ledger(ledger).record, request)
    assert second.waits_for(running, first)
    first.commit()
    (repeated,) = running.result()
    assert (booked["is_replayed"], repeated["is_replayed"]) == (False, True)
    assert booked["document"] == repeated["document"]
    second.commit()
    assert ledger.balance() == 998


def test_the_same_id_twice_in_plain_sql(ledger: Ledger, first: Session, second: Session) -> None:
    fact = uuid4()
    first.ledger(ledger).buy("A", "1", "1", id=fact)
    running = second.start(second.ledger(ledger).buy, "A", "1", "1", id=fact)
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) == "23505"
    assert ledger.balance() == 998


@pytest.mark.parametrize("through", ["plain", "function"])
def test_a_deletion_of_the_agent_waits_for_a_write(
    ledger: Ledger, first: Session, second: Session, through: str
) -> None:
    own = first.ledger(ledger)
    own.record(own.request()) if through == "function" else own.buy("A", "1", "1")
    running = second.start(second.connection.execute, "delete from agents where id = %s", [ledger.agent])
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    second.commit()
    assert ledger.rows("select id from agent_transactions") == ledger.rows("select id from agent_balances") == []


@pytest.mark.parametrize("through", ["plain", "function"])
def test_a_write_waits_for_a_deletion_of_the_agent(
    ledger: Ledger, first: Session, second: Session, through: str
) -> None:
    first.connection.execute("delete from agents where id = %s", [ledger.agent])
    own = second.ledger(ledger)
    running = second.start(own.record, own.request()) if through == "function" else second.start(own.buy, "A", "1", "1")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) in ("23503", "TB007")
    assert ledger.rows("select id from agent_transactions") == []


@pytest.mark.parametrize(
    ("job", "table"), [("jobs.seal_ledgers", "ledger_seals"), ("jobs.audit_wallets", "wallet_audits")]
)
def test_a_job_goes_on_with_the_others_where_an_agent_is_deleted_meanwhile(
    db: psycopg.Connection, ledger: Ledger, first: Session, second: Session, job: str, table: str
) -> None:
    other = Ledger(db)
    db.commit()
    assert ledger.wallet < other.wallet
    first.connection.execute("delete from agents where id = %s", [ledger.agent])
    second.connection.autocommit = True
    running = second.start(second.connection.execute, f"call {job}(now())")
    assert second.waits_for(running, first)
    first.commit()
    assert refusal(running) is None
    assert ledger.rows(f"select wallet_address from {table}") == [{"wallet_address": other.wallet}]


def test_a_batch_takes_its_wallets_in_one_order(
    db: psycopg.Connection, ledger: Ledger, first: Session, second: Session, third: Session
) -> None:
    """It waits for the writer to its first wallet, and holds up nobody on its second one meanwhile."""
    other = Ledger(db, agent=new_agent(db, ledger.user))
    db.commit()
    assert ledger.wallet < other.wallet
    first.ledger(ledger).buy("A", "1", "1")
    batch = [other.request(), ledger.request()]
    running = second.start(second.ledger(ledger).record, *batch)
    assert second.waits_for(running, first)
    third.ledger(other).buy("A", "1", "1")
    third.commit()
    first.commit()
    assert [row["error"] for row in running.result()] == [None, None]
    second.commit()


def test_opposite_batches_that_share_ids_never_deadlock(db: psycopg.Connection, database_url: str) -> None:
    """1,000 rounds: each pair is the same facts of two wallets, and of none, in opposite orders."""
    rounds = 1000
    user = new_user(db)
    ledgers = [Ledger(db, sol="100000", agent=new_agent(db, user)) for _ in range(2)]
    db.commit()
    batches = [
        [ledgers[n % 2].request(id=str(uuid4()), **({"walletAddress": None} if n > 3 else {})) for n in range(6)]
        for _ in range(rounds)
    ]

    together = Barrier(2, timeout=60)

    def record(turn: int) -> list[bool]:
        replayed = []
        with psycopg.connect(database_url, autocommit=True) as connection:
            for batch in batches:
                together.wait()
                rows = connection.execute(
                    "select is_replayed from book.record_transactions(%s, %s, false)",
                    [user, json.dumps(batch[:: 1 - 2 * turn])],
                ).fetchall()
                assert len({answer for (answer,) in rows}) == 1, "a batch is one whole"
                replayed.append(rows[0][0])
        return replayed

    with ThreadPoolExecutor(max_workers=2) as threads:
        one, other = threads.map(record, range(2))
    assert [a + b for a, b in zip(one, other, strict=True)] == [1] * rounds
    assert ledgers[0].balance() == 100000 - 2 * rounds
    assert audit(db) == []
