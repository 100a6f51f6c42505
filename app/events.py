"""The streams of GET /events: one listener in each process, and the clients that it wakes.

Each client reads its own events from the database, from the place that it has reached: so a slow one keeps nothing in
memory and holds up nobody, a new one and one that resumes are alike, and nothing is lost when a process ends.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from app.database import queries, transaction

POLL_SECONDS = 0.2
"""Between two looks for new events, while there are clients: half of it is what an event waits on average."""
LOOK_SECONDS = 0.5
"""Between two looks whether a client that waits has gone, or the process is to end."""
AWAY_SECONDS = 1.0
"""Before the next look where the database is away."""
NUMBERED_AT_ONCE = 1000

_log = logging.getLogger(__name__)

_is_stopping: Callable[[], bool] = lambda: False  # noqa: E731


def end_streams_when(is_stopping: Callable[[], bool]) -> None:
    """Tell how a stream learns that the process is to end."""
    global _is_stopping
    _is_stopping = is_stopping


class Listener:
    """The clients of this process, and a thread that numbers new events and wakes them, while there are any."""

    def __init__(self) -> None:
        self.clients = 0
        self._newest = -1
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def enter(self, most: int) -> bool:
        """Count one client more; False, and nothing is counted, where there are so many already."""
        with self._changed:
            if self.clients >= most:
                return False
            self.clients += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="events", daemon=True)
                self._thread.start()
            return True

    def leave(self) -> None:
        """Count one client less."""
        with self._changed:
            self.clients -= 1
            self._changed.notify_all()

    def wait(self, after: int, until: float, is_gone: Callable[[], bool]) -> bool:
        """Wait for an event after that one, until a time of time.monotonic(); whether the stream goes on."""
        while not (_is_stopping() or is_gone()):
            with self._changed:
                remaining = until - time.monotonic()
                if self._newest > after or remaining <= 0:
                    return True
                self._changed.wait(min(remaining, LOOK_SECONDS))
        return False

    def _listen(self) -> None:
        while True:
            pause = POLL_SECONDS
            try:
                newest = number_events()
            except Exception as error:  # whatever it is, the clients would wait for ever
                _log.warning("no events can be read: %s", error)
                pause = AWAY_SECONDS
                newest = self._newest
            with self._changed:
                if newest != self._newest:
                    self._newest = newest
                    self._changed.notify_all()
                if self.clients == 0 or _is_stopping():
                    self._thread = None
                    return
            time.sleep(pause)


listener = Listener()
"""That of this process."""


def number_events() -> int:
    """Number the events that are committed; the newest number."""
    while True:
        done = transaction(lambda connection: queries.number_events(connection, most=NUMBERED_AT_ONCE))
        if done["numbered"] < NUMBERED_AT_ONCE:
            newest: int = done["last_sequence"]
            return newest


def drop_when_silent(connection: socket.socket | None, seconds: int) -> None:
    """Have a write fail that a client does not take within so many seconds: its thread is wanted."""
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))


def has_gone(connection: socket.socket | None) -> bool:
    """Whether a client has closed its connection: found out without writing, so that its place is free at once."""
    if connection is None:
        return False
    with suppress(BlockingIOError):
        try:
            if select.select([connection], [], [], 0)[0]:
                return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except (OSError, ValueError):
            return True
    return False
