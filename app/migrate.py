"""The migration runner: brings a database to the state and the code of this program.

State lies in `migrations/`: files applied once, in order, by yoyo, and never edited afterwards. Code lies in `sql/`:
files that are all applied again, in one transaction, when any of them changed. What was applied is kept in schema
`installed` of the database itself, written in the same transaction as its effects, so that a run which is killed at any
moment is completed by the next.

The database is reached directly: a pooler in transaction mode would lose the lock that makes runs take turns.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiosql
import psycopg
import sqlparse
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import parse_uri
from yoyo.exceptions import BadMigration
from yoyo.migrations import MigrationStep, StepBase, default_migration_table

from app import roles
from app.paths import MIGRATIONS, SQL
from app.settings import DEFAULT_ROLE_PREFIX, SetupError

Say = Callable[[str], None]
Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST_SERVER = 15
"""The oldest major version of PostgreSQL: views with security_invoker came with it."""

CODE_SCHEMAS = {
    "book": "The rules of the ledger: functions and triggers. Made again from sql/ whenever that changes.",
    "report": "Views for people and BI tools, with stable columns. Made again from sql/ whenever that changes.",
    "api": "What the HTTP service calls. Made again from sql/ whenever that changes.",
    "jobs": "Procedures for schedulers. Made again from sql/ whenever that changes.",
}

CODE_FOLDERS = ("types", "documents", "functions", "views", "api", "triggers", "jobs", "grants")
"""In the order of their needs: a view calls functions, a grant names all of them."""

RUN_LOCK = int.from_bytes(b"tradeboo", "big")
"""Held by the run whose turn it is."""

WORKER_LOCK = RUN_LOCK + 1
"""Shared by every connection on which a run applies migrations, so that the next run finds those left by a dead one."""

LOCK_TIMEOUT = "5s"
"""For each statement: whoever waits for a table's lock holds up all who come to that table later."""

ATTEMPTS = 6
PAUSE = 1.0
"""Seconds between attempts, in which those who queued behind us get through."""

POLL = 0.1

CONNECTION = {"client_encoding": "UTF8", "application_name": "tradebook migrate", "keepalives_idle": "30"}
"""Networks forget a connection that is silent for some minutes, as the one with the lock is in a long migration."""

TRANSACTION_CONTROL = re.compile(
    r"(begin|start\s+transaction|commit|end|rollback(?!\s+to)|abort|prepare\s+transaction)\b", re.IGNORECASE
)

queries: Any = aiosql.from_path(SQL / "queries" / "migrations.sql", "psycopg")


class MigrationRefused(SetupError):
    """Nothing was done, for a reason that a person has to remove. The text says which and how."""


class MigrationFailed(SetupError):
    """A statement failed. The text names file and line; nothing of that transaction was kept."""


@dataclass(frozen=True)
class File:
    """A file of SQL. `name` is how the database knows it: no suffix for migrations, the path below `sql/` for code."""

    name: str
    path: Path
    text: str

    @property
    def sha256(self) -> str:
        """The same on every platform, whatever line ends the checkout made."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class State:
    """How a database stands to this program's migrations: names of files, in order."""

    edited: list[str]
    unknown: list[str]
    pending: list[str]
    unmarked: list[str]


def migrate(
    url: str,
    say: Say = print,
    *,
    migrations: Path = MIGRATIONS,
    code: Path = SQL,
    role_prefix: str = DEFAULT_ROLE_PREFIX,
) -> None:
    """Apply what is pending, make the code current, and say so in one line per step.

    Runs started at once take turns. A run that is killed is completed by the next one.

    Raises MigrationRefused when a person has to decide something first, MigrationFailed when a statement fails, and
    psycopg.OperationalError when the server cannot be reached.
    """
    files = migration_files(migrations)
    sources = code_files(code)
    with connect(url) as connection:
        refuse_server(connection)
        with rights(connection), turn(connection, say):
            end_orphans(connection, say)
            bootstrap(connection, say)
            refuse_newer(connection)
            if grants(sources):
                roles.make_roles(connection, role_prefix, say)
            apply_migrations(connection, url, migrations, files, say)
            apply_code(connection, sources, say, role_prefix)
            at = files[-1].name if files else "its beginning"
            say(f"the database is at {at} and its code is current")


# Files


