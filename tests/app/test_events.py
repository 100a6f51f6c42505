"""GET /events: over the service as it is served, nothing is lost by a client that comes back with its last id."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Trader, make_trader
from tests.ledger import SOL, START, Ledger, new_agent, value

TOP = Path(__file__).parents[2]
SECONDS = 30.0
"""How long anything may take that is waited for."""

EVENTS = 10_000
FACTS = 6_000
"""Each is an event, and most make another of a position."""
WALLETS = 4
WRITERS = 6

Db = psycopg.Connection[Any]


@dataclass
class Service:
    """gunicorn with the service, as `tradebook serve` starts it."""

    port: int
    process: subprocess.Popen[bytes]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)


@contextmanager
def serving(url: str, **environment: str) -> Iterator[Service]:
    """The service on a database, until the end of the block."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "gunicorn", "--config", "python:app.gunicorn_config"),
                *("--bind", f"fd://{listener.fileno()}", "app:create_app()"),
            ],
            cwd=TOP,
            env=os.environ | {"DATABASE_URL": url, "TRADEBOOK_EVENT_HEARTBEAT": "1"} | environment,
            pass_fds=[listener.fileno()],
        )
        service = Service(listener.getsockname()[1], process)
    try:
        deadline = time.monotonic() + SECONDS
        status = 0
        while status != 200 and time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                connection = service.connect()
                connection.request("GET", f"{BASE}/health")
                status = connection.getresponse().status
                connection.close()
        assert status == 200
        yield service
    finally:
        process.terminate()
        process.wait(SECONDS)


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    with serving(database_url, TRADEBOOK_WORKERS="1") as running:
        yield running


@dataclass
class Event:
    """A server-sent event."""

    id: int
    kind: str
    data: dict[str, Any]


@dataclass
class Stream:
    """A client of GET /events, which remembers the last id as a browser does."""

    service: Service
    key: str
    query: dict[str, str] = field(default_factory=dict)
    last_id: str | None = None
    connection: http.client.HTTPConnection | None = None
    response: http.client.HTTPResponse | None = None

    def open(self) -> int:
        """Connect, from the last id on; the status."""
        self.connection = self.service.connect()
        headers = {"X-API-Key": self.key} | ({"Last-Event-ID": self.last_id} if self.last_id is not None else {})
        self.connection.request("GET", f"{BASE}/events?{urlencode(self.query)}", headers=headers)
        self.response = self.connection.getresponse()
        return self.response.status

    def begin(self) -> Stream:
        """Connect, and read where the client stands."""
        assert self.open() == 200
        assert next(self.blocks())["retry"] == "1000"
        return self

    def problem(self) -> dict[str, Any]:
        """Connect to be refused."""
        self.open()
        assert self.response is not None
        assert self.response.headers["Content-Type"] == "application/problem+json"
        body: dict[str, Any] = json.loads(self.response.read())
        self.close()
        return body

    def close(self) -> None:
        if self.response is not None:
            self.response.close()
        if self.connection is not None:
            self.connection.close()

    def blocks(self) -> Iterator[dict[str, str]]:
        """What comes between two empty lines, until the stream ends; an unfinished one counts for nothing."""
        assert self.response is not None
        block: dict[str, str] = {}
        with suppress(http.client.IncompleteRead, ConnectionError):
            while line := self.response.readline():
                text = line.decode().rstrip("\n")
                if text:
                    name, _, content = text.partition(": ")
                    block[name or "comment"] = content
                    continue
                self.last_id = block.get("id", self.last_id)
                yield block
                block = {}

    def events(self, deadline: float = float("inf")) -> Iterator[Event]:
        """Its events, until the stream ends."""
        for block in self.blocks():
            assert time.monotonic() < deadline
            if "data" in block:
                yield Event(int(block["id"]), block["event"], json.loads(block["data"]))

    def read(self, count: int) -> list[Event]:
        """The next events."""
        events = self.events()
        return [next(events) for _ in range(count)]


def wait_until_free(service: Service, key: str) -> None:
    """Wait until the place of a client that has left can be had; it is left again."""
    deadline = time.monotonic() + SECONDS
    stream = Stream(service, key)
    while stream.open() != 200:
        stream.close()
        assert time.monotonic() < deadline
    stream.close()


# Nothing is lost


