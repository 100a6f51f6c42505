"""What every request gets: an id, headers, a line in the log that holds no secret, a place in the figures."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, logs
from app.database import close_pool
from app.operations import Operation, operation
from app.parameters import read_body
from app.paths import SQL
from app.requests import HEADERS
from app.scratch import PREFIX
from app.settings import Settings, SettingsError
from tests.app.conftest import BASE, Trader
from tests.ledger import SOL, acting_as, value
from tests.server import Server
from tests.service import Service, tree

ORIGIN = "https://dashboard.example.org"
SECRETS = ("S3cret-password", "S3cret-token", "S3cret-key")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service's log tells, and nothing else that is logged before or after."""
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield told
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def open_app(database_url: str) -> Iterator[Flask]:
    """The service, to give it routes that no client is told of."""
    try:
        yield create_app(database_url)
    finally:
        close_pool()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["logger"] == "app.requests"]


# Ids


def test_a_sane_request_id_is_kept_and_another_is_made(client: FlaskClient) -> None:
    sane = "trace-1.2:3_4"
    assert client.get(f"{BASE}/health", headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane
    for insane in ("", "x" * 65, "a b", 'a"b', "a\x7fb"):
        made = client.get(f"{BASE}/health", headers={"X-Request-ID": insane}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f-]{36}", made)


def test_a_problem_tells_the_id_of_its_request(client: FlaskClient) -> None:
    response = client.get(f"{BASE}/nowhere", headers={"X-Request-ID": "mine"})
    assert response.json is not None
    assert (response.status_code, response.json["requestId"], response.headers["X-Request-ID"]) == (404, "mine", "mine")


# Headers


def test_every_answer_has_the_headers(client: FlaskClient, trader: Trader) -> None:
    answers = [
        client.get(f"{BASE}/health"),
        client.get(f"{BASE}/nowhere"),
        client.open(f"{BASE}/agents", method="OPTIONS"),
        client.head(f"{BASE}/health"),
        trader.get("/agents"),
        trader.post("/agents", {"name": 1}),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origins", [ORIGIN, f"https://other.example.org, {ORIGIN}", "*"])
def test_the_origins_of_the_settings_may_read_answers(
    database_url: str, monkeypatch: pytest.MonkeyPatch, origins: str
) -> None:
    monkeypatch.setenv("TRADEBOOK_CORS_ORIGINS", origins)
    try:
        client = create_app(database_url).test_client()
        answer = client.get(f"{BASE}/agents", headers={"Origin": ORIGIN})
        assert answer.status_code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == ("*" if origins == "*" else ORIGIN)
        assert {"Link", "X-Total-Count", "X-Request-ID", "Idempotency-Replayed", "Retry-After"} <= set(
            answer.headers["Access-Control-Expose-Headers"].split(", ")
        )
        preflight = client.options(
            f"{BASE}/agents", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        )
        assert preflight.status_code == 200
        assert {"GET", "POST"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
        assert {"Authorization", "X-API-Key", "Idempotency-Key", "Last-Event-ID"} <= set(
            preflight.headers["Access-Control-Allow-Headers"].split(", ")
        )
        stranger = client.get(f"{BASE}/agents", headers={"Origin": "https://evil.example.org"})
        assert stranger.headers.get("Access-Control-Allow-Origin") == ("*" if origins == "*" else None)
        assert ("Origin" in stranger.headers.get("Vary", "")) == (origins != "*")
    finally:
        close_pool()


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("TRADEBOOK_CORS_ORIGINS", "example.org"),
        ("TRADEBOOK_CORS_ORIGINS", "https://example.org/path"),
        ("TRADEBOOK_LOG_LEVEL", "loud"),
        ("TRADEBOOK_REQUEST_SECONDS", "0"),
    ],
)
def test_a_wrong_setting_is_refused(variable: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: wrong})


# The log


def test_a_request_is_one_line(client: FlaskClient, trader: Trader, log: io.StringIO) -> None:
    trader.get("/agents", query_string={"limit": "5"})
    client.get(f"{BASE}/nowhere/{SECRETS[0]}")
    found, lost = requests(log)
    assert found["route"] == f"{BASE}/agents"
    assert (found["method"], found["status"], found["level"]) == ("GET", 200, "info")
    assert (found["userId"], lost["userId"]) == (str(trader.ledger.user), None)
    assert found["bytes"] > 0
    assert found["ms"] > 0
    assert {found["requestId"], lost["requestId"]} > {None} or found["requestId"] != lost["requestId"]
    assert (lost["route"], lost["status"]) == ("none", 404)


