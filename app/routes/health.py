"""Whether the service and its database are there, and what its errors mean."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.database import queries, transaction
from app.errors import Problem
from app.lists import json_response
from app.parameters import read_parameters

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> Response:
    """200 when the database answers; 503 otherwise."""
    read_parameters()
    return json_response(transaction(queries.health, read_only=True))


@bp.get("/problems/<name>")
def problem(name: str) -> Response:
    """What a problem document's type means."""
    read_parameters()
    codes = transaction(lambda connection: list(queries.error_codes(connection)), read_only=True)
    known = [row for row in codes if row["name"] == name]
    if not known:
        raise Problem(404, "not_found", "There is no such problem")
    return jsonify(
        name=name, status=known[0]["http_status"], codes=[row["code"] for row in known], title=known[0]["title"]
    )
