"""API keys, which a person makes for his programs."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, g

from app.authentication import as_user, needs_person, new_key
from app.database import queries
from app.errors import Problem
from app.lists import json_response
from app.parameters import read_body, read_parameters

bp = Blueprint("api_keys", __name__)


@bp.get("/api-keys")
@needs_person
def list_api_keys() -> Response:
    """The user's keys, newest first."""
    read_parameters()
    return json_response(as_user(lambda connection: queries.list_api_keys(connection, owner=g.user_id), read_only=True))


@bp.post("/api-keys")
@needs_person
def create_api_key() -> Response:
    """Make a key; the answer is the only one that has the key itself."""
    read_parameters()
    request = read_body()
    key, key_hash, key_prefix = new_key()
    body = as_user(
        lambda connection: queries.create_api_key(
            connection, owner=g.user_id, request=request, key_hash=key_hash, key_prefix=key_prefix
        )
    )
    response = json_response(json.dumps(json.loads(body) | {"key": key}), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/api-keys/<uuid:key_id>")
@needs_person
def get_api_key(key_id: UUID) -> Response:
    """One key."""
    read_parameters()
    body = as_user(lambda connection: queries.get_api_key(connection, owner=g.user_id, id=key_id), read_only=True)
    if body is None:
        raise _no_such_key()
    return json_response(body)


@bp.delete("/api-keys/<uuid:key_id>")
@needs_person
def delete_api_key(key_id: UUID) -> Response:
    """Delete a key: from now on it is refused."""
    read_parameters()
    if as_user(lambda connection: queries.delete_api_key(connection, owner=g.user_id, id=key_id)) is None:
        raise _no_such_key()
    return Response(status=204)


def _no_such_key() -> Problem:
    return Problem(404, "not_found", "There is no such API key")
