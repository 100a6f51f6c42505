"""Where the files of an embedded server are."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.postgres.account import Account, reaches, require_roots_own, server_account
from app.postgres.error import CHOOSE_ANOTHER, PostgresError
from app.say import Say

ROLE = "tradebook"
DATABASE = "tradebook"
PORT = 5432  # names the socket's file; no TCP port is opened
STATE = Path("/var/lib/tradebook")
_LONGEST_SOCKET_PATH = 100  # the smallest limit of sun_path is 104 bytes, on macOS


@dataclass(frozen=True)
class Place:
    """The files of one embedded server."""

    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def sockets(self) -> Path:
        near = self.home / "socket"
        # libpq takes a comma for a list of hosts, and the kernel cuts long paths.
        fits = len(os.fsencode(near / f".s.PGSQL.{PORT}")) < _LONGEST_SOCKET_PATH
        if fits and re.fullmatch(r"[\w./+-]+", str(near), re.ASCII):
            return near
        uid = self.account.uid if self.account else os.geteuid()
        return Path("/tmp") / f"tradebook-{hashlib.sha256(f'{uid} {self.home}'.encode()).hexdigest()[:16]}"  # noqa: S108

    def url(self, database: str) -> str:
        return socket_url(self.sockets, ROLE, database)


def socket_url(sockets: Path, role: str, database: str) -> str:
    """The URL of a database behind the socket in `sockets`; the port, so that PGPORT does not change the socket."""
    return f"postgresql://{role}@/{database}?host={quote(str(sockets))}&port={PORT}"


def locate(data: Path, say: Say) -> Place:
    """Where the files of a data directory's server are; the directory is made if need be. Raises PostgresError."""
    if not data.exists():
        data.mkdir(parents=True, exist_ok=True)
        # As root, the server's account must be able to enter what we made ourselves; the cluster in it is closed.
        data.chmod(0o755 if os.geteuid() == 0 else 0o700)
    data = data.resolve()
    cluster = data / "cluster"
    if not os.path.lexists(cluster) and not reaches(account := server_account(), [data]):
        _make_home_elsewhere(cluster, account, say)
    home = _home_behind(cluster) if cluster.is_symlink() else data
    return Place(home, server_account(home / "cluster"))


def _make_home_elsewhere(link: Path, account: Account | None, say: Say) -> None:
    name = account.name if account else "?"
    try:
        STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        require_roots_own(STATE)
        STATE.chmod(0o755)
        home = STATE / secrets.token_hex(8)
        home.mkdir()
        home.chmod(0o755)
    except OSError as error:
        raise PostgresError(
            f"The account {name}, as which PostgreSQL would run, cannot enter {link.parent}, and no directory for it "
            f"could be made below {STATE}: {error}. Set TRADEBOOK_DATA_DIR to a directory that it can enter."
        ) from error
    try:
        link.symlink_to(home / "cluster")
    except FileExistsError:
        home.rmdir()  # another command was faster, and its link is as good
    else:
        say(
            f"The account {name}, as which PostgreSQL runs, cannot enter {link.parent}: the database is kept in "
            f"{home}, and {link} is a link to it. To delete the database, delete both."
        )


def _home_behind(link: Path) -> Path:
    home = link.readlink().parent
    if os.geteuid() == 0 and home.parent != STATE:
        raise PostgresError(f"{link} is a link to {home}, which this program did not make. {CHOOSE_ANOTHER}")
    try:
        present = home.is_dir()
    except PermissionError:
        present = True  # the words for this come when the cluster's owner is looked up
    if not present:
        raise PostgresError(
            f"{link} is a link to {home}, which is gone. Delete the link to begin with an empty database."
        )
    return home