def read_file(path: Path, name: str) -> File:
    """Read with uniform line ends. Raises MigrationRefused when it is not UTF-8."""
    try:
        return File(name, path, path.read_bytes().decode().replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise MigrationRefused(f"{path}: not UTF-8 at byte {error.start}: save the file as UTF-8") from error


def migration_files(folder: Path) -> list[File]:
    """The migrations of a folder, in order. Raises MigrationRefused when there is no such folder."""
    if not folder.is_dir():
        raise MigrationRefused(
            f"there is no folder {folder}: the program is not completely installed, install it again"
        )
    paths = (path for path in folder.glob("*.sql") if is_migration(path.name))
    return [read_file(path, path.stem) for path in sorted(paths)]


def is_migration(name: str) -> bool:
    """yoyo reads rollbacks and post-apply hooks from the same folder; neither is a migration."""
    return not name.endswith(".rollback.sql") and not name.startswith("post-apply")


def code_files(folder: Path) -> list[File]:
    """The re-runnable SQL, in the order in which it is applied."""
    return [
        read_file(path, path.relative_to(folder).as_posix())
        for name in CODE_FOLDERS
        for path in sorted((folder / name).rglob("*.sql"))
    ]


def grants(files: Sequence[File]) -> bool:
    """Whether the code grants anything, and so needs the roles."""
    return any(file.name.startswith("grants/") for file in files)


def code_hash(connection: psycopg.Connection[Any], files: Sequence[File], role_prefix: str) -> str:
    """One hash over the names and contents of all files, and the roles that they grant to."""
    lines = "".join(f"{file.sha256} {file.name}\n" for file in files)
    if grants(files):
        lines += roles.stamp(connection, role_prefix)
    return hashlib.sha256(lines.encode()).hexdigest()


def program_version() -> str:
    """The version of the installed distribution; "0" when run from a tree that was never installed."""
    try:
        return version("tradebook")
    except PackageNotFoundError:
        return "0"


def version_key(text: str) -> tuple[tuple[int, ...], int]:
    """Order versions: numbers by value, and anything marked dev, a, b or rc before the release of the same number."""
    public = text.partition("+")[0]
    numbers = re.match(r"[0-9.]*", public)
    release = [int(part) for part in (numbers[0] if numbers else "").split(".") if part]
    while release and release[-1] == 0:
        release.pop()
    return tuple(release), 0 if re.search(r"dev|a|b|rc", public) else 1


# The connection and its turn


def parameters(url: str) -> dict[str, str]:
    """The parts of a URL or conninfo, with those that every connection of a migration has.

    SQLAlchemy and yoyo write the driver into the scheme, which libpq does not know.
    """
    given = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    return {key: str(value) for key, value in given.items() if value is not None} | CONNECTION


def conninfo(url: str) -> str:
    """A URL or conninfo as the conninfo of a migration's connection."""
    return make_conninfo("", **parameters(url))


def connect(url: str) -> Connection:
    """A connection on which every statement commits by itself and no limit of the role's applies."""
    connection = psycopg.connect(conninfo(url), autocommit=True)
    prepare(connection)
    return connection


def prepare(connection: Connection) -> None:
    """Set what a migration's session needs, without which a role's own limits would hold."""
    queries.lift_timeouts(connection)
    # Not every operating system can tell: there, a dead run's statement goes on to its end.
    with suppress(errors.InvalidParameterValue):
        queries.notice_a_dead_client(connection, interval="1s")


def refuse_server(connection: Connection) -> None:
    """Raises MigrationRefused for a server or database that the schema cannot live in."""
    major = connection.info.server_version // 10000
    if major < OLDEST_SERVER:
        raise MigrationRefused(
            f"the server is PostgreSQL {major}, tradebook needs {OLDEST_SERVER} or newer: upgrade it, "
            "or unset DATABASE_URL to use the embedded server"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name = connection.info.dbname
        raise MigrationRefused(
            f"the encoding of database {name} is {encoding}, tradebook needs UTF8: "
            f"create database {name} encoding 'UTF8' template template0"
        )
    if connection.info.parameter_status("in_hot_standby") == "on":
        raise MigrationRefused("the server is a standby, which only reads: point DATABASE_URL at its primary")


@contextmanager
def rights(connection: Connection) -> Iterator[None]:
    """Raises MigrationRefused when the role may not do what the runner itself needs."""
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise MigrationRefused(
            f"role {connection.info.user} may not migrate database {connection.info.dbname}: {describe(error)}: "
            "connect as the owner of the database"
        ) from error


@contextmanager
def turn(connection: Connection, say: Say) -> Iterator[None]:
    """Hold the lock of this database's migrations, waiting for the runs that came before."""
    waiting = False
    while not queries.try_lock(connection, key=RUN_LOCK):
        if not waiting:
            waiting = True
            holders = [who for _, who in queries.lock_holders(connection, key=RUN_LOCK)]
            say("waiting for another migration to end: " + ("; ".join(holders) or "it is about to"))
        time.sleep(POLL)
    try:
        yield
    finally:
        if not connection.broken:
            queries.unlock(connection, key=RUN_LOCK)


def end_orphans(connection: Connection, say: Say) -> None:
    """End what a killed run left working on the server: the server notices a dead client only at its next answer."""
    told: set[int] = set()
    while orphans := [pid for pid, _ in queries.lock_holders(connection, key=WORKER_LOCK)]:
        for pid in set(orphans) - told:
            told.add(pid)
            try:
                queries.terminate(connection, pid=pid)
                say(f"ended what an interrupted migration had left running (server process {pid})")
            except errors.InsufficientPrivilege:
                say(f"waiting for what an interrupted migration left running (server process {pid})")
        time.sleep(POLL)


def bootstrap(connection: Connection, say: Say) -> None:
    """Make the runner's own schema."""
    if queries.is_bootstrapped(connection):
        return
    with connection.transaction():
        queries.bootstrap(connection)
    say("made schema installed, which keeps what was applied")


def refuse_newer(connection: Connection) -> None:
    """Raises MigrationRefused when a newer program wrote this database's code."""
    recorded = queries.recorded_code(connection)
    if recorded and version_key(recorded[1]) > version_key(program_version()):
        raise MigrationRefused(
            f"the database is newer than this program: its code is of tradebook {recorded[1]}, "
            f"this is {program_version()}: install tradebook {recorded[1]} or newer"
        )


# Migrations


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's backend, with its own tables in schema installed and the migrations in schema public.

    Neither follows the role's search_path, in which a schema named after the role would come first.
    """

    def __init__(self, uri: Any, migration_table: str = default_migration_table) -> None:
        super().__init__(uri, migration_table)

    def init_connection(self, connection: Connection) -> None:
        super().init_connection(connection)
        prepare(connection)

    def copy(self) -> Worker:
        """yoyo runs the statements of each migration on a connection made by this."""
        return Worker(self.uri._replace(args={**self.uri.args, "schema": "public"}), self.migration_table)

    def create_lock_table(self) -> None:
        """yoyo finds out by trying, which leaves an error in the server's log at every start."""
        if self.lock_table not in self.list_tables():
            super().create_lock_table()

    def get_log_data(self, migration: Any = None, operation: str = "apply") -> dict[str, Any]:
        """yoyo's own asks for a user name, which a container's uid may lack, and for a name by DNS, which may hang."""
        return {
            "id": str(uuid.uuid1()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": user_name(),
            "hostname": socket.gethostname(),
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }


class Worker(Backend):
    """The connection of one migration."""

    def init_connection(self, connection: Connection) -> None:
        super().init_connection(connection)
        queries.share_lock(connection, key=WORKER_LOCK)


class Watched(StepBase):  # type: ignore[misc]
    """A step that leaves its statement on a trail, so that an error can be given its line."""

    def __init__(self, step: Any, statement: str, trail: list[str]) -> None:
        self.step = step
        self.statement = statement
        self.trail = trail

    def apply(self, backend: Any, force: bool = False) -> None:
        self.trail.append(self.statement)
        self.step.apply(backend, force)

    def rollback(self, backend: Any, force: bool = False) -> None:
        """yoyo calls it after an error outside a transaction. There is no way back from a migration."""


def user_name() -> str:
    """The name of this process's account, or its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


def yoyo_url(url: str) -> str:
    """Any connection string of libpq's as a URL from which yoyo makes the same connection.

    Everything is in the query part, where any character can be written: yoyo has no other place for a socket's folder.
    """
    return "postgresql+psycopg:///?" + urlencode(parameters(url) | {"schema": "installed"})


def compare(recorded: Sequence[tuple[str, str]], marked: Sequence[str], files: Sequence[File]) -> State:
    """Compare the files with what the database records (name, sha256) and what yoyo has marked (names)."""
    known = {file.name: file.sha256 for file in files}
    applied = dict(recorded)
    return State(
        edited=[name for name in known if name in applied and applied[name] != known[name]],
        unknown=sorted((applied.keys() | set(marked)) - known.keys()),
        pending=[name for name in known if name not in applied and name not in marked],
        unmarked=[name for name in known if name in applied and name not in marked],
    )


def refuse_history(connection: Connection, state: State) -> None:
    """Raises MigrationRefused when the files are not those that were applied."""
    history = {name: (at, by) for name, _, by, at in queries.recorded_migrations(connection)}
    if state.unknown:
        versions = sorted({history[name][1] for name in state.unknown if name in history}, key=version_key)
        wanted = f"tradebook {versions[-1]} or newer" if versions else "the program that applied it"
        raise MigrationRefused(
            f"the database is newer than this program: {', '.join(state.unknown)} was applied to it, "
            f"which this program ({program_version()}) does not have: install {wanted}"
        )
    if state.edited:
        name = state.edited[0]
        at, by = history[name]
        raise MigrationRefused(
            f"{name}.sql was edited after it had been applied ({at} UTC, by tradebook {by}): "
            "put the file back as it was, and write the change as a new migration"
        )


def apply_migrations(connection: Connection, url: str, folder: Path, files: Sequence[File], say: Say) -> None:
    """Apply the pending migrations through yoyo.

    Raises MigrationRefused when an applied file was edited or is unknown, MigrationFailed when a statement fails.
    """
    by_name = {file.name: file for file in files}
    with Backend(parse_uri(yoyo_url(url))) as backend:
        backend.create_lock_table()
        # Whoever wrote a row here is dead: the living one of us holds the advisory lock.
        backend.break_lock()
        migrations = load(folder)
        by_hash = {migration.hash: migration.id for migration in migrations}
        marked = marked_names(backend, by_hash)
        recorded = [(name, sha) for name, sha, _, _ in queries.recorded_migrations(connection)]
        state = compare(recorded, marked, files)
        refuse_history(connection, state)
        adopt(connection, [by_name[name] for name in marked if name not in dict(recorded)], say)
        heal(backend, [migration for migration in migrations if migration.id in state.unmarked], say)
        for migration in backend.to_apply(migrations):
            queries.still_connected(connection)
            apply_migration(backend, migration, by_name[migration.id], say)


def load(folder: Path) -> Any:
    """yoyo's list of the folder's migrations. Raises MigrationFailed when one cannot be read."""
    # yoyo takes the folder for a pattern.
    pattern = re.sub(r"([*?[])", r"[\1]", str(folder))
    migrations = read_migrations(pattern).filter(lambda migration: migration.is_raw_sql())
    for migration in migrations:
        try:
            migration.load()
        except (BadMigration, KeyError) as error:
            raise MigrationFailed(f"{migration.path}: a line `-- depends:` or `-- transactional:` is wrong") from error
    return migrations


def marked_names(backend: Backend, by_hash: dict[str, str]) -> list[str]:
    """What yoyo takes for applied, a migration that we have no file for by the hash of its name."""
    return [by_hash.get(key, key) for key in backend.get_applied_migration_hashes()]


def adopt(connection: Connection, files: Sequence[File], say: Say) -> None:
    """Record what yoyo's own command applied."""
    for file in files:
        queries.record_migration(connection, name=file.name, sha256=file.sha256, program_version=program_version())
        say(f"{file.name} had been applied by yoyo itself: recorded")


def heal(backend: Backend, migrations: Sequence[Any], say: Say) -> None:
    """Mark for yoyo what a run had applied when it was killed."""
    backend.mark_migrations(migrations)
    for migration in migrations:
        say(f"{migration.id} had been applied by a run that did not end: marked")


def apply_migration(backend: Backend, migration: Any, file: File, say: Say) -> None:
    """Apply one migration and record it in its own transaction.

    One that says `-- transactional: false` is recorded after its last statement, and has to be re-runnable.
    """
    if migration.use_transactions:
        refuse_transaction_control(migration, file)
    trail: list[str] = []
    statements = [Watched(step, step.step._apply or "", trail) for step in migration.steps]
    record = MigrationStep(
        len(statements),
        lambda connection: queries.record_migration(
            connection, name=file.name, sha256=file.sha256, program_version=program_version()
        ),
        None,
    )
    whole = migration.use_transactions
    # First where it can be: a migration may `set local role` to one that may not write here.
    migration.steps = [LimitedWait(), record, *statements] if whole else [*statements, record]

    def attempt() -> None:
        trail.clear()
        backend.apply_one(migration)

    try:
        retry(attempt, f"migration {file.name}", say, ATTEMPTS if whole else 1)
    except psycopg.Error as error:
        line = line_of(file.text, trail, position_of(error))
        kept = "nothing of it was kept" if whole else "what stands before it was kept"
        raise MigrationFailed(f"{file.path}:{line}: {describe(error)} ({kept})") from error
    say(f"applied {file.name}")


def refuse_transaction_control(migration: Any, file: File) -> None:
    """Raises MigrationRefused when a statement would commit the record of the file before the file has ended."""
    trail: list[str] = []
    for step in migration.steps:
        trail.append(step.step._apply or "")
        statement = sqlparse.format(trail[-1], strip_comments=True).strip()
        if TRANSACTION_CONTROL.match(statement):
            raise MigrationRefused(
                f"{file.path}:{line_of(file.text, trail, 0)}: the file is one transaction already: "
                f"remove {statement!r}, or begin the file with `-- transactional: false` and make all of it re-runnable"
            )


class LimitedWait(StepBase):  # type: ignore[misc]
    """Limits how long each statement of the transaction waits for a lock."""

    def apply(self, backend: Any, force: bool = False) -> None:
        queries.set_local(backend.connection, name="lock_timeout", value=LOCK_TIMEOUT)


# Code


def apply_code(connection: Connection, files: Sequence[File], say: Say, role_prefix: str) -> None:
    """Make the code schemas again from the files, in one transaction, when files or roles differ from the last ones.

    Raises MigrationRefused when others' objects would be lost, MigrationFailed when a statement fails.
    """
    current = code_hash(connection, files, role_prefix)
    recorded = queries.recorded_code(connection)
    if recorded and recorded[0] == current:
        if recorded[1] != program_version():
            queries.record_code(connection, sha256=current, program_version=program_version())
        return

    def attempt() -> None:
        with connection.transaction():
            queries.set_local(connection, name="tradebook.role_prefix", value=role_prefix)
            rebuild(connection, files)
            queries.record_code(connection, sha256=current, program_version=program_version())

    try:
        retry(attempt, "the code", say, ATTEMPTS)
    except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
        holders = [f"{pid} ({who})" for pid, who in queries.open_transactions(connection)]
        raise MigrationFailed(
            f"the code could not be applied, a table that it has triggers on stays locked: {describe(error)}; "
            + (f"end these transactions and run again: {'; '.join(holders)}" if holders else "run again")
        ) from error
    say(f"applied the code: {len(files)} files")


def rebuild(connection: Connection, files: Sequence[File]) -> None:
    """Drop what the code had made, and make it again. Inside the caller's transaction."""
    schemas = list(CODE_SCHEMAS)
    queries.set_local(connection, name="lock_timeout", value=LOCK_TIMEOUT)
    # So that what is outside has its schema in the list of a refusal.
    queries.set_local(connection, name="search_path", value="pg_catalog")
    drop_attachments(connection)
    refuse_losses(connection)
    make_schemas(connection)
    others = {tuple(map(str, row)) for row in queries.attachments(connection, schemas=schemas)}
    role = queries.setting(connection, name="role")
    for file in files:
        settle(connection, role)
        run_file(connection, file)
    settle(connection, role)
    check_functions(connection)
    made = [row for row in queries.attachments(connection, schemas=schemas) if tuple(map(str, row)) not in others]
    queries.forget_code_objects(connection)
    for kind, names, arguments in [*made, *queries.contents(connection, schemas=schemas)]:
        queries.record_code_object(connection, kind=kind, names=names, arguments=arguments)


def drop_attachments(connection: Connection) -> None:
    """Drop the code's triggers and policies on tables that are not code."""
    for kind, (schema, table, name) in list(queries.recorded_attachments(connection)):
        statement = sql.SQL(
            "drop trigger if exists {} on {}" if kind == "trigger" else "drop policy if exists {} on {}"
        )
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(schema, table)))


def refuse_losses(connection: Connection) -> None:
    """Raises MigrationRefused when dropping the code schemas would drop what the code did not make."""
    schemas = list(CODE_SCHEMAS)
    outside = [what for (what,) in queries.dependents(connection, schemas=schemas)]
    inside = [what for (what,) in queries.strangers(connection, schemas=schemas)]
    if not outside and not inside:
        return
    lines = ["the code has changed, and making it again would drop what does not belong to it:"]
    lines += [f"- {what}, which uses an object of the code" for what in outside]
    lines += [f"- {what}, which lies in a schema of the code ({', '.join(schemas)})" for what in inside]
    lines += [
        "keep their definitions, drop them (or move those with data: alter ... set schema), migrate again, "
        "and create them again, outside those schemas"
    ]
    raise MigrationRefused("\n".join(lines))


def make_schemas(connection: Connection) -> None:
    """Drop the code schemas and make them again, empty."""
    for name, comment in CODE_SCHEMAS.items():
        schema = sql.Identifier(name)
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(schema))
        connection.execute(sql.SQL("create schema {}").format(schema))
        connection.execute(sql.SQL("comment on schema {} is {}").format(schema, sql.Literal(comment)))


