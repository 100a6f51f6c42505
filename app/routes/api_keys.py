"""API keys, which a person makes for his programs."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import document_response, json_response, list_response
from app.authentication import as_user, needs_person, new_key
from app.database import queries
from app.errors import Problem
from app.operations import Operation, operation
from app.parameters import read_body

bp = Blueprint("api_keys", __name__)


@bp.get("/api-keys")
@needs_person
@operation(Operation(answers="api_keys", is_list=True, parameters="list_api_keys"))
def list_api_keys() -> Response:
    """The user's keys, newest first."""
    return list_response("list_api_keys")


@bp.post("/api-keys")
@needs_person
@operation(Operation(answers="new_api_key", body="create_api_key", status=201, errors=(422,)))
def create_api_key() -> Response:
    """Make a key; the answer is the only one that has the key itself."""
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
@operation(Operation(answers="api_keys"))
def get_api_key(key_id: UUID) -> Response:
    """One key."""
    return document_response(lambda connection: queries.get_api_key(connection, owner=g.user_id, id=key_id))


@bp.delete("/api-keys/<uuid:key_id>")
@needs_person
@operation(Operation(status=204, errors=(404,)))
def delete_api_key(key_id: UUID) -> Response:
    """Delete a key: from now on it is refused."""
    if as_user(lambda connection: queries.delete_api_key(connection, owner=g.user_id, id=key_id)) is None:
        raise Problem(404, "not_found", "There is no such row for this user")
    return Response(status=204)
