"""Whether the service and its database are there, and what its errors mean."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.answers import json_response
from app.database import queries, transaction
from app.errors import Problem
from app.operations import Operation, operation

bp = Blueprint("health", __name__)


@bp.get("/health")
@operation(Operation(answers="health"))
def health() -> Response:
    """200 when the database answers; 503 otherwise."""
    return json_response(transaction(queries.health, read_only=True))


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
