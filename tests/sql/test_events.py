"""Events: what each write announces, to whom, and that their numbers come in order, each once, and never late."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from app.migrate import migrate
from tests import server
from tests.ledger import SOL, START, Ledger, acting_as, new_agent, new_user, value
from tests.sessions import Session, refusal
from tests.sql.test_cascades import new_live_wallet

KINDS = ["transactions", "positions", "orders", "signals", "prices"]

Db = psycopg.Connection[Any]
Event = tuple[int, str, dict[str, Any]]


def number(db: Db, most: int = 100_000) -> int:
    """How many were numbered."""
    return int(value(db, "select numbered from book.number_events(%s)", most))


def newest(db: Db) -> int:
    return int(value(db, "select last_sequence from event_numbering"))


def after(
    db: Db, user: UUID, place: int, *, agent: UUID | None = None, kinds: list[str] = KINDS, most: int = 10_000
) -> tuple[list[Event], int]:
    """What the service tells a user after a place, and how far that goes."""
    with acting_as(db, "api", user):
        rows = db.execute(
            "select * from book.events_after(%s, %s, %s, %s, %s)", [user, agent, kinds, place, most]
        ).fetchall()
    assert [kind for _, kind, _ in rows if kind is None] == [None]
    return rows[:-1], rows[-1][0]


def told(ledger: Ledger, action: Callable[[], Any]) -> list[tuple[str, str, Any]]:
    """Kind, change and subject of what an action announces to the wallet's user."""
    number(ledger.db)
    place = newest(ledger.db)
    action()
    number(ledger.db)
    events, _ = after(ledger.db, ledger.user, place)
    return [
        (kind, event["change"], event["subjectId"] or event["signalId"] or event["tokenAddress"])
        for _, kind, event in events
    ]


def signal(db: Db, user: UUID | None = None) -> int:
    return int(
        value(
            db,
            "insert into trading_signals (token_address, signal_type, signal_strength, user_id)"
            " values ('A', 'buy', 3, %s) returning id",
            user,
        )
    )


def prices(db: Db, *stated: tuple[str, int, str], usd: str | None = None) -> None:
    """Prices of tokens so many minutes after the start, by their sources."""
    body = [
        {
            "tokenAddress": token,
            "observedAt": (START + timedelta(minutes=minute)).isoformat(),
            "source": source,
            **({"priceUsd": "100"} if token == SOL else {"priceSol": "0.5"}),
        }
        for token, minute, source in stated
    ]
    with acting_as(db, "feed"):
        db.execute("select book.record_prices(%s)", [json.dumps(body)])


# What is announced


def test_a_trade_and_what_becomes_of_its_position_is_announced(db: Db) -> None:
    ledger = Ledger(db)
    made: list[UUID] = []

    def act(trade: Callable[[], UUID]) -> list[tuple[str, str, Any]]:
        return told(ledger, lambda: made.append(trade()))

    assert act(lambda: ledger.deposit(SOL, "1")) == [("transactions", "booked", str(made[0]))]
    opened = act(lambda: ledger.buy("A", "100", "1"))
    assert opened == [("transactions", "booked", str(made[1])), ("positions", "opened", str(made[1]))]
    assert act(lambda: ledger.buy("A", "100", "1"))[1] == ("positions", "changed", str(made[1]))
    assert act(lambda: ledger.sell("A", "50", "1"))[1] == ("positions", "changed", str(made[1]))
    assert act(lambda: ledger.sell("A", "150", "1"))[1] == ("positions", "closed", str(made[1]))
    # Dust is no open position, and stays in the lists.
    assert act(lambda: ledger.buy("A", "1000000", "1"))[1:] == [("positions", "opened", str(made[5]))]
    assert act(lambda: ledger.sell("A", "999999.5", "1"))[1:] == [("positions", "closed", str(made[5]))]
    assert act(lambda: ledger.burn("A", "0.1"))[1:] == [("positions", "changed", str(made[5]))]
    assert act(lambda: ledger.buy("A", "100", "1"))[1:] == [("positions", "opened", str(made[8]))]
    assert act(lambda: ledger.swap("A", "10", "B", "10", value="1"))[1:] == [
        ("positions", "changed", str(made[8])),
        ("positions", "opened", str(made[9])),
    ]
    # One that came and went within a statement was never there.
    assert act(lambda: ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", wallet_address=None)) == [
        ("transactions", "booked", str(made[10]))
    ]


