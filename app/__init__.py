"""Tradebook: the database of an automated trading engine on Solana, and the small HTTP service in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(database_url: str | None = None) -> Flask:
    """The HTTP service on the database of `database_url`, by default that of DATABASE_URL.

    Opens this process's pool of connections, so call it after the fork. Raises SetupError where neither is given.
    """
    # Imported here, so that the commands that serve nothing start without Flask.
    from flask import Flask

    from app import database, errors, passwords, rate_limits, requests, routes
    from app.roles import role_of_feed, role_of_service
    from app.settings import Settings, SetupError

    settings = Settings.from_environment()
    url = database_url or settings.database_url
    if url is None:
        raise SetupError("The HTTP service needs DATABASE_URL; `tradebook run` starts it with a database of its own")
    app = Flask(__name__)
    # Two slashes are another path: a redirect would be an answer in HTML, to whatever host the request names.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.config["EVENT_CLIENTS"] = settings.event_clients
    app.config["EVENT_HEARTBEAT"] = settings.event_heartbeat
    app.config["METRICS_TOKEN"] = settings.metrics_token
    app.config["FEED_ROLE"] = role_of_feed(settings.role_prefix)
    database.open_pool(url, settings.threads, role_of_service(settings.role_prefix), settings.request_seconds)
    requests.init_app(app, settings)
    # Here, so that no login waits for it.
    passwords.nobodys_hash()
    errors.init_app(app)
    rate_limits.init_app(app, settings)
    routes.init_app(app)
    return app