def run_file(connection: Connection, file: File) -> None:
    """Run all statements of a file of code. Raises MigrationFailed with its line."""
    try:
        with connection.transaction():
            connection.execute(file.text.encode())
    except (errors.NoActiveSqlTransaction, errors.InvalidSavepointSpecification) as error:
        raise MigrationFailed(
            f"{file.path}: a file of code must not begin or end a transaction: remove that, and migrate again"
        ) from error
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise
    except psycopg.Error as error:
        if connection.closed:
            raise
        position = position_of(error)
        trail = [] if position else failing_statement(connection, file.text)
        raise MigrationFailed(
            f"{file.path}:{line_of(file.text, trail, position)}: {describe(error)} (nothing of the code was changed)"
        ) from error


def settle(connection: Connection, role: str) -> None:
    """Take back what a file may have set for the rest of the transaction."""
    for name, value in (("role", role), ("search_path", "public"), ("check_function_bodies", "off")):
        queries.set_local(connection, name=name, value=value)


def failing_statement(connection: Connection, text: str) -> list[str]:
    """The statements of a text up to the one that fails, for an error that came without a position."""
    trail: list[str] = []
    try:
        with connection.transaction(force_rollback=True):
            for statement in sqlparse.split(text):
                trail.append(statement)
                connection.execute(statement.encode())
    except psycopg.Error:
        return trail
    return []