def test_a_void_and_a_correction_are_announced_with_what_they_do(db: Db) -> None:
    ledger = Ledger(db)
    first = ledger.buy("A", "100", "1")
    second = ledger.buy("A", "100", "1")
    assert told(ledger, lambda: ledger.void(second)) == [
        ("transactions", "voided", str(second)),
        ("positions", "changed", str(first)),
    ]
    assert told(ledger, lambda: ledger.void(second)) == []
    corrected: list[Any] = []
    events = told(ledger, lambda: corrected.append(ledger.correct(first, outputAmount="90")["document"]["id"]))
    assert events[:2] == [("transactions", "corrected", str(first)), ("transactions", "booked", corrected[0])]
    # The position is another's now: that which the correction opened.
    assert sorted(events[2:]) == [("positions", "closed", str(first)), ("positions", "opened", corrected[0])]
    assert told(ledger, lambda: ledger.void(UUID(corrected[0])))[1] == ("positions", "closed", corrected[0])
    apart = ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", wallet_address=None)
    assert told(ledger, lambda: ledger.void(apart)) == [("transactions", "voided", str(apart))]


def test_a_late_opener_takes_the_place_of_the_other(db: Db) -> None:
    ledger = Ledger(db)
    late = ledger.now + timedelta(minutes=30)
    first = ledger.buy("A", "100", "1")
    made: list[UUID] = []
    events = told(ledger, lambda: made.append(ledger.buy("A", "100", "1", transaction_time=late)))
    assert sorted(events[1:]) == [("positions", "closed", str(first)), ("positions", "opened", str(made[0]))]


def test_a_batch_announces_each_fact_in_order_and_each_position_once(db: Db) -> None:
    ledger = Ledger(db)
    requests = [ledger.request(outputMint=f"T{n % 3}") for n in range(30)]
    rows: list[Any] = []
    events = told(ledger, lambda: rows.extend(ledger.record(*requests)))
    booked = [subject for kind, _, subject in events if kind == "transactions"]
    assert booked == [row["document"]["id"] for row in rows]
    assert [change for kind, change, _ in events if kind == "positions"] == ["opened"] * 3
    # The same again books nothing.
    repeated = [request | {"id": row["document"]["id"]} for request, row in zip(requests, rows, strict=True)]
    assert told(ledger, lambda: ledger.record(*repeated)) == []


def test_what_is_refused_or_rebuilt_announces_nothing(db: Db) -> None:
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")

    def refused() -> None:
        with pytest.raises(psycopg.Error), db.transaction():
            ledger.buy("A", "100", "100000")

    assert told(ledger, refused) == []

    def rebuild() -> None:
        with acting_as(db, "book"):
            db.execute("update agent_positions set realized_profit_sol = 7")
        assert value(db, "select book.rebuild_wallet(%s)", ledger.wallet) > 0

    assert told(ledger, rebuild) == []


def test_a_signal_is_announced_to_its_user_or_to_everyone(db: Db) -> None:
    mine, other = Ledger(db), Ledger(db)
    number(db)
    place = newest(db)
    everyones, own = signal(db), signal(db, mine.user)
    number(db)
    seen = {
        ledger.user: [event["document"]["id"] for _, _, event in after(db, ledger.user, place)[0]]
        for ledger in (mine, other)
    }
    assert seen == {mine.user: [everyones, own], other.user: [everyones]}