def test_a_failure_of_the_service_is_told_with_the_request_s_id(open_app: Flask, log: io.StringIO) -> None:
    @open_app.get("/fail")
    def fail() -> str:
        raise ZeroDivisionError("on purpose")

    answer = open_app.test_client().get("/fail", headers={"X-Request-ID": "mine"})
    assert answer.status_code == 500
    told = [line for line in lines(log) if "traceback" in line]
    assert [line["requestId"] for line in told] == ["mine"]
    assert "ZeroDivisionError: on purpose" in told[0]["traceback"]


def test_no_line_holds_a_password_a_token_or_a_key(
    client: FlaskClient, trader: Trader, log: io.StringIO, db: psycopg.Connection
) -> None:
    password, token, key = SECRETS
    for headers in (
        {"X-API-Key": key},
        {"Authorization": f"Bearer {token}"},
        {"X-API-Key": trader.key, "Cookie": token, "Idempotency-Key": key},
        {"X-API-Key": trader.key},
    ):
        for path in ("/agents", "/agent-transactions", f"/agents/{password}", f"/{key}"):
            for body in (
                {"password": password, "token": token},
                {"name": "x", "tradingConfig": {"password": password}},
                {"agentId": password, "walletAddress": token, "transactionType": key},
            ):
                client.post(f"{BASE}{path}", json=body, headers=headers, query_string={"password": password})
                client.post(
                    f"{BASE}{path}", data=json.dumps(body)[:-1], headers=headers, content_type="application/json"
                )
                client.get(f"{BASE}{path}", headers=headers, query_string={"token": token})
    told = log.getvalue()
    assert len(requests(log)) == 4 * 4 * 3 * 3
    assert not [secret for secret in (*SECRETS, trader.key) if secret in told]


