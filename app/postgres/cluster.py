"""How a database cluster is made."""

from __future__ import annotations

import locale
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.postgres.account import Account, launch_prefix, own
from app.postgres.error import CHOOSE_ANOTHER, PostgresError
from app.postgres.place import ROLE, Place
from app.postgres.process import indented, server_environment
from app.postgres.programs import Binaries
from app.say import Say


def initialise(place: Place, binaries: Binaries, say: Say) -> None:
    """Make the cluster under another name, so that one that is there is whole."""
    if place.cluster.is_dir() and any(place.cluster.iterdir()):
        raise PostgresError(f"{place.cluster} is neither empty nor a database cluster. {CHOOSE_ANOTHER}")
    say(f"Making a PostgreSQL {binaries.version} database in {place.home} (once)")
    new = Path(tempfile.mkdtemp(prefix="cluster.new-", dir=place.home))
    own(new, place.account)
    command = [*initdb_command(binaries, place.account, new, ROLE), "--data-checksums"]
    try:
        subprocess.run(
            command,
            cwd="/",
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
    except BaseException as error:
        shutil.rmtree(new, ignore_errors=True)
        if isinstance(error, subprocess.CalledProcessError):
            raise PostgresError(f"PostgreSQL's initdb failed:\n{indented(error.stderr or error.stdout)}") from None
        raise
    new.rename(place.cluster)


def initdb_command(binaries: Binaries, account: Account | None, cluster: Path, role: str) -> list[str]:
    """The command that makes a cluster in the empty directory `cluster`, which belongs to `account`.

    Text sorts by code point on every machine, so that lists and audits are the same everywhere.
    """
    sorting = ["--locale=C"]
    if binaries.major >= 17:
        sorting += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    elif _has_c_utf8():
        sorting = ["--locale=C.UTF-8"]
    return [
        *launch_prefix(account),
        binaries.program("initdb"),
        f"--pgdata={cluster}",
        f"--username={role}",
        "--encoding=UTF8",
        # The socket's directory is closed to other accounts, and there is no other way in.
        "--auth=trust",
        "--no-instructions",
        *sorting,
    ]


def _has_c_utf8() -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True
