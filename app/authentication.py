"""Who asks: a person with an access token, or a program with an API key.

Both are verified once, in a transaction of their own, and remembered for a short while by a hash: a key costs a bcrypt,
and no connection is held meanwhile. The transaction in which the request's work is done asks for the key or session
again, in the statement that makes it its user's, so what was revoked is refused at once by every process.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import secrets
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import bcrypt
from flask import current_app, g, request
from werkzeug.exceptions import HTTPException

from app.database import Connection, copy_out, queries, transaction
from app.errors import Problem
from app.rate_limits import client_address, count_request

SCOPES = ("agents", "positions", "balances", "transactions", "history", "trade", "signals", "full_access", "feed")
"""What a key may do, as the CHECK of api_keys has it."""

KEY_PREFIX = 12
"""The characters of a key that are stored in clear."""
REMEMBERED_SECONDS = 300.0
REMEMBERED_CALLERS = 10_000

PERSON = "person"
"""Stands where a scope does, for what no key reaches."""

ACCESS, REFRESH = "tba_", "tbr_"
"""What the tokens of sessions begin with; keys begin with nex_."""
_SECRET_BYTES = 32

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Caller:
    """Who asks, once verified."""

    user_id: uuid.UUID
    id: uuid.UUID
    """Of the key or the session."""
    proof: str | bytes
    """What the database has of it: the bcrypt hash of the key, or the SHA-256 of the access token."""
    scopes: frozenset[str] | None
    """Those of the key; None for a person."""

    @property
    def is_person(self) -> bool:
        """Whether it is a person with an access token."""
        return self.scopes is None

    def reaches(self, scope: str) -> bool:
        """Whether it may do what takes that scope: a person all but what is the operator's."""
        if scope == "feed":
            return self.scopes is not None and scope in self.scopes
        return self.scopes is None or scope in self.scopes or "full_access" in self.scopes


_remembered: dict[bytes, tuple[Caller, float]] = {}
"""SHA-256 of a key or token -> whose it is, and until when that is believed."""


# Keys and tokens


def new_key() -> tuple[str, str, str]:
    """A new API key (nex_ and 32 url-safe characters), its bcrypt hash, and what of it is stored in clear."""
    key = f"nex_{secrets.token_urlsafe(24)}"
    return key, bcrypt.hashpw(key.encode(), bcrypt.gensalt()).decode(), key[:KEY_PREFIX]


def create_key(connection: Connection, *, email: str, name: str, scopes: list[str]) -> str | None:
    """Make a key of the user of that e-mail address and return it, this once; None where there is no such user."""
    key, key_hash, key_prefix = new_key()
    created = queries.grant_api_key(
        connection, email=email, name=name, key_hash=key_hash, key_prefix=key_prefix, scopes=scopes
    )
    return key if created is not None else None


