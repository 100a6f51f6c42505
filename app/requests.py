"""What every request gets: an id, its time, the headers of its answer, a line in the log, its place in the figures."""

from __future__ import annotations

import logging
import re
import time
import uuid
from functools import partial

from flask import Flask, Response, g, request

from app import metrics
from app.database import begin_call, end_call
from app.logs import FIELDS
from app.settings import Settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers are of one user, at one moment.
    "Cache-Control": "no-store",
}
"""What answers say to browsers and caches, unless their route says something else."""

ACCEPTED_HEADERS = (
    "Accept, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-API-Key, X-Request-ID"
)
EXPOSED_HEADERS = "Content-Disposition, Idempotency-Replayed, Link, Retry-After, X-Request-ID, X-Total-Count"
PREFLIGHT_SECONDS = 600

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
"""The others are one in the figures: a client could make any number of them up."""

_log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request of `app` these."""
    app.before_request(_begin)
    app.after_request(_answer)
    app.after_request(partial(_allow_origins, settings.cors_origins))
    app.after_request(_harden)
    app.teardown_request(lambda _error: end_call())


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", given) else str(uuid.uuid4())
    g.begun = time.monotonic()
    begin_call(g.request_id)
    metrics.IN_FLIGHT.inc()


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.request_id
    return response


def _allow_origins(allowed: tuple[str, ...], response: Response) -> Response:
    """Let the pages of these origins read the answer (CORS); requests bring no cookies."""
    origin = request.headers.get("Origin")
    if not allowed or origin is None:
        return response
    if "*" not in allowed:
        response.vary.add("Origin")
        if origin not in allowed:
            return response
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = ACCEPTED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def _answer(response: Response) -> Response:
    rule = request.url_rule
    done = partial(
        _count,
        method=request.method if request.method in METHODS else "other",
        # Not the path: it may hold what a client took for one.
        route="none" if rule is None else rule.rule,
        status=response.status_code,
        begun=g.begun,
        fields={
            "requestId": g.request_id,
            "userId": g.get("user_id"),
            "keyId": g.get("key_id"),
            "bytes": None if response.is_streamed else response.calculate_content_length(),
        },
    )
    if response.is_streamed:
        response.call_on_close(done)
    else:
        done()
    return response


def _count(*, method: str, route: str, status: int, begun: float, fields: dict[str, object]) -> None:
    """Write down a request that is answered."""
    seconds = time.monotonic() - begun
    metrics.IN_FLIGHT.dec()
    metrics.REQUESTS.labels(method, route, str(status)).inc()
    metrics.SECONDS.labels(method, route).observe(seconds)
    metrics.observe_pool()
    line = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)} | fields
    _log.info("%s %s %d", method, route, status, extra={FIELDS: line})
