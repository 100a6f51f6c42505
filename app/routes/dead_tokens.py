"""Tokens that are worth nothing any more."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import json_response
from app.authentication import as_feed, as_user, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import read_body

bp = Blueprint("dead_tokens", __name__)


@bp.post("/dead-tokens")
@needs_scope("feed", "trade")
@operation(Operation(answers="burned_tokens", body="flag_dead_token", can_dry_run=True))
def flag_dead_token() -> Response:
    """Burn what is held of a token that is worth nothing: with a key that has the scope feed all managed positions.

    Else all that the user holds of it. The losses are historical swaps; again, it burns what has come since.
    """
    body = read_body()
    is_for_everyone = g.caller.reaches("feed")
    owner: UUID | None = None if is_for_everyone else g.user_id
    act = as_feed if is_for_everyone else as_user
    return json_response(act(lambda connection: queries.flag_dead_token(connection, owner=owner, request=body)))