def test_an_order_is_announced_with_all_that_becomes_of_it(db: Db) -> None:
    live = new_live_wallet(Ledger(db))
    for token in "ABCD":
        live.buy(token, "100", "1")

    def call(function: str, *arguments: Any) -> Any:
        stated = [live.user, *(json.dumps(each) if isinstance(each, dict) else each for each in arguments)]
        places = ", ".join(["%s"] * len(stated))
        with acting_as(db, "api", live.user):
            return value(db, f"select document from book.{function}({places}, clock_timestamp())", *stated)

    def sell(token: str) -> str:
        position = live.held(token)
        return str(call("close_position", live.agent, position["id"], {"priceSol": "1"}, None)["order"]["id"])

    made: dict[str, str] = {}
    for token in "ABCD":
        assert told(live, lambda token=token: made.update({token: sell(token)})) == [("orders", "created", made[token])]
    assert told(live, lambda: call("claim_orders", {"executor": "x", "limit": 2}, None)) == [
        ("orders", "claimed", made[token]) for token in "AB"
    ]
    filled = {"transactionHash": "hash", "outputAmount": "1", "valueUsd": "100"}
    events = told(live, lambda: call("fill_order", made["A"], filled))
    assert ("orders", "filled", made["A"]) in events
    assert {kind for kind, _, _ in events} == {"transactions", "positions", "orders"}
    # The same again is nothing new.
    assert told(live, lambda: call("fill_order", made["A"], filled)) == []
    assert told(live, lambda: call("fail_order", made["B"], {"error": "no route"})) == [("orders", "failed", made["B"])]
    # One by another sale that takes its place, one by time.
    assert told(live, lambda: made.update(E=sell("C"))) == [
        ("orders", "expired", made["C"]),
        ("orders", "created", made["E"]),
    ]

    def expire() -> None:
        with acting_as(db, "jobs"):
            db.execute("select book.expire_orders(clock_timestamp() + interval '1 hour')")

    assert sorted(told(live, expire)) == sorted(("orders", "expired", made[token]) for token in "DE")

    events_of_orders, _ = after(db, live.user, 0, kinds=["orders"])
    with acting_as(db, "api", live.user):
        documents = dict(db.execute("select id::text, row_to_json(o) from api.trade_orders as o").fetchall())
    assert {event["subjectId"] for _, _, event in events_of_orders} == documents.keys() == set(made.values())
    assert all(event["document"] == documents[event["subjectId"]] for _, _, event in events_of_orders)
    assert {event["agentId"] for _, _, event in events_of_orders} == {str(live.agent)}
    # Nobody else hears of them.
    assert after(db, Ledger(db).user, 0, kinds=["orders"])[0] == []


def test_prices_of_held_tokens_are_announced_once_a_set_to_those_who_hold_them(db: Db) -> None:
    mine, other = Ledger(db), Ledger(db)
    mine.buy("A", "100", "1")
    other.buy("B", "100", "1")
    number(db)
    place = newest(db)
    prices(db, *((token, minute, "feed") for token in (SOL, "A", "B", "C") for minute in (1, 2, 3)))
    prices(db, ("A", 9, "elsewhere"), ("A", 0, "feed"))
    assert value(db, "select count(*) from event_outbox") == 3
    number(db)
    events, _ = after(db, mine.user, place)
    # Not that of B, nor one that is not the latest, nor of another source.
    assert [event["document"]["tokenAddress"] for _, _, event in events] == [SOL, "A"]
    price = value(db, "select row_to_json(p) from book.get_price('A') as p")
    assert events[1][2]["document"] == price
    assert (price["priceSol"], price["observedAt"]) == ("0.5", "2026-01-01T00:03:00Z")
    assert [event["tokenAddress"] for _, _, event in after(db, other.user, place)[0]] == [SOL, "B"]
    apart = new_agent(db, mine.user)
    assert [event["tokenAddress"] for _, _, event in after(db, mine.user, place, agent=apart)[0]] == [SOL]


# Who is told, and what


def test_a_user_is_told_of_nothing_of_others(db: Db) -> None:
    mine, other = Ledger(db), Ledger(db)
    for ledger in (mine, other):
        ledger.void(ledger.buy("A", "100", "1"))
        signal(db, ledger.user)
    number(db)
    events, reached = after(db, mine.user, 0)
    assert {event["agentId"] for _, _, event in events} == {str(mine.agent), None}
    assert reached == newest(db)
    assert str(other.agent) not in json.dumps(events)
    # Nor where the service asks for him by mistake: the rows are not there.
    with acting_as(db, "api", mine.user):
        rows = db.execute("select * from book.events_after(%s, null, %s, 0, 100)", [other.user, KINDS]).fetchall()
        assert [kind for _, kind, _ in rows] == [None]
        assert value(db, "select count(*) from event_outbox") == 0
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        after(db, mine.user, 0, agent=other.agent)
    assert refused.value.sqlstate == "TB007"


def test_events_are_narrowed_by_agent_and_kind_and_the_place_moves_on_all_the_same(db: Db) -> None:
    ledger = Ledger(db)
    other = Ledger(db, agent=new_agent(db, ledger.user))
    ledger.buy("A", "100", "1")
    other.buy("A", "100", "1")
    signal(db)
    number(db)
    events, reached = after(db, ledger.user, 0, agent=ledger.agent)
    assert [(kind, event["agentId"]) for _, kind, event in events] == [
        ("transactions", str(ledger.agent)),
        ("transactions", str(ledger.agent)),
        ("positions", str(ledger.agent)),
        ("signals", None),
    ]
    assert reached == newest(db)
    assert [kind for _, kind, _ in after(db, ledger.user, 0, kinds=["positions"])[0]] == ["positions"] * 2
    assert after(db, ledger.user, 0, kinds=["orders"]) == ([], newest(db))