class Writer(threading.Thread):
    """Books and voids in wallets that others write to as well, and keeps the order of commits of each wallet."""

    def __init__(self, url: str, user: UUID, ledgers: list[Ledger], seed: int, facts: int) -> None:
        super().__init__(daemon=True)
        self.url, self.user, self.ledgers, self.facts = url, user, ledgers, facts
        self.chance = random.Random(seed)
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with psycopg.connect(self.url) as connection:
                while self.facts > 0:
                    self._write(connection)
        except BaseException as failure:
            self.failure = failure

    def _write(self, connection: Db) -> None:
        ledger = self.chance.choice(self.ledgers)
        size = self.chance.choice([1, 2, 20, 100])
        requests = [self._request(ledger) for _ in range(size)]
        connection.execute("select * from book.record_transactions(%s, %s, false)", [self.user, json.dumps(requests)])
        done = [("booked", request["id"]) for request in requests]
        self.facts -= size
        if self.chance.random() < 0.3:
            wrong = self.chance.choice(requests)["id"]
            connection.execute("select book.void_transaction(%s, 'a test')", [wrong])
            done.append(("voided", wrong))
        # In the turn that the transaction has: the order of these is that of the commits.
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into witness (wallet, change, subject) values (%s, %s, %s)",
                [(ledger.wallet, *each) for each in done],
            )
        connection.commit()

    def _request(self, ledger: Ledger) -> dict[str, Any]:
        return {
            "id": str(uuid4()), "agentId": str(ledger.agent), "walletAddress": ledger.wallet,
            "transactionType": "SWAP", "transactionTime": (START + timedelta(days=2)).isoformat(),
            "inputMint": SOL, "inputAmount": "0.001", "outputMint": f"T{self.chance.randrange(300)}",
            "outputAmount": "1", "valueUsd": "1",
        }  # fmt: skip