def test_nor_do_the_logs_of_the_processes(
    postgres: Server, database_url: str, trader: Trader, db: psycopg.Connection, tmp_path: Path
) -> None:
    """What the server says of requests that are no HTTP, and PostgreSQL of bodies that are no JSON."""
    password, token, key = SECRETS
    db.autocommit = True
    db.execute((SQL / "grants" / "70_quiet_log.sql").read_text().encode())  # a copy of a database has not its settings
    log = next(Path(postgres.base_dir).glob("*.log"))
    before = log.stat().st_size
    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="1")
    service.start()
    try:
        for request in (
            f"GET /api/v1/agents?token={token} HTTP/1.1\r\nX-API-Key {key}\r\n\r\n",
            f"GET /api/v1/agents HTTP/1.1\r\nAuthorization : Bearer {token}\r\n\r\n",
            f"GET /{password} HTTP/9\r\n\r\n",
            f"{password}\r\n\r\n",
        ):
            assert problem(service.port, request)["status"] == 400
        long = problem(service.port, f"GET /{'x' * 5000} HTTP/1.1\r\n\r\n")
        assert (long["status"], long["code"]) == (414, "uri_too_long")
        wide = problem(service.port, f"GET / HTTP/1.1\r\nX-API-Key: {'x' * 9000}\r\n\r\n")
        assert (wide["status"], wide["code"]) == (431, "headers_too_large")
        for body in (f'{{"password": "{password}", x', f'{{"password": "{password}\\u0000"}}', f'["{password}"'):
            head = (
                f"POST /api/v1/agent-transactions HTTP/1.1\r\nHost: x\r\nX-API-Key: {trader.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            assert problem(service.port, head + body)["status"] == 400
    finally:
        service.stop()
    said = service.log.read_text() + log.read_bytes()[before:].decode()
    assert "invalid input syntax for type json" in said
    assert "a request that cannot be read: InvalidHeaderName" in said
    assert not [secret for secret in (*SECRETS, trader.key) if secret in said]


def problem(port: int, request: str) -> dict[str, Any]:
    """The problem document that raw bytes are answered by."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    made: dict[str, Any] = json.loads(body)
    return made


def test_the_log_s_configuration_is_one_that_python_takes() -> None:
    made = logs.configuration("WARNING")
    assert made["loggers"]["app"]["level"] == "WARNING"
    logging.config.DictConfigurator(made).configure_formatter(made["formatters"]["json"])  # type: ignore[attr-defined]


# Bodies


def test_a_route_can_take_a_larger_body_than_the_others(open_app: Flask) -> None:
    @open_app.post("/large")
    @operation(Operation(largest_body=2_000_000))
    def large() -> str:
        return str(len(read_body()))

    client = open_app.test_client()
    body = {"data": b"1" * 2_000_000, "content_type": "application/json"}
    assert client.post("/large", **body).get_data(as_text=True) == "2000000"
    refused = client.post("/large", data=b"1" * 2_000_001, content_type="application/json")
    assert refused.json is not None
    assert (refused.status_code, refused.json["detail"]) == (413, "It takes at most 2,000,000 bytes")


def test_a_body_in_chunks_is_held_to_the_limit_too(database_url: str, trader: Trader, tmp_path: Path) -> None:
    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="1")
    service.start()
    try:
        head = (
            f"POST /api/v1/agent-transactions HTTP/1.1\r\nHost: x\r\nX-API-Key: {trader.key}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        chunk = f"{100_000:x}\r\n{' ' * 100_000}\r\n"
        # One byte too many: what is not read of a longer one could reset the connection before the answer is read.
        assert problem(service.port, head + chunk * 10 + "1\r\n \r\n0\r\n\r\n")["status"] == 413
    finally:
        service.stop()


# Health and figures


def test_live_needs_no_database_and_ready_wants_this_program_s_code(
    client: FlaskClient, db: psycopg.Connection
) -> None:
    assert client.get(f"{BASE}/health/live").json == {"status": "ok"}
    assert client.get(f"{BASE}/health/ready").json == {"status": "ok"}
    db.execute("update installed.code set sha256 = 'another'")
    db.commit()
    answer = client.get(f"{BASE}/health/ready")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"], "Retry-After" in answer.headers) == (503, "not_ready", True)
    assert client.get(f"{BASE}/health/live").status_code == 200


def test_the_ledger_s_health_is_what_the_audits_found(
    client: FlaskClient, trader: Trader, db: psycopg.Connection
) -> None:
    def told() -> dict[str, Any]:
        answer = client.get(f"{BASE}/health/ledger")
        assert answer.status_code == 200
        assert isinstance(answer.json, dict)
        return answer.json

    trader.ledger.buy("A", "100", "1")
    db.commit()
    before = told()
    assert (before["status"], before["wallets"], before["auditedWallets"]) == ("overdue", 1, 0)
    assert (before["facts"], before["unauditedFacts"], before["unsealedFacts"]) == (2, 2, 2)
    assert (before["oldestAuditAt"], before["lastAuditRunAt"]) == (None, None)

    db.autocommit = True
    db.execute("call jobs.audit_wallets(now())")
    after = told()
    assert (after["status"], after["auditedWallets"], after["violations"]) == ("ok", 1, 0)
    assert (after["unauditedFacts"], after["unsealedFacts"]) == (0, 2)
    assert after["oldestAuditAt"] is not None
    db.execute("call jobs.seal_ledgers(now() + interval '2 hours')")
    assert told()["unsealedFacts"] == 0

    with acting_as(db, "book"):
        db.execute("update wallet_audits set violations = 3, first_violation = 'law 1'")
    wrong = told()
    assert (wrong["status"], wrong["violations"], wrong["walletsWithViolations"]) == ("violations", 3, 1)
    with acting_as(db, "book"):
        db.execute("delete from wallet_audits")
    db.execute("update job_runs set started_at = now() - interval '4 hours', renewed_at = now() - interval '4 hours'")
    assert told()["status"] == "overdue"


def sample(figures: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", figures, re.MULTILINE)
    assert found is not None, (name, figures)
    return float(found[1])


def test_the_figures_count_what_happened(client: FlaskClient, trader: Trader, db: psycopg.Connection) -> None:
    def figures() -> str:
        answer = client.get(f"{BASE}/metrics")
        assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
        return answer.get_data(as_text=True)

    booked = f'tradebook_requests_total{{method="POST",route="{BASE}/agent-transactions",status="404"}}'
    trader.post("/agent-transactions", {"agentId": str(trader.ledger.user)} | FACT)
    first = figures()
    trader.post("/agent-transactions", {"agentId": str(trader.ledger.user)} | FACT)
    client.open(f"{BASE}/health", method="BREW")
    second = figures()
    assert sample(second, booked) == sample(first, booked) + 1
    assert sample(second, 'tradebook_requests_total{method="other",route="none",status="405"}') >= 1
    # Other tests of this process may have left answers that nobody read to their end.
    assert sample(second, "tradebook_requests_in_flight") == sample(first, "tradebook_requests_in_flight") >= 1
    assert sample(second, f'tradebook_request_seconds_count{{method="GET",route="{BASE}/metrics"}}') >= 1
    assert sample(second, "tradebook_pool_connections") >= 1
    assert sample(second, "tradebook_pool_waiting") == 0
    assert sample(second, "tradebook_database_up") == 1
    assert sample(second, "tradebook_facts") == 1
    assert sample(second, 'tradebook_job_failures{job="audit_wallets"}') == 0
    assert 'tradebook_job_last_success_age_seconds{job="audit_wallets"}' not in second
    db.autocommit = True
    db.execute("call jobs.audit_wallets(now())")
    third = figures()
    assert sample(third, 'tradebook_job_last_success_age_seconds{job="audit_wallets"}') >= 0
    assert sample(third, "tradebook_audit_violations") == 0
    assert str(trader.ledger.user) not in third
    assert trader.ledger.wallet not in third


FACT = {
    "walletAddress": "nowhere", "transactionType": "DEPOSIT", "transactionTime": "2026-01-03T00:00:00Z",
    "inputMint": SOL, "inputAmount": "1", "valueUsd": "1",
}  # fmt: skip


def test_the_figures_are_of_all_processes(database_url: str, tmp_path: Path) -> None:
    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="2", TRADEBOOK_THREADS="1")
    service.start()
    try:
        for _ in range(40):
            assert service.ask("GET", "/health/live").status == 200
        name = f'tradebook_requests_total{{method="GET",route="{BASE}/health/live",status="200"}}'
        assert {sample(service.ask("GET", "/metrics").body, name) for _ in range(10)} == {40.0}
    finally:
        service.stop()


def test_the_files_of_the_figures_go_with_the_service_and_those_of_a_killed_one_with_the_next(
    database_url: str, tmp_path: Path
) -> None:
    def directories(service: Service) -> set[Path]:
        """Where the service's processes write."""
        assert service.process is not None
        paths = (maps for pid in tree(service.process.pid) for maps in Path(f"/proc/{pid}/maps").read_text().split())
        return {Path(path).parent for path in paths if f"/{PREFIX}" in path}

    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="1")
    service.start()
    try:
        killed = directories(service)
        assert len(killed) == 1
        service.kill()
        service.start()
        own = directories(service)
        assert len(own) == 1
        assert not any(path.exists() for path in killed)
    finally:
        service.stop()
    assert not any(path.exists() for path in own)