def test_a_document_is_what_a_get_answers_now_and_null_where_nothing_is(db: Db) -> None:
    ledger = Ledger(db)
    buy = ledger.buy("A", "100", "1")
    ledger.buy("B", "100", "1")
    ledger.void(buy)
    number(db)
    events, _ = after(db, ledger.user, 0)
    of_buy = [event for _, kind, event in events if kind == "transactions" and event["subjectId"] == str(buy)]
    assert [event["change"] for event in of_buy] == ["booked", "voided"]
    assert of_buy[0]["document"] == of_buy[1]["document"]
    assert of_buy[0]["document"] == value(db, "select row_to_json(t) from api.transactions as t where id = %s", buy)
    positions = {event["tokenAddress"]: event["document"] for _, kind, event in events if kind == "positions"}
    assert positions["A"] is None
    assert positions["B"]["remainingAmount"] == "100"


def test_pages_of_any_size_make_the_whole(db: Db) -> None:
    ledger = Ledger(db)
    for n in range(5):
        ledger.buy("A", "100", "1")
        if n % 2:
            signal(db, ledger.user if n == 1 else None)
    number(db)
    whole, reached = after(db, ledger.user, 0)
    for most in (1, 2, 3, len(whole)):
        place, seen = 0, []
        while place < reached:
            page, place = after(db, ledger.user, place, most=most)
            seen += page
        assert seen == whole


# The order


