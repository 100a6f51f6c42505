"""Accounts of people, and their logins.

Passwords and tokens stay in this process: PostgreSQL sees a request with them blotted out, and their hashes.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Blueprint, Response, current_app, g

from app.answers import document_response, json_response
from app.authentication import (
    ACCESS,
    REFRESH,
    as_user,
    digest,
    needs_person,
    new_token,
    not_authenticated,
    session_of_token,
)
from app.database import queries, transaction
from app.errors import Problem
from app.operations import Operation, operation
from app.parameters import read_body
from app.passwords import hash_password, is_password, password_problems
from app.rate_limits import client_address, count_request

bp = Blueprint("auth", __name__)


@bp.post("/auth/register")
@operation(Operation(answers="users", body="register", status=201, errors=(403, 409, 422, 429)))
def register() -> Response:
    """Make an account."""
    request, given = read_secrets("password")
    count_request("register", *_subjects(request))
    password_hash = _good_hash(given, "password")
    body = transaction(lambda connection: queries.register(connection, request=request, password_hash=password_hash))
    return json_response(body, 201)


@bp.post("/auth/login")
@operation(Operation(answers="session_tokens", body="log_in", errors=(401, 423, 429)))
def log_in() -> Response:
    """Get an access token and a refresh token for an e-mail address and its password."""
    request, given = read_secrets("password")
    count_request("login", *_subjects(request))
    known = transaction(lambda connection: queries.find_login(connection, request=request), read_only=True)
    is_right = is_password(given.get("password", ""), known)
    tokens = Tokens(uuid.uuid4())
    login = transaction(
        lambda connection: queries.log_in(
            connection,
            request=request,
            checked_hash=known,
            is_right=is_right,
            session=tokens.session,
            access_hash=digest(tokens.access),
            refresh_hash=digest(tokens.refresh),
        )
    )
    _refuse_locked(login)
    if login["verdict"] != "right":
        raise Problem(401, "login_failed", "The e-mail address or the password is wrong")
    return tokens.response(login["document"])


@bp.post("/auth/refresh")
@operation(Operation(answers="session_tokens", body="refresh_session", errors=(401, 429)))
def refresh_session() -> Response:
    """Get a new access token and a new refresh token for a refresh token, which is good this once."""
    request, given = read_secrets("refreshToken")
    count_request("refresh", f"address {client_address()}")
    used = given.get("refreshToken", "")
    session = session_of_token(REFRESH, used)
    tokens = Tokens(session or uuid.uuid4())
    refreshed = transaction(
        lambda connection: queries.refresh_session(
            connection,
            request=request,
            session=session,
            used_hash=digest(used),
            access_hash=digest(tokens.access),
            refresh_hash=digest(tokens.refresh),
        )
    )
    if refreshed["reused_by"] is not None:
        current_app.logger.warning(
            "a refresh token of user %s was used again: its session is ended", refreshed["reused_by"]
        )
    if refreshed["document"] is None:
        raise not_authenticated("The refresh token is not good: log in again")
    return tokens.response(refreshed["document"])


@bp.post("/auth/logout")
@needs_person
@operation(Operation(status=204))
def log_out() -> Response:
    """End the session of the access token: both of its tokens are good no more."""
    as_user(lambda connection: queries.log_out(connection, session=g.caller.id))
    return Response(status=204)


@bp.get("/auth/me")
@needs_person
@operation(Operation(answers="users"))
def get_account() -> Response:
    """Who the access token is of."""
    return document_response(lambda connection: queries.get_account(connection, owner=g.user_id))


@bp.post("/auth/password")
@needs_person
@operation(Operation(body="change_password", status=204, errors=(422, 423)))
def change_password() -> Response:
    """Change the password, and end all sessions; API keys stay."""
    request, given = read_secrets("currentPassword", "newPassword")
    known = as_user(
        lambda connection: queries.find_password(connection, owner=g.user_id, request=request), read_only=True
    )
    new_hash = _good_hash(given, "newPassword")
    is_right = is_password(given["currentPassword"], known)
    change = as_user(
        lambda connection: queries.change_password(
            connection, owner=g.user_id, checked_hash=known, is_right=is_right, new_hash=new_hash
        )
    )
    _refuse_locked(change)
    if change["verdict"] != "right":
        raise Problem(422, "password_wrong", "The current password is wrong", field="currentPassword")
    return Response(status=204)


class Tokens:
    """The two tokens of a session, newly made."""

    def __init__(self, session: uuid.UUID) -> None:
        self.session = session
        self.access = new_token(ACCESS, session)
        self.refresh = new_token(REFRESH, session)

    def response(self, document: str) -> Response:
        """The session as PostgreSQL tells it, with the tokens, which it does not know."""
        body = json.loads(document) | {"accessToken": self.access, "refreshToken": self.refresh}
        response = json_response(json.dumps(body))
        response.headers["Cache-Control"] = "no-store"
        return response


def read_secrets(*names: str) -> tuple[str, dict[str, str]]:
    """The request's JSON with these fields blotted out, for PostgreSQL, and what they hold.

    Raises Problem 415, 400 where it is no JSON, or one of the fields is there and no string.
    """
    try:
        told = json.loads(read_body())
        secrets = {name: told[name] for name in names if told.get(name) is not None} if isinstance(told, dict) else {}
    except (ValueError, RecursionError):
        raise Problem(400, "malformed", "The request is not well-formed", "It is not JSON") from None
    for name, secret in secrets.items():
        if not isinstance(secret, str):
            raise Problem(400, "field_not_valid", "A field is not of its type", "it has to be a string", name)
        told[name] = ""
    rest = json.dumps(told, ensure_ascii=False)
    if not rest.isascii() and any(0xD800 <= ord(sign) <= 0xDFFF for sign in rest):
        raise Problem(400, "malformed", "The request is not well-formed", "It is not Unicode")
    return rest, secrets


def _subjects(request: str) -> list[str]:
    """Whom a request is counted for: its address, and its e-mail address if it has one."""
    told: Any = json.loads(request)
    email = told.get("email") if isinstance(told, dict) else None
    named = [f"e-mail {email}"] if isinstance(email, str) else []
    return [f"address {client_address()}", *named]


def _good_hash(given: dict[str, str], field: str) -> str | None:
    """The hash of a new password; None where there is none, which PostgreSQL refuses. Raises Problem 422."""
    if field not in given:
        return None
    problems = password_problems(given[field])
    if problems:
        problem = Problem(
            422, "password_not_valid", "The password does not have what a password needs", "; ".join(problems), field
        )
        problem.violations = problems
        raise problem
    return hash_password(given[field])


def _refuse_locked(judged: dict[str, Any]) -> None:
    """Raises Problem 423 where the account is locked."""
    if judged["verdict"] == "locked":
        problem = Problem(
            423,
            "account_locked",
            "Too many wrong passwords: the account is locked for a while",
            f"It is locked until {judged['locked_until']}",
        )
        problem.locked_until = judged["locked_until"]
        raise problem
