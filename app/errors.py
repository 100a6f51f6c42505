"""Every failure as a problem document (RFC 9457).

What PostgreSQL refuses comes with an SQLSTATE, which report.error_codes maps to a name, a title and an HTTP status.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from typing import Any

import psycopg
from flask import Flask, Response, g, request
from gunicorn.http.errors import ParseException
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from app.database import NOT_MIGRATED, queries, transaction

RETRY_AFTER_SECONDS = 1
CODES_SECONDS = 5
"""How long looking up what a code means may take, where the request's own time is over."""

AWAY = {"08", "53", "58"}
"""Classes of SQLSTATEs that say that the database cannot work for us now: connections, resources, its machine."""
GIVEN_UP = {
    "25P03",  # the transaction was idle for too long
    "25P04",  # it took too long
    "57P01",  # the server is being stopped
    "57P02",  # it has crashed
    "57P03",  # it is starting or stopping
    "57P05",  # the connection was idle for too long
}
"""SQLSTATEs that say the same. All are known here, since nothing can be asked of the database then."""
READ_ONLY = "25006"
"""What a standby says of a write."""

NO_NULL_BYTE = "22P05"
"""What PostgreSQL says of JSON with a null byte in it; it does not say where."""

_log = logging.getLogger(__name__)

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why a request failed (RFC 9457). Nothing was changed.",
    "properties": {
        "type": {"type": "string", "description": "/api/v1/problems/ and a stable name; it leads to what it means"},
        "title": {"type": "string", "description": "What it means, the same for all of its type"},
        "status": {"type": "integer", "description": "The HTTP status"},
        "detail": {"type": "string", "description": "Why it failed this time"},
        "instance": {"type": "string", "description": "The path that was asked"},
        "code": {"type": "string", "description": "The SQLSTATE where PostgreSQL refused, else the type's name"},
        "errors": {
            "type": "array",
            "description": "The fields that are wrong",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer; of a parameter, / and its name"},
                    "detail": {"type": "string", "description": "What is wrong with it"},
                },
                "required": ["pointer", "detail"],
            },
        },
        "transactions": {
            "type": "array",
            "description": "The transactions that were refused, where there were several",
            "items": {"type": "object"},
        },
        "lockedUntil": {
            "type": "string",
            "format": "date-time",
            "description": "Until when an account is locked, where it is",
        },
        "requestId": {"type": ["string", "null"], "description": "The request's id in the service's log"},
        "error": {"type": "string", "description": "The title again"},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "errors", "requestId", "error"],
}
"""What a problem document looks like, as a JSON schema."""


