"""What a person can set, all of it by environment variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from app.paths import CHECKOUT

DEFAULT_ROLE_PREFIX = "tradebook"
"""What the roles' names begin with. Roles are global to a server: installations that share one have one each."""


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SetupError(Exception):
    """Something about the machine or its settings that a person can mend: shown as words, without a traceback."""


class SettingsError(SetupError):
    """An environment variable has a value that its rule refuses."""

    def __init__(self, variable: str, rule: str) -> None:
        super().__init__(f"{variable} {rule}")
        self.variable = variable


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database_url: str | None
    """DATABASE_URL: a PostgreSQL URL or conninfo; None means that the embedded server is used."""
    data_dir: Path
    """TRADEBOOK_DATA_DIR, absolute: the home of the embedded server's data."""
    host: str
    """TRADEBOOK_HOST: the address to listen on."""
    port: int
    """TRADEBOOK_PORT: the TCP port to listen on; 0 takes any free one."""
    workers: int
    """TRADEBOOK_WORKERS: processes that answer requests."""
    threads: int
    """TRADEBOOK_THREADS: threads in each of them, and so the connections that its pool needs."""
    event_clients: int
    """TRADEBOOK_EVENT_CLIENTS: streams of events that one process serves at a time; each holds a thread."""
    event_heartbeat: int
    """TRADEBOOK_EVENT_HEARTBEAT: seconds between two signs of life of a stream in which nothing happens."""
    request_seconds: int
    """TRADEBOOK_REQUEST_SECONDS: how long PostgreSQL may take for a request."""
    cors_origins: tuple[str, ...]
    """TRADEBOOK_CORS_ORIGINS: the origins whose pages may call the service, such as https://example.org; or *."""
    log_level: str
    """TRADEBOOK_LOG_LEVEL: the least that the service's log tells; at INFO, a line for each request."""
    metrics_token: str | None
    """TRADEBOOK_METRICS_TOKEN: the Bearer token that /metrics and /health/ledger ask for; None: they ask for none."""
    role_prefix: str
    """TRADEBOOK_ROLE_PREFIX: what the names of the installation's roles begin with."""
    trusted_proxies: int
    """TRADEBOOK_TRUSTED_PROXIES: proxies in front of the service, each of which adds to X-Forwarded-For."""
    logins_per_minute: int
    """TRADEBOOK_LOGINS_PER_MINUTE: of one address, and of one e-mail address; 0 for no limit, as in the next ones."""
    registrations_per_hour: int
    """TRADEBOOK_REGISTRATIONS_PER_HOUR: of one address, and of one e-mail address."""
    refreshes_per_minute: int
    """TRADEBOOK_REFRESHES_PER_MINUTE: of one address."""
    signals_per_minute: int
    """TRADEBOOK_SIGNALS_PER_MINUTE: trading signals of one user."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings in `environment`, where an empty variable counts as absent.

        Raises SettingsError, which names the variable and its rule.
        """
        given = {name: value for name, value in environment.items() if value != ""}
        threads = _integer(given, "TRADEBOOK_THREADS", default=8, least=1, most=64)
        return cls(
            database_url=_database_url(given),
            data_dir=_data_dir(given),
            host=_host(given),
            port=_integer(given, "TRADEBOOK_PORT", default=8000, least=0, most=65535),
            workers=_integer(given, "TRADEBOOK_WORKERS", default=2, least=1, most=64),
            threads=threads,
            # Of the threads, one at least is left for requests.
            event_clients=_integer(given, "TRADEBOOK_EVENT_CLIENTS", default=threads // 2, least=0, most=threads - 1),
            event_heartbeat=_integer(given, "TRADEBOOK_EVENT_HEARTBEAT", default=15, least=1, most=300),
            request_seconds=_integer(given, "TRADEBOOK_REQUEST_SECONDS", default=30, least=1, most=3600),
            cors_origins=_origins(given),
            log_level=_log_level(given),
            metrics_token=given.get("TRADEBOOK_METRICS_TOKEN"),
            role_prefix=_role_prefix(given),
            trusted_proxies=_integer(given, "TRADEBOOK_TRUSTED_PROXIES", default=0, least=0, most=10),
            logins_per_minute=_limit(given, "TRADEBOOK_LOGINS_PER_MINUTE", 30),
            registrations_per_hour=_limit(given, "TRADEBOOK_REGISTRATIONS_PER_HOUR", 20),
            refreshes_per_minute=_limit(given, "TRADEBOOK_REFRESHES_PER_MINUTE", 60),
            signals_per_minute=_limit(given, "TRADEBOOK_SIGNALS_PER_MINUTE", 600),
        )


def _database_url(given: Mapping[str, str]) -> str | None:
    url = given.get("DATABASE_URL")
    if url is None:
        return None
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        # The value is not repeated, since it may hold a password.
        raise SettingsError(
            "DATABASE_URL",
            "must be what libpq accepts, such as postgresql://user:password@host:5432/database",
        ) from None
    return url


def _data_dir(given: Mapping[str, str]) -> Path:
    try:
        chosen = given.get("TRADEBOOK_DATA_DIR")
        if chosen is not None:
            path = Path(chosen).expanduser()
        elif CHECKOUT is not None:
            path = CHECKOUT / ".data"
        else:
            base = given.get("XDG_DATA_HOME", "")
            # The XDG rules: a relative value is to be ignored.
            path = (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "tradebook"
    except RuntimeError:
        raise SettingsError(
            "TRADEBOOK_DATA_DIR", "must be an absolute path, since no home directory is known"
        ) from None
    try:
        is_file = path.is_file()
    except OSError as error:  # a name that is too long, for one
        raise SettingsError("TRADEBOOK_DATA_DIR", f"must be a path that can be: {error.strerror}") from None
    if is_file:
        raise SettingsError("TRADEBOOK_DATA_DIR", f"must be a directory, and {path} is a file")
    return path.absolute()


def _host(given: Mapping[str, str]) -> str:
    host = given.get("TRADEBOOK_HOST", "127.0.0.1").removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[0-9A-Za-z.:_%-]+", host):
        raise SettingsError("TRADEBOOK_HOST", f"must be a host name or an IP address, without a port; it is {host!r}")
    return host


def _origins(given: Mapping[str, str]) -> tuple[str, ...]:
    origins = tuple(given.get("TRADEBOOK_CORS_ORIGINS", "").replace(",", " ").split())
    wrong = [origin for origin in origins if not re.fullmatch(r"\*|https?://[^/\s]+", origin)]
    if wrong:
        raise SettingsError(
            "TRADEBOOK_CORS_ORIGINS",
            f"must be origins such as https://example.org, separated by commas, or *; it has {wrong[0]!r}",
        )
    return origins


def _log_level(given: Mapping[str, str]) -> str:
    level = given.get("TRADEBOOK_LOG_LEVEL", "INFO").upper()
    if level not in LOG_LEVELS:
        raise SettingsError("TRADEBOOK_LOG_LEVEL", f"must be one of {', '.join(LOG_LEVELS)}; it is {level!r}")
    return level


def _role_prefix(given: Mapping[str, str]) -> str:
    prefix = given.get("TRADEBOOK_ROLE_PREFIX", DEFAULT_ROLE_PREFIX)
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,40}", prefix) or prefix.startswith("pg_"):
        raise SettingsError(
            "TRADEBOOK_ROLE_PREFIX",
            "must be 1 to 41 lower-case letters, digits and _, beginning with a letter or _, and not with pg_; "
            f"it is {prefix!r}",
        )
    return prefix


def _limit(given: Mapping[str, str], variable: str, default: int) -> int:
    return _integer(given, variable, default=default, least=0, most=999_999)


def _integer(given: Mapping[str, str], variable: str, *, default: int, least: int, most: int) -> int:
    text = given.get(variable, str(default))
    if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise SettingsError(variable, f"must be an integer from {least} to {most}; it is {text!r}")
    return int(text)
