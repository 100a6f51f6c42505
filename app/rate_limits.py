"""How often one may ask: counted in the database, so for all processes together."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.database import queries, transaction
from app.errors import Problem
from app.settings import Settings

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def init_app(app: Flask, settings: Settings) -> None:
    """Take the limits from the settings, and clients' addresses from the proxies that these name."""
    app.config["RATE_LIMITS"] = {
        "login": (settings.logins_per_minute, 60),
        "key": (settings.logins_per_minute, 60),
        "register": (settings.registrations_per_hour, 3600),
        "refresh": (settings.refreshes_per_minute, 60),
        "signals": (settings.signals_per_minute, 60),
    }
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]


def count_request(kind: str, *subjects: str) -> None:
    """Count a request of a kind for each of those that it comes from. Raises Problem 429 where one had too many."""
    most, seconds = current_app.config["RATE_LIMITS"][kind]
    if not most:
        return
    wait: int | None = transaction(
        lambda connection: queries.count_request(
            connection, kind=kind, subjects=list(subjects), most=most, seconds=seconds
        )
    )
    if wait is not None:
        problem = Problem(
            429, "too_many_requests", "There were too many requests of this kind", f"Try again in {wait} s"
        )
        problem.retry_after = wait
        raise problem


def limited_by_user(kind: str) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """A view that one user reaches so often; below needs_scope or needs_person. Raises Problem 429."""

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @functools.wraps(view)
        def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            count_request(kind, f"user {g.user_id}")
            return view(*args, **kwargs)

        return wrapped

    return decorate


def client_address() -> str:
    """Where the request comes from: of IPv6 the network, since a client has all addresses of one."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