class Problem(Exception):
    """A failure that has its problem document."""

    def __init__(self, status: int, name: str, title: str, detail: str = "", field: str | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.name = name
        self.title = title
        self.detail = detail
        self.field = field
        """The field that is wrong, as the request spells it; None where no single one is."""
        self.code = name
        """The SQLSTATE where PostgreSQL refused, else the name."""
        self.allowed_methods: list[str] = []
        self.rows: list[dict[str, Any]] = []
        """The transactions that were refused, where there were several."""
        self.violations: list[str] = []
        """What is wrong with the field, where it is more than one thing."""
        self.errors: list[dict[str, str]] = []
        """Pointer and detail of each thing that is wrong, where it is in more than one field."""
        self.locked_until: str | None = None
        """The instant until when an account is locked."""
        self.retry_after: int | None = RETRY_AFTER_SECONDS if status == 503 else None
        """Seconds after which it is worth trying again."""


def init_app(app: Flask) -> None:
    """Have every failure of `app` answered by a problem document."""
    app.register_error_handler(Problem, _respond)
    app.register_error_handler(psycopg.Error, lambda error: _respond(_of_database(app, error)))
    app.register_error_handler(PoolTimeout, lambda error: _respond(_unavailable(error)))
    app.register_error_handler(ParseException, lambda _: _respond(_malformed("Its chunks cannot be read")))
    app.register_error_handler(HTTPException, lambda error: _respond(_of_http(error)))
    app.register_error_handler(Exception, lambda error: _respond(_unforeseen(app, error)))


def document(problem: Problem, *, instance: str, request_id: str | None) -> dict[str, Any]:
    """The problem document of a failure; instance is the path that was asked for."""
    told = problem.violations or [problem.detail or problem.title]
    field = [{"pointer": f"/{problem.field}", "detail": each} for each in told] if problem.field else []
    body = {
        "type": f"/api/v1/problems/{problem.name}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "instance": instance,
        "code": problem.code,
        "errors": problem.errors or field,
        "requestId": request_id,
        "error": problem.title,
    }
    if problem.rows:
        body["transactions"] = problem.rows
    if problem.locked_until:
        body["lockedUntil"] = problem.locked_until
    return body


def _respond(problem: Problem) -> Response:
    body = document(problem, instance=request.path, request_id=g.get("request_id"))
    response = Response(json.dumps(body), problem.status, content_type="application/problem+json")
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.allowed_methods:
        response.headers["Allow"] = ", ".join(problem.allowed_methods)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _of_database(app: Flask, error: psycopg.Error) -> Problem:
    """What an error of PostgreSQL means to the client."""
    if error.sqlstate is None:
        if isinstance(error, psycopg.DataError):
            return _malformed("It holds a null byte")
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return _unavailable(error)
        return _unforeseen(app, error)
    if error.sqlstate[:2] in AWAY or error.sqlstate in GIVEN_UP:
        return _unavailable(error)
    if error.sqlstate == READ_ONLY and request.method not in ("GET", "HEAD"):
        return _unavailable(error)
    if error.sqlstate in NOT_MIGRATED:
        app.logger.error("the database is not up to date with this program: run tradebook migrate")
        return _unavailable(error)
    try:
        known = _error_codes().get(error.sqlstate)
    except (psycopg.OperationalError, PoolTimeout) as away:
        return _unavailable(away)
    if known is None:
        return _unforeseen(app, error)
    problem = Problem(known["http_status"], known["name"], known["title"])
    problem.code = error.sqlstate
    diagnostics = error.diag
    if error.sqlstate[:2] == "TB":
        problem.detail = diagnostics.message_primary or ""
        problem.field = camel_case(diagnostics.column_name or "") or None
        if diagnostics.message_detail:
            told = json.loads(diagnostics.message_detail)
            if isinstance(told, dict):
                problem.errors = told["errors"]
            else:
                problem.rows = told
    elif diagnostics.constraint_name:
        rule = _constraint_rules().get(diagnostics.constraint_name)
        if rule is not None:
            problem.detail = rule["rule"]
            problem.field = camel_case(rule["column_name"])
    elif diagnostics.column_name:
        problem.field = camel_case(diagnostics.column_name)
    elif error.sqlstate == NO_NULL_BYTE:
        problem.detail = "it holds a null byte"
        problem.field = _field_with_null_byte()
    elif problem.status < 500 and problem.status != 409:
        problem.detail = diagnostics.message_primary or ""
    return problem


def _field_with_null_byte() -> str | None:
    try:
        told = request.get_json(silent=True)
    except RecursionError:
        return None
    fields = told.items() if isinstance(told, dict) else []
    return next((name for name, value in fields if "\\u0000" in json.dumps([name, value])), None)


def _of_http(error: HTTPException) -> Problem:
    """What Werkzeug and Flask refuse by themselves."""
    status = error.code or 500
    title = {404: "There is no such resource", 413: "The body is larger than the resource takes"}.get(
        status, error.name
    )
    name = {500: "internal_error"}.get(status, re.sub(r"\W+", "_", error.name.lower()))
    problem = Problem(status, name, title, _size_limit() if status == 413 else error.description or "")
    problem.allowed_methods = sorted(getattr(error, "valid_methods", None) or [])
    return problem


def _size_limit() -> str:
    return f"It takes at most {request.max_content_length:,} bytes"


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed", "The request is not well-formed", detail)


def _unavailable(error: Exception) -> Problem:
    reason = str(error).strip().splitlines()
    _log.warning("the database is not available: %s", reason[0] if reason else type(error).__name__)
    return Problem(503, "unavailable", "The database is not available")


def _unforeseen(app: Flask, error: Exception) -> Problem:
    app.logger.error("request %s failed", g.get("request_id"), exc_info=error)
    return Problem(500, "internal_error", "The service has failed; its log has this request's id")


@functools.cache
def _error_codes() -> dict[str, dict[str, Any]]:
    rows = transaction(lambda connection: list(queries.error_codes(connection)), read_only=True, seconds=CODES_SECONDS)
    return {row["code"]: row for row in rows}


@functools.cache
def _constraint_rules() -> dict[str, dict[str, Any]]:
    rows = transaction(
        lambda connection: list(queries.constraint_rules(connection)), read_only=True, seconds=CODES_SECONDS
    )
    return {row["constraint_name"]: row for row in rows}


def camel_case(column: str) -> str:
    """A column's name as JSON shows it: token_address -> tokenAddress."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), column)