def test_a_token_closes_figures_and_ledger_s_health(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOOK_METRICS_TOKEN", SECRETS[1])
    try:
        client = create_app(database_url).test_client()
        for path in ("/metrics", "/health/ledger"):
            assert client.get(f"{BASE}{path}").status_code == 401
            assert client.get(f"{BASE}{path}", headers={"Authorization": "Bearer é"}).status_code == 401
            given = {"Authorization": f"Bearer {SECRETS[1]}"}
            assert client.get(f"{BASE}{path}", headers=given).status_code == 200
        for path in ("/health", "/health/live", "/health/ready"):
            assert client.get(f"{BASE}{path}").status_code == 200
    finally:
        close_pool()


def test_a_limit_of_connections_is_told_at_the_start(database_url: str, db: psycopg.Connection, tmp_path: Path) -> None:
    allowed = value(db, "select current_setting('max_connections')::int")
    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="2", TRADEBOOK_THREADS="64")
    service.start()
    service.stop()
    assert ("is up to 128 connections, and the database allows" in service.log.read_text()) == (allowed < 128)


def test_two_slashes_are_no_redirect(client: FlaskClient) -> None:
    """Which would be to whatever host the request names."""
    answer = client.get(f"{BASE}//agents", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.mimetype, "Location" in answer.headers) == (
        404,
        "application/problem+json",
        False,
    )
