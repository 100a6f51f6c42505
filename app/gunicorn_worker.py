"""gunicorn's worker with threads, with three manners of our own."""

from __future__ import annotations

import json
import logging
import select
from contextlib import suppress
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from app.errors import Problem, document

NEXT_MILLISECONDS = 10
"""How long a thread waits for the next request of a client that it has answered."""

_log = logging.getLogger(__name__)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Has the thread that answered a client answer its next request too.

    Also answers what is no HTTP by a problem document, and lets go of the port as soon as it is to stop.
    """

    def handle(self, conn: Any) -> Any:
        """As gunicorn's, whose main thread hands over each request, which is much of the work for a small one.

        Only as long as every client could have a thread to itself: none waits for another's.
        """
        outcome = super().handle(conn)
        while outcome is True and self.alive and self.nr_conns <= self.cfg.threads and _sends_more(conn):
            outcome = super().handle(conn)
        return outcome

    def set_accept_enabled(self, enabled: bool) -> None:
        """As gunicorn's; a worker that stops closes the port, on which clients would wait for an answer in vain."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """As gunicorn's, which repeats, in the log too, what it could not read: a header with a key, say."""
        if not isinstance(exc, errors.ParseException) or isinstance(
            exc, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName
        ):
            super().handle_error(req, client, addr, exc)
            return
        problem = _problem(exc)
        _log.warning("a request that cannot be read: %s", type(exc).__name__)
        body = json.dumps(document(problem, instance="", request_id=None)).encode()
        head = (
            f"HTTP/1.1 {problem.status} {problem.name}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with suppress(OSError):  # the client may have gone
            client.sendall(head.encode() + body)


def _sends_more(conn: Any) -> bool:
    if conn.parser.unreader.buf.getvalue():
        # gunicorn's to go on with: what has been read already makes no socket readable.
        return False
    poll = select.poll()
    poll.register(conn.sock, select.POLLIN)
    return bool(poll.poll(NEXT_MILLISECONDS))


def _problem(exc: BaseException) -> Problem:
    if isinstance(exc, errors.LimitRequestLine):
        return Problem(414, "uri_too_long", "The URL is too long")
    if isinstance(exc, errors.LimitRequestHeaders):
        return Problem(431, "headers_too_large", "The headers are too large, or too many")
    return Problem(400, "malformed", "The request is not well-formed", "It is not HTTP/1.1 as the service reads it")