@pytest.fixture
def first(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


@pytest.fixture
def second(database_url: str) -> Iterator[Session]:
    with Session(database_url) as session:
        yield session


def sequences(db: Db) -> list[int]:
    return [number for (number,) in db.execute("select sequence from events order by sequence")]


def test_a_transaction_that_lasts_holds_up_nobody_and_its_events_come_after_what_was_told(
    db: Db, first: Session, second: Session
) -> None:
    slow, fast = Ledger(db), Ledger(db)
    db.commit()
    number(db)
    db.commit()
    place = newest(db)
    late = first.ledger(slow).buy("A", "100", "1")
    early = second.ledger(fast).buy("A", "100", "1")
    second.commit()
    assert number(db) == 2
    db.commit()
    assert [event["subjectId"] for _, _, event in after(db, fast.user, place)[0]] == [str(early)] * 2
    told_until = newest(db)
    db.commit()
    first.commit()
    assert number(db) == 2
    events, _ = after(db, slow.user, told_until)
    assert [event["subjectId"] for _, _, event in events] == [str(late)] * 2
    assert sequences(db) == list(range(1, newest(db) + 1))


def test_the_events_of_a_wallet_come_in_the_order_of_its_commits(db: Db, first: Session, second: Session) -> None:
    """Whoever began first."""
    ledger, elsewhere = Ledger(db), Ledger(db)
    db.commit()
    place = number(db)
    db.commit()
    first.ledger(elsewhere).buy("A", "1", "1")
    one = second.ledger(ledger).buy("A", "1", "1")
    running = first.start(first.ledger(ledger).buy, "A", "1", "1")
    assert first.waits_for(running, second)
    second.commit()
    two = running.result()
    first.commit()
    number(db)
    events, _ = after(db, ledger.user, place, kinds=["transactions"])
    assert [event["subjectId"] for _, _, event in events] == [str(one), str(two)]


def test_of_two_who_number_at_once_the_second_waits_and_numbers_the_rest(
    db: Db, first: Session, second: Session
) -> None:
    ledger = Ledger(db)
    for _ in range(20):
        ledger.buy("A", "1", "1")
    db.commit()
    count = value(db, "select count(*) from event_outbox")
    assert number(first.connection, 5) == 5
    running = second.start(number, second.connection)
    assert second.waits_for(running, first)
    # What is not committed has not been numbered.
    assert after(db, ledger.user, 0) == ([], 0)
    db.rollback()
    first.commit()
    assert running.result() == count - 5
    second.commit()
    assert sequences(db) == list(range(1, count + 1))
    events, _ = after(db, ledger.user, 0, kinds=["transactions"])
    facts = db.execute("select id::text from agent_transactions order by ledger_order").fetchall()
    assert [(event["subjectId"],) for _, _, event in events] == facts


def test_who_is_killed_while_numbering_leaves_all_as_it_was(db: Db, first: Session, second: Session) -> None:
    ledger = Ledger(db)
    ledger.buy("A", "1", "1")
    db.commit()
    assert number(first.connection) == 3
    db.execute("select pg_terminate_backend(%s, 10000)", [first.pid])
    assert number(second.connection) == 3
    second.commit()
    assert sequences(db) == [1, 2, 3]


@pytest.mark.spoils_the_book
def test_after_the_server_was_killed_each_event_has_its_number_once() -> None:
    running = server.start_durable()
    try:
        with psycopg.connect(**running.dsn()) as admin:
            admin.execute("create database book")
        url = running.url("book")
        migrate(url, lambda _words: None)
        with closing(psycopg.connect(url)) as db:
            ledger = Ledger(db)
            for _ in range(10):
                ledger.buy("A", "1", "1")
            db.commit()
            assert number(db, 7) == 7
            db.commit()
            before = after(db, ledger.user, 0)
            db.commit()
            # Numbered by one that the kill meets before its commit.
            number(db, 7)
            running.kill()
        running.start()
        with psycopg.connect(url) as db:
            assert after(db, ledger.user, 0) == before
            number(db)
            assert sequences(db) == list(range(1, 22))
            facts = [id_ for (id_,) in db.execute("select id::text from agent_transactions order by ledger_order")]
            events, _ = after(db, ledger.user, 0, kinds=["transactions"])
            assert [event["subjectId"] for _, _, event in events] == facts
    finally:
        running.stop()


# What is kept


def test_events_are_kept_as_long_as_the_settings_say_and_who_comes_later_is_told(db: Db) -> None:
    db.autocommit = True
    ledger = Ledger(db)
    for _ in range(5):
        ledger.buy("A", "1", "1")
    number(db)
    until = newest(db)
    with acting_as(db, "book"):
        db.execute("update events set created_at = created_at - interval '8 days' where sequence <= 4")
    ledger.buy("A", "1", "1")
    db.execute("call jobs.prune_events(now())")
    # What nobody has numbered is numbered by the job.
    assert sequences(db) == list(range(5, until + 3))
    assert value(db, "select rows_done from job_runs") == 2 + 4
    assert len(after(db, ledger.user, 4)[0]) == until + 2 - 4
    for place in (0, 3, until + 3, 10**17):
        with pytest.raises(psycopg.Error) as refused:
            after(db, ledger.user, place)
        assert refused.value.sqlstate == "TB030"
        db.execute("reset role")
    db.execute("update settings set event_retention = null")
    db.execute("call jobs.prune_events(now() + interval '1 year')")
    assert len(sequences(db)) == until + 2 - 4


def test_all_events_may_go_and_the_newest_place_stays_one_to_resume_at(db: Db) -> None:
    ledger = Ledger(db)
    number(db)
    place = newest(db)
    with acting_as(db, "book"):
        assert value(db, "select book.prune_events(now() + interval '1 minute', 100)") == place
        assert value(db, "select book.prune_events(now() + interval '1 minute', 100)") == 0
    assert after(db, ledger.user, place) == ([], place)
    ledger.buy("A", "1", "1")
    number(db)
    assert [sequence for sequence, _, _ in after(db, ledger.user, place)[0]] == [place + 1, place + 2]


def test_a_scheduler_s_wrong_clock_removes_nothing_that_is_new(db: Db) -> None:
    db.autocommit = True
    Ledger(db)
    number(db)
    db.execute("call jobs.prune_events(now() + interval '1 year')")
    assert sequences(db) == [1]


def test_a_transaction_that_reads_for_long_sees_its_page_whole_while_others_prune(
    db: Db, first: Session, second: Session
) -> None:
    ledger = Ledger(db)
    number(db)
    db.commit()
    first.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert len(after(first.connection, ledger.user, 0)[0]) == 1
    second.connection.execute("select book.prune_events(now() + interval '1 minute', 100)")
    second.commit()
    assert len(after(first.connection, ledger.user, 0)[0]) == 1
    first.commit()
    running = first.start(after, first.connection, ledger.user, 0)
    assert refusal(running) == "TB030"


def test_what_is_deleted_is_told_by_its_ids_alone(db: Db) -> None:
    ledger = Ledger(db)
    buy = ledger.buy("A", "1", "1")
    number(db)
    db.execute("delete from agent_wallets where wallet_address = %s", [ledger.wallet])
    events, _ = after(db, ledger.user, 1)
    assert [(event["subjectId"], event["document"]) for _, _, event in events] == [(str(buy), None)] * 2
    user = new_user(db)
    assert after(db, user, 0)[0] == []
