"""Who asks: API keys.

A key is found by its first 12 characters and checked with bcrypt. A key that was verified is remembered for a short
while by a hash of its own, so that bcrypt is paid once; its row is read with every request, so that a deleted key is
refused at once by every process.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import time
from collections.abc import Callable, Generator
from typing import ParamSpec, TypeVar

import bcrypt
from flask import g, request

from app.database import Connection, copy_out, queries, transaction
from app.errors import Problem

KEY_PREFIX = 12
"""The characters of a key that are stored in clear."""
REMEMBERED_SECONDS = 300.0
REMEMBERED_KEYS = 10_000

_verified: dict[bytes, tuple[str, float]] = {}
"""SHA-256 of a key -> the bcrypt hash that it was verified against, and until when that is believed."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


SCOPES = ("agents", "positions", "balances", "transactions", "history", "trade", "signals", "full_access", "feed")
"""What a key may do, as the CHECK of api_keys has it."""


def new_key() -> str:
    """A new API key: nex_ and 32 url-safe characters."""
    return f"nex_{secrets.token_urlsafe(24)}"


def create_key(connection: Connection, *, email: str, name: str, scopes: list[str]) -> str | None:
    """Make a key of the user of that e-mail address and return it, this once; None where there is no such user."""
    key = new_key()
    key_hash = bcrypt.hashpw(key.encode(), bcrypt.gensalt()).decode()
    created = queries.create_api_key(
        connection, email=email, name=name, key_hash=key_hash, key_prefix=key[:KEY_PREFIX], scopes=scopes
    )
    return key if created is not None else None


def needs_scope(*any_of: str) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """A view that only a key with one of these scopes (or full_access) reaches: see authenticate.

    Raises Problem 401 without a valid key, 403 without the scope.
    """

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @functools.wraps(view)
        def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            authenticate()
            if not any(map(has_scope, any_of)):
                raise Problem(403, "scope_missing", f"The key lacks the scope {' or '.join(any_of)}")
            return view(*args, **kwargs)

        wrapped.scope = " or ".join(any_of)  # type: ignore[attr-defined]
        return wrapped

    return decorate


def has_scope(scope: str) -> bool:
    """Whether the request's key has `scope`, or full_access, which has all but the operator's."""
    return scope in g.scopes or (scope != "feed" and "full_access" in g.scopes)


def as_user(work: Callable[[Connection], Answer], *, read_only: bool = False) -> Answer:
    """Do a unit of work in a transaction as the user of the request's key: app.database.transaction.

    A dry run is taken back.
    """
    return transaction(
        work,
        user=g.user_id,
        actor=f"key {g.key_id}",
        read_only=read_only,
        is_dry_run=bool(g.get("dry_run")),
    )


def rows_as_csv(statement: Callable[[Connection], str]) -> Generator[bytes]:
    """What a COPY statement, made in the same transaction, writes for the user of the request's key, bit by bit."""
    return copy_out(statement, user=g.user_id, actor=f"key {g.key_id}")


def authenticate() -> None:
    """Find who asks, by the key that the request brings: `g.user_id`, `g.key_id`, `g.scopes`. Raises Problem 401."""
    key = request.headers.get("X-API-Key") or _bearer(request.headers.get("Authorization", ""))
    # bcrypt reads 72 bytes and no null byte; a key is shorter.
    if key and key.isascii() and len(key) <= 64 and "\0" not in key:
        prefix = key[:KEY_PREFIX]
        candidates = transaction(
            lambda connection: list(queries.find_api_keys(connection, prefix=prefix)), read_only=True
        )
        for candidate in candidates:
            if _matches(key, candidate["key_hash"]):
                g.user_id = candidate["user_id"]
                g.key_id = candidate["id"]
                g.scopes = candidate["scopes"]
                return
    raise Problem(401, "not_authenticated", "A valid API key is needed, in X-API-Key or as a Bearer token")


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _matches(key: str, key_hash: str) -> bool:
    digest = hashlib.sha256(key.encode()).digest()
    known_hash, until = _verified.get(digest, ("", 0.0))
    if known_hash == key_hash and time.monotonic() < until:
        return True
    if not bcrypt.checkpw(key.encode(), key_hash.encode()):
        return False
    if len(_verified) >= REMEMBERED_KEYS:
        _verified.clear()
    _verified[digest] = (key_hash, time.monotonic() + REMEMBERED_SECONDS)
    return True
