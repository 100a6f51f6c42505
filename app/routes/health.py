"""Whether the service and its database are there, and what its errors mean."""

from __future__ import annotations

import functools
import hmac

from flask import Blueprint, Response, current_app, jsonify, request

from app.answers import json_response
from app.database import queries, transaction
from app.errors import Problem
from app.metrics import CONTENT_TYPE, exposition
from app.operations import Operation, operation
from app.paths import SQL
from app.settings import Settings

bp = Blueprint("health", __name__)


@bp.get("/health")
@operation(Operation(answers="health"))
def health() -> Response:
    """200 when the database answers; 503 otherwise."""
    return json_response(transaction(queries.health, read_only=True))


@bp.get("/health/live")
@operation(Operation(answers="service_state"))
def health_live() -> Response:
    """200 when the process answers, whatever the database does."""
    return jsonify(status="ok")


@bp.get("/health/ready")
@operation(Operation(answers="service_state"))
def health_ready() -> Response:
    """200 when requests can be served: the database answers and has the code of this program; 503 otherwise."""
    if transaction(queries.installed_code, read_only=True) != _own_code():
        raise Problem(503, "not_ready", "The database's code is not that of this program; run tradebook migrate")
    return jsonify(status="ok")


@bp.get("/health/ledger")
@operation(Operation(answers="ledger_health", errors=(401,)))
def health_ledger() -> Response:
    """What the audits found: 200 also where that is bad, since the service is well; `status` tells."""
    _require_operator()
    return json_response(transaction(queries.ledger_health, read_only=True))


@bp.get("/metrics")
@operation(Operation(media_type="text/plain", errors=(401,)))
def metrics() -> Response:
    """Figures for Prometheus; without those of the database where it is away."""
    _require_operator()
    return Response(exposition(), content_type=CONTENT_TYPE)


def _require_operator() -> None:
    """Raises Problem 401 where TRADEBOOK_METRICS_TOKEN is set and is not what the request brings."""
    expected = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "")
    if expected is not None and not hmac.compare_digest(given.encode(), f"Bearer {expected}".encode()):
        raise Problem(401, "not_authenticated", "TRADEBOOK_METRICS_TOKEN is needed, as a Bearer token")


@functools.cache
def _own_code() -> str:
    """The hash that `tradebook migrate` of this program records."""
    # Imported here, since it is asked once.
    from app.migrate import code_files, code_hash

    prefix = Settings.from_environment().role_prefix
    files = code_files(SQL)
    return transaction(lambda connection: code_hash(connection, files, prefix), read_only=True)


@bp.get("/problems/<name>")
@operation(Operation(answers="problem_types"))
def problem(name: str) -> Response:
    """What a problem document's type means."""
    codes = transaction(lambda connection: list(queries.error_codes(connection)), read_only=True)
    known = [row for row in codes if row["name"] == name]
    if not known:
        raise Problem(404, "not_found", "There is no such problem")
    return jsonify(
        name=name, status=known[0]["http_status"], codes=[row["code"] for row in known], title=known[0]["title"]
    )