def test_ten_thousand_events_reach_a_client_that_disconnects_at_random(
    db: Db, database_url: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    trader, other = make_trader(client, db, database_url), make_trader(client, db, database_url)
    user = trader.ledger.user
    ledgers = [Ledger(db, sol="100000", agent=new_agent(db, user)) for _ in range(WALLETS)]
    db.execute("create table witness (place bigserial, wallet text, change text, subject text)")
    db.commit()
    chance = random.Random(7)
    writers = [Writer(database_url, user, ledgers, seed, FACTS // WRITERS) for seed in range(WRITERS)]
    writers.append(Writer(database_url, other.ledger.user, [other.ledger], 99, FACTS // WRITERS))
    received: list[Event] = []
    connections = 0

    # Two processes: both number, and the client comes to either.
    with serving(database_url, TRADEBOOK_WORKERS="2") as service:
        stream = Stream(service, trader.key).begin()
        begin = int(stream.last_id or 0)
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 20 * SECONDS
        wanted_ids: list[int] | None = None
        while wanted_ids is None or len(received) < len(wanted_ids):
            patience = chance.choice([1, 2, 5, 50, 200, 400])
            for event in stream.events(deadline):
                received.append(event)
                patience -= 1
                if patience == 0 or (wanted_ids is not None and len(received) == len(wanted_ids)):
                    break
            stream.close()
            connections += 1
            if wanted_ids is None and not any(writer.is_alive() for writer in writers):
                assert [writer.failure for writer in writers] == [None] * len(writers)
                value(db, "select numbered from book.number_events(1000000)")
                db.commit()
                rows = db.execute(
                    "select sequence from events where user_id = %s and sequence > %s order by 1", [user, begin]
                )
                wanted_ids = [id_ for (id_,) in rows]
                db.commit()
            while stream.open() != 200:
                stream.close()
                assert time.monotonic() < deadline
        stream.close()

    assert connections > 20
    assert len(received) > EVENTS
    assert [event.id for event in received] == wanted_ids
    told = defaultdict(list)
    for event in received:
        if event.kind == "transactions":
            told[event.data["walletAddress"]].append((event.data["change"], event.data["subjectId"]))
    wanted = defaultdict(list)
    for wallet, change, subject in db.execute("select wallet, change, subject from witness order by place"):
        wanted[wallet].append((change, subject))
    del wanted[other.ledger.wallet]
    assert told == wanted
    assert {change for changes in told.values() for change, _ in changes} == {"booked", "voided"}


# One stream


@pytest.fixture
def stream(service: Service, trader: Trader) -> Iterator[Stream]:
    stream = Stream(service, trader.key)
    yield stream
    stream.close()


def test_a_client_is_told_what_happens_from_when_it_came(db: Db, trader: Trader, stream: Stream) -> None:
    stream.begin()
    assert stream.response is not None
    assert stream.response.headers["Content-Type"] == "text/event-stream"
    assert stream.response.headers["Cache-Control"] == "no-store"
    buy = trader.ledger.buy("A", "100", "1")
    db.commit()
    booked, opened = stream.read(2)
    assert (booked.kind, booked.data["change"], booked.data["subjectId"]) == ("transactions", "booked", str(buy))
    assert booked.data["id"] == booked.id
    assert booked.data["document"] == trader.get(f"/agent-transactions/{buy}").json
    assert (opened.kind, opened.data["change"]) == ("positions", "opened")
    assert opened.data["document"]["remainingAmount"] == "100"
    assert opened.data["agentId"] == str(trader.ledger.agent)
    assert opened.id == booked.id + 1


def test_a_heartbeat_comes_where_nothing_happens_and_moves_the_place_on(
    db: Db, client: FlaskClient, database_url: str, trader: Trader, stream: Stream
) -> None:
    stream.begin()
    start = stream.last_id
    make_trader(client, db, database_url)
    blocks = stream.blocks()
    while stream.last_id == start:
        assert next(blocks)["comment"] == "heartbeat"
    # Of another user's deposit.
    assert int(stream.last_id or 0) == int(start or 0) + 1
    stream.close()
    # From there on, nothing was missed.
    trader.ledger.buy("A", "100", "1")
    db.commit()
    stream.begin()
    assert [event.id for event in stream.read(2)] == [int(start or 0) + 2, int(start or 0) + 3]


def test_a_client_resumes_by_header_or_parameter(db: Db, trader: Trader, stream: Stream) -> None:
    value(db, "select last_sequence from book.number_events(1000)")
    for _ in range(3):
        trader.ledger.deposit(SOL, "1")
    db.commit()
    whole = Stream(stream.service, trader.key, {"lastEventId": "0"}).begin().read(4)
    assert [event.id for event in whole] == [1, 2, 3, 4]
    stream.last_id = "2"
    assert stream.begin().read(2) == whole[2:]
    # A browser sends the header when it comes back to a URL with the parameter.
    stream.query = {"lastEventId": "0"}
    stream.last_id = "3"
    assert stream.begin().read(1) == whole[3:]


def test_kinds_and_an_agent_can_be_chosen(db: Db, trader: Trader, stream: Stream) -> None:
    other = Ledger(db, agent=new_agent(db, trader.ledger.user))
    for ledger in (other, trader.ledger):
        ledger.buy("A", "100", "1")
    db.commit()
    stream.query = {"kind": "positions", "agentId": str(trader.ledger.agent), "lastEventId": "0"}
    (event,) = stream.begin().read(1)
    assert (event.kind, event.data["agentId"]) == ("positions", str(trader.ledger.agent))


@pytest.mark.parametrize(
    ("scopes", "kinds"),
    [
        (("transactions",), {"transactions"}),
        (("positions",), {"positions", "prices"}),
        (("signals",), {"signals"}),
        (("trade",), set()),
        (("full_access",), {"transactions", "positions", "prices", "signals"}),
    ],
)
def test_a_key_is_told_the_kinds_that_its_scopes_reach(
    db: Db, client: FlaskClient, database_url: str, service: Service, scopes: tuple[str, ...], kinds: set[str]
) -> None:
    trader = make_trader(client, db, database_url, scopes)
    trader.ledger.buy("A", "100", "1")
    db.execute("insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'buy', 3)")
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values ('A', 'feed', now(), 1)"
    )
    db.commit()
    stream = Stream(service, trader.key, {"lastEventId": "0"}).begin()
    seen = set()
    for block in stream.blocks():
        if "comment" in block:
            break
        seen.add(block["event"])
    stream.close()
    assert seen == kinds
    for kind in {"transactions", "positions", "prices", "signals"} - kinds:
        problem = Stream(service, trader.key, {"kind": kind}).problem()
        assert (problem["status"], problem["code"]) == (403, "scope_missing")


# What is refused, before the stream begins


def test_what_is_refused_is_a_problem_document(
    db: Db, client: FlaskClient, database_url: str, service: Service, trader: Trader
) -> None:
    def problem(key: str | None = None, last_id: str | None = None, **query: str) -> tuple[int, str]:
        answer = Stream(service, trader.key if key is None else key, query, last_id).problem()
        return answer["status"], answer["code"]

    assert problem(key="nex_" + "x" * 32) == (401, "not_authenticated")
    assert problem(key=make_trader(client, db, database_url, ("agents", "history")).key) == (403, "scope_missing")
    assert problem(kind="trades") == (400, "TB011")
    assert problem(agent="1") == (400, "TB009")
    assert problem(last_id="x") == (400, "TB011")
    assert problem(lastEventId="-1") == (400, "TB011")
    assert problem(agentId=str(uuid4())) == (404, "TB007")
    # Ahead of all there are, as after a backup was restored; and one that was removed.
    assert problem(last_id="999999") == (410, "TB030")
    trader.ledger.deposit(SOL, "1")
    db.commit()
    db.execute("select book.number_events(1000), book.prune_events(now() + interval '1 minute', 2)")
    db.commit()
    assert problem(last_id="1") == (410, "TB030")
    assert Stream(service, trader.key, last_id="2").open() == 200
    # None of these holds a place.
    assert problem(last_id="1") == (410, "TB030")


def test_more_clients_than_the_process_serves_are_told_to_come_again(database_url: str, trader: Trader) -> None:
    with serving(database_url, TRADEBOOK_WORKERS="1", TRADEBOOK_THREADS="4", TRADEBOOK_EVENT_CLIENTS="2") as service:
        streams = [Stream(service, trader.key).begin() for _ in range(2)]
        refused = Stream(service, trader.key)
        assert refused.problem()["code"] == "too_many_streams"
        assert refused.response is not None
        assert refused.response.headers["Retry-After"] == "1"
        # Requests are answered all the same.
        connection = service.connect()
        connection.request("GET", f"{BASE}/agents", headers={"X-API-Key": trader.key})
        assert connection.getresponse().status == 200
        connection.close()
        # The place of one that leaves without a word is free at once, and not when it is written to.
        streams[0].close()
        wait_until_free(service, trader.key)
        streams[1].close()


# The end


def test_a_stream_ends_with_its_key(db: Db, trader: Trader, stream: Stream) -> None:
    stream.begin()
    db.execute("delete from api_keys")
    db.commit()
    for _ in stream.blocks():
        pass
    assert stream.problem()["code"] == "not_authenticated"


def test_a_client_that_reads_nothing_holds_up_no_other_and_is_let_go(db: Db, database_url: str, trader: Trader) -> None:
    """It is sent what its socket takes, and the rest stays in the database."""
    for _ in range(20):
        # More than sockets hold.
        trader.ledger.record(
            *[trader.ledger.request(inputAmount="0.001", swapPayload={"text": "x" * 4000}) for _ in range(100)]
        )
    count = value(db, "select count(*) from event_outbox")
    db.commit()
    with (
        serving(database_url, TRADEBOOK_WORKERS="1", TRADEBOOK_EVENT_CLIENTS="2") as service,
        socket.socket() as silent,
    ):
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.connect(("127.0.0.1", service.port))
        request = f"GET {BASE}/events?lastEventId=0 HTTP/1.1\r\nHost: a\r\nX-API-Key: {trader.key}\r\n\r\n"
        silent.sendall(request.encode())
        assert silent.recv(12) == b"HTTP/1.1 200"
        stream = Stream(service, trader.key, {"lastEventId": "0"}).begin()
        assert len(stream.read(count)) == count
        # Its place is given to another.
        wait_until_free(service, trader.key)
        stream.close()


def test_a_stop_ends_streams_at_once_and_they_resume_at_the_next(db: Db, database_url: str, trader: Trader) -> None:
    with serving(database_url, TRADEBOOK_WORKERS="1") as service:
        stream = Stream(service, trader.key).begin()
        service.process.terminate()
        for _ in stream.blocks():
            pass
        # Well before those seconds, after which gunicorn ends what is still under way.
        assert service.process.wait(SECONDS) == 0
    trader.ledger.deposit(SOL, "1")
    db.commit()
    with serving(database_url, TRADEBOOK_WORKERS="1") as service:
        stream.service = service
        (event,) = stream.begin().read(1)
        assert event.data["change"] == "booked"
        stream.close()


def test_events_come_again_when_the_database_was_away(
    db: Db, database_url: str, trader: Trader, stream: Stream
) -> None:
    stream.begin()
    name = value(db, "select current_database()")
    db.commit()
    with psycopg.connect(database_url, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> %s",
                      [name, db.info.backend_pid])  # fmt: skip
        trader.ledger.deposit(SOL, "1")
        db.commit()
        # The heartbeat finds it away, and the client is let go.
        for _ in stream.blocks():
            pass
        assert stream.problem()["status"] == 503
        admin.execute(f"alter database {name} allow_connections true")
    deadline = time.monotonic() + SECONDS
    while stream.open() != 200:
        stream.close()
        assert time.monotonic() < deadline
    (event,) = stream.read(1)
    assert event.data["change"] == "booked"