def check_functions(connection: Connection) -> None:
    """Have every function's text checked, which was put off until all that they call existed.

    Raises MigrationFailed with the function's name.
    """
    checks = {"sql": queries.check_sql_function, "plpgsql": queries.check_plpgsql_function}
    queries.set_local(connection, name="check_function_bodies", value="on")
    for oid, signature, language, path in list(queries.functions_to_check(connection, schemas=list(CODE_SCHEMAS))):
        queries.set_local(connection, name="search_path", value=path)
        try:
            checks[language](connection, oid=oid)
        except psycopg.Error as error:
            raise MigrationFailed(
                f"function {signature}: {describe(error)} (nothing of the code was changed)"
            ) from error


# Errors


def retry(attempt: Callable[[], None], what: str, say: Say, attempts: int) -> None:
    """Try again when a lock was not to be had in time. Raises the last attempt's error."""
    left = attempts
    while True:
        try:
            return attempt()
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            left -= 1
            if not left:
                raise
            say(f"{what} waits for a table that others have locked; {left} more attempts")
            time.sleep(PAUSE)


def position_of(error: psycopg.Error) -> int:
    """Where in the text that was sent the server found the error: characters from 1, or 0 when it does not say."""
    return int(error.diag.statement_position or 0)


def line_of(text: str, trail: Sequence[str], position: int) -> int:
    """The line in `text` of a position in the last statement of the trail, or in the text when there is no trail."""
    start = 0
    for index, statement in enumerate(trail):
        found = text.find(statement, start)
        if found < 0:
            break
        last = index == len(trail) - 1
        start = found if last else found + len(statement)
    before = text[: start + max(position - 1, 0)]
    return before.count("\n") + 1


def describe(error: psycopg.Error) -> str:
    """The server's message, with what it says about the cause."""
    parts = [error.diag.message_primary or str(error).strip()]
    parts += [part for part in (error.diag.message_detail, error.diag.message_hint) if part]
    if error.diag.context:
        parts.append(error.diag.context.splitlines()[0])
    return "; ".join(parts)