def new_token(kind: str, session: uuid.UUID) -> str:
    """A new token of a session: its id, and 256 bits that nobody can guess."""
    return kind + base64.urlsafe_b64encode(session.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()


def session_of_token(kind: str, token: str) -> uuid.UUID | None:
    """The session that a token of a kind says it is of; None where it is no such token."""
    if not token.startswith(kind) or not token.isascii():
        return None
    try:
        content = base64.b64decode(token.removeprefix(kind), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return uuid.UUID(bytes=content[:16]) if len(content) == 16 + _SECRET_BYTES else None


def digest(token: str) -> bytes:
    """What is stored of a token. It holds more than anyone can try, so that a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()


# Views


def needs_scope(*any_of: str) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """A view that a person reaches, and a key with one of these scopes, or full_access; `g.user_id` is whose it is.

    Raises Problem 401 without a valid token or key, 403 without the scope.
    """
    scope = " or ".join(any_of)
    return _guarded(
        scope, lambda caller: any(map(caller.reaches, any_of)), f"It takes an API key with the scope {scope}"
    )


def needs_person(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """A view that only a person's access token reaches; `g.user_id` is whose it is. Raises Problem 401, 403."""
    otherwise = "Only the access token of a person may do this, no API key"
    return _guarded(PERSON, lambda caller: caller.is_person, otherwise)(view)


def as_user(work: Callable[[Connection], Answer], *, read_only: bool = False) -> Answer:
    """Do a unit of work in a transaction as the user of the request's token or key: app.database.transaction.

    A dry run is taken back. Raises Problem 401 and 403 too, where the token or key was revoked meanwhile.
    """
    return transaction(work, enter=_act_as_caller, read_only=read_only, is_dry_run=bool(g.get("dry_run")))


def as_feed(work: Callable[[Connection], Answer]) -> Answer:
    """As as_user, but with the rights of the operator's sources, which write prices and signals for everyone.

    For requests whose key has the scope feed.
    """
    return transaction(work, enter=_act_as_feed, is_dry_run=bool(g.get("dry_run")))


def rows_as_csv(statement: Callable[[Connection], str]) -> Generator[bytes]:
    """What a COPY statement, made in the same transaction, writes for the user of the request, bit by bit."""
    return copy_out(statement, enter=_act_as_caller)


def _guarded(
    scope: str, may: Callable[[Caller], bool], otherwise: str
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @functools.wraps(view)
        def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            g.is_confirmed = False
            g.may, g.otherwise = may, otherwise
            _identify()
            try:
                answer = view(*args, **kwargs)
            except (Problem, HTTPException):
                # What is wrong with a request is told to those who may make it.
                _confirm()
                raise
            _confirm()
            return answer

        wrapped.scope = scope  # type: ignore[attr-defined]
        return wrapped

    return decorate


def _identify() -> None:
    """Find out who asks: the one who is remembered, else by a transaction. Raises Problem 401, 403."""
    credential = request.headers.get("X-API-Key") or _bearer(request.headers.get("Authorization", ""))
    known, until = _remembered.get(digest(credential), (None, 0.0))
    if known is None or time.monotonic() >= until:
        session = session_of_token(ACCESS, credential)
        known = _verified_key(credential) if session is None else _verified_session(credential, session)
        g.is_confirmed = True
        if len(_remembered) >= REMEMBERED_CALLERS:
            _remembered.clear()
        _remembered[digest(credential)] = (known, time.monotonic() + REMEMBERED_SECONDS)
    g.caller = known
    if not g.may(known):
        # It may have been revoked, or got the scope meanwhile.
        _confirm()
    _let_in(g.caller)


def _let_in(caller: Caller) -> None:
    """Let the rest of the request be this caller's. Raises Problem 403 where he may not make it."""
    g.caller = caller
    g.user_id = caller.user_id
    if not g.may(caller):
        raise Problem(403, "scope_missing", "What the request is made with may not do this", g.otherwise)


def _confirm() -> None:
    """Have it that what was remembered is still so, where no transaction of the request has seen it."""
    if not g.is_confirmed:
        as_user(lambda _: None, read_only=True)


def _act_as_caller(connection: Connection, terms: dict[str, Any]) -> None:
    """Make a transaction the caller's, where his key or session is still there. Raises Problem 401, 403."""
    caller: Caller = g.caller
    if caller.is_person:
        found = queries.serve_as_session(connection, session=caller.id, token_hash=caller.proof, **terms)
    else:
        found = queries.serve_as_key(connection, key=caller.id, key_hash=caller.proof, **terms)
    g.is_confirmed = True
    if found["user_id"] is None:
        raise not_authenticated()
    if not caller.is_person:
        _let_in(Caller(found["user_id"], caller.id, caller.proof, frozenset(found["scopes"])))


def _act_as_feed(connection: Connection, terms: dict[str, Any]) -> None:
    """The same, with the role of the operator's sources."""
    _act_as_caller(connection, terms | {"role": current_app.config["FEED_ROLE"]})
    if not g.caller.reaches("feed"):
        raise Problem(403, "scope_missing", "What the request is made with may not do this", g.otherwise)


def _verified_session(token: str, session: uuid.UUID) -> Caller:
    proof = digest(token)
    user: uuid.UUID | None = transaction(
        lambda connection: queries.find_session(connection, session=session, token_hash=proof), read_only=True
    )
    if user is None:
        raise not_authenticated()
    return Caller(user, session, proof, None)


def _verified_key(key: str) -> Caller:
    # bcrypt reads 72 bytes and no null byte; a key is shorter.
    if key and key.isascii() and len(key) <= 64 and "\0" not in key:
        prefix = key[:KEY_PREFIX]
        candidates: list[dict[str, Any]] = transaction(
            lambda connection: list(queries.find_api_keys(connection, prefix=prefix)), read_only=True
        )
        if candidates:
            # Each look costs a bcrypt: whoever guesses the rest of a key pays for it.
            count_request("key", f"key {prefix} from {client_address()}")
        for candidate in candidates:
            if bcrypt.checkpw(key.encode(), candidate["key_hash"].encode()):
                scopes = frozenset(candidate["scopes"])
                return Caller(candidate["user_id"], candidate["id"], candidate["key_hash"], scopes)
    raise not_authenticated()


def not_authenticated(
    detail: str = "An access token as Authorization: Bearer, or an API key there or as X-API-Key",
) -> Problem:
    """The problem of a request without a token or key that is good."""
    return Problem(401, "not_authenticated", "A valid access token or API key is needed", detail)


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
