"""Backups: a whole database in a file, and a file's state in an empty database.

A backup is an archive of pg_dump's own format, and at its end a line with its checksum, which pg_restore does not read:
of what pg_dump writes, only the rows have checksums, not the tables' columns and rules. What is restored of it is the
state: the tables of schemas public and installed with their rows, indexes, constraints and sequences. Code (functions,
views, triggers), owners, grants and policies are not: `tradebook migrate` makes them, so no trigger sees the rows come
in, the names of roles may differ, and a newer program brings an older backup up to date.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.database import Connection, connect, queries
from app.postgres.programs import client_program
from app.settings import SetupError

STATE_SCHEMAS = {"public", "installed"}

MADE_BY_MIGRATE = {"POLICY", "ROW SECURITY", "TRIGGER", "ACL", "DEFAULT ACL"}
"""Kinds of entries that belong to the code, although they are of tables."""

CODE_RECORDS = {"code", "code_objects"}
"""Tables of schema installed that say which code the database has: after a restore it has none."""

ENTRY = re.compile(r"\d+; \d+ \d+ (?P<kind>[A-Z][A-Z ]*) (?P<schema>\S+) (?P<name>.*)")
"""A line of an archive's list of contents: numbers, kind, schema (- for none), name and owner."""


CHECKSUM = re.compile(rb"\ntradebook sha256 ([0-9a-f]{64})\n")
"""The last line of a backup: of all that is before it."""
CHECKSUM_LENGTH = 83


class BackupError(SetupError):
    """A backup could not be made, read or restored; the text says why."""


