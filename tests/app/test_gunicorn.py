"""gunicorn's log and its worker, as far as they are ours."""

from __future__ import annotations

import http.client
import runpy
import threading
from pathlib import Path

import pytest
from gunicorn.config import Config

from app.gunicorn_logger import Logger
from tests.app.conftest import BASE
from tests.service import ANSWER_SECONDS, Service


def test_no_line_of_a_request_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    # As gunicorn reads it, it sets this variable, and makes a directory.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    ours = runpy.run_module("app.gunicorn_config")
    ours["on_exit"](None)
    made = Config()
    made.set("logger_class", ours["logger_class"])
    assert made.logger_class is Logger
    made.set("logconfig_dict", ours["logconfig_dict"])
    log = Logger(made)
    monkeypatch.setattr(log, "atoms", lambda *_: pytest.fail("for nobody"))
    log.access(None, None, None, None)


def test_a_client_that_never_pauses_leaves_the_thread_to_others(database_url: str, tmp_path: Path) -> None:
    service = Service(tmp_path / "log", DATABASE_URL=database_url, TRADEBOOK_WORKERS="1", TRADEBOOK_THREADS="1")
    service.start()
    is_over = threading.Event()
    statuses: set[int] = set()

    def ask(connection: http.client.HTTPConnection) -> int:
        connection.request("GET", f"{BASE}/health/live")
        with connection.getresponse() as answer:
            answer.read()
            return answer.status

    def ask_on_and_on() -> None:
        busy = http.client.HTTPConnection("127.0.0.1", service.port, timeout=ANSWER_SECONDS)
        while not is_over.is_set():
            statuses.add(ask(busy))
        busy.close()

    busy_client = threading.Thread(target=ask_on_and_on)
    try:
        busy_client.start()
        for _ in range(20):
            other = http.client.HTTPConnection("127.0.0.1", service.port, timeout=ANSWER_SECONDS)
            assert ask(other) == 200
            other.close()
    finally:
        is_over.set()
        busy_client.join()
        service.stop()
    assert statuses == {200}
