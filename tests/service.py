"""The HTTP service as a process of its own: `tradebook serve`, as an operator starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.server import children

TOP = Path(__file__).resolve().parent.parent
COMMAND = "from app.cli import main; main()"
ANSWER_SECONDS = 40
"""In which every request has an answer: far more than its time limits, so that only one that hangs gets there."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


class Service:
    """`tradebook serve` or `run`, once started; its log goes to a file."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.port = 0
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None

    def start(self, command: str = "serve") -> None:
        """Start it and wait until it answers; on the port that it had before."""
        kept = {name: os.environ[name] for name in ("PATH", "PGBINDIR") if name in os.environ}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, command],
                env=kept | {"TRADEBOOK_PORT": str(self.port), "PYTHONPATH": str(TOP)} | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/api/v1", first)
        assert address, first + self.log.read_text()
        self.port = int(address[1])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request. Raises OSError where there is no answer."""
        data = None if body is None else json.dumps(body).encode()
        given = {name.replace("_", "-"): content for name, content in headers.items()}
        request = Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            data,
            given | ({"Content-Type": "application/json"} if data else {}),
            method=method,
        )
        try:
            with urlopen(request, timeout=ANSWER_SECONDS) as response:
                return _answer(response.status, response)
        except HTTPError as error:
            with error:
                return _answer(error.code, error)

    def becomes(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask until the answer has this status, or for a minute."""
        deadline = time.monotonic() + 60
        while True:
            answer = self.ask(method, path, body, **headers)
            if answer.status == status:
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)

    def lines(self) -> list[dict[str, Any]]:
        """Its log; what a person is told at the start is none of it."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def kill(self) -> None:
        """End every process of it at once."""
        assert self.process is not None
        for pid in _tree(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> int:
        """Stop it as an operator does; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=60)
        return self.process.returncode


def _answer(status: int, response: Any) -> Answer:
    text = response.read().decode()
    is_json = "json" in response.headers["Content-Type"]
    return Answer(status, dict(response.headers), json.loads(text) if is_json and text else text)


def _tree(pid: int) -> list[int]:
    try:
        return [pid, *(each for child in children(pid) for each in _tree(child))]
    except FileNotFoundError:
        return []