def back_up(url: str, target: Path) -> dict[str, int]:
    """Write all of the database, as it is at one moment, to a file that does not exist yet; the rows of each table.

    The file appears under its name when it is whole, on the disk, and was read back with as many rows as there were.
    Raises BackupError.
    """
    with connect(url) as connection, _new_file(target) as partial:
        connection.autocommit = True
        program = client_program("pg_dump", connection.info.server_version // 10000)
        hiding = [row["table_name"] for row in queries.tables_that_hide_rows(connection)]
        if hiding:
            raise BackupError(
                f"role {connection.info.user} is not shown all rows of {', '.join(hiding)}: "
                "make the backup as the role that migrates the database, or as a superuser"
            )
        connection.autocommit = False
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            snapshot = queries.export_snapshot(connection)
            command = [program, "--format=custom", "--enable-row-security", f"--snapshot={snapshot}"]
            _run([*command, f"--file={partial}"], url, "the backup failed")
            rows = _counts(connection)
        archived = archived_rows(partial, connection.info.server_version // 10000)
        if archived != rows:
            wrong = sorted(table for table in rows.keys() | archived.keys() if rows.get(table) != archived.get(table))
            raise BackupError(f"the backup lacks rows of {', '.join(wrong)}: it was not kept")
        digest = _sha256(partial, partial.stat().st_size)
        with partial.open("ab") as archive:
            archive.write(f"\ntradebook sha256 {digest}\n".encode())
    return rows


def restore(url: str, source: Path) -> None:
    """Bring the state in a backup into an empty database, all of it or nothing. Migrate has to follow.

    Raises BackupError where the database is not empty, or the file is not whole.
    """
    with connect(url) as connection:
        connection.autocommit = True
        occupants = [row["what"] for row in queries.occupants(connection)]
        server_major = connection.info.server_version // 10000
        name = connection.info.dbname
    if occupants:
        raise BackupError(
            f"database {name} is not empty, it has {', '.join(occupants[:3])}{' ...' if len(occupants) > 3 else ''}: "
            "a backup is restored into an empty database only"
        )
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    program = client_program("pg_restore", server_major)
    broken = f"{source} could not be restored, and the database stays empty"
    _require_checksum(source, broken)
    entries = _run([program, "--list", str(source)], None, broken).decode().splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.writelines(f"{line}\n" for line in entries if is_state(line))
        chosen.flush()
        options = ["--single-transaction", "--no-owner", "--no-privileges", f"--use-list={chosen.name}"]
        _run([program, *options, str(source)], url, broken)


def is_state(line: str) -> bool:
    """Whether a line of an archive's list of contents is something that a restore takes over."""
    entry = ENTRY.fullmatch(line)
    if entry is None or entry["kind"] in MADE_BY_MIGRATE:
        return False
    name = entry["name"].split()
    if entry["schema"] == "-":
        # The schema itself, or the comment on it: `SCHEMA - installed owner`, `COMMENT - SCHEMA installed owner`.
        return entry["kind"] in ("SCHEMA", "COMMENT") and "installed" in name[:2]
    if entry["kind"] == "COMMENT" and name[0] in MADE_BY_MIGRATE:
        return False
    if entry["schema"] == "installed" and entry["kind"] == "TABLE DATA" and name[0] in CODE_RECORDS:
        return False
    return entry["schema"] in STATE_SCHEMAS


def archived_rows(archive: Path, server_major: int) -> dict[str, int]:
    """The rows of each table in an archive, by reading all of it. Raises BackupError where it cannot be read."""
    command = [client_program("pg_restore", server_major), "--data-only", "--file=-", str(archive)]
    counts: dict[str, int] = {}
    table = None
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=_environment(None)) as reading:
            assert reading.stdout is not None
            for line in reading.stdout:
                if table is not None:
                    if line == b"\\.\n":
                        table = None
                    else:
                        counts[table] += 1
                elif line.startswith(b"COPY "):
                    table = line.split()[1].decode()
                    counts[table] = 0
        said.seek(0)
        if reading.returncode != 0:
            raise BackupError(f"the backup could not be read back: {_words(said.read())}")
    return {table: count for table, count in counts.items() if table.partition(".")[0] in STATE_SCHEMAS}


def _require_checksum(source: Path, failure: str) -> None:
    """Raises BackupError where a file is not, to the last bit, what `back_up` wrote."""
    size = max(source.stat().st_size - CHECKSUM_LENGTH, 0)
    with source.open("rb") as archive:
        archive.seek(size)
        told = CHECKSUM.fullmatch(archive.read())
    if told is None:
        raise BackupError(f"{failure}: it does not end as tradebook backup ends a file")
    if told[1].decode() != _sha256(source, size):
        raise BackupError(f"{failure}: it is not what was written, its checksum differs")


def _sha256(path: Path, size: int) -> str:
    """The SHA-256 of a file's first `size` bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()


def _counts(connection: Connection) -> dict[str, int]:
    return {row["table_name"]: row["rows"] for row in queries.count_rows(connection)}


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """A file beside the target, readable by us alone, that gets the target's name when all went well."""
    exists = f"{target} exists already, and a backup overwrites nothing"
    if target.exists():
        raise BackupError(exists)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}") from error
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        try:
            # Unlike a rename, a link takes no other file's place.
            target.hardlink_to(partial)
        except FileExistsError as error:
            raise BackupError(exists) from error
        _sync(target)
        _sync(target.absolute().parent)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _sync(path: Path) -> None:
    """Have a file or directory written to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _run(command: Sequence[str], url: str | None, failure: str) -> bytes:
    """Run a program of PostgreSQL's, on a database if a URL is given; what it prints. Raises BackupError."""
    options = [] if url is None else [f"--dbname={_without_password(url)}"]
    done = subprocess.run([*command, *options], env=_environment(url), capture_output=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"{failure}: {_words(done.stderr)}")
    return done.stdout


def _parts(url: str) -> dict[str, str]:
    parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    return {key: str(value) for key, value in parts.items() if value is not None}


def _without_password(url: str) -> str:
    """Everybody on the machine can read a command line."""
    return make_conninfo("", **{key: value for key, value in _parts(url).items() if key != "password"})


def _environment(url: str | None) -> dict[str, str]:
    password = _parts(url).get("password") if url is not None else None
    return {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}


def _words(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    hint = ""
    if any("transaction_timeout" in line for line in lines):
        hint = "; set PGBINDIR to the programs of the server's own version"
    return ("; ".join(lines[:3]) or "it said nothing") + hint
