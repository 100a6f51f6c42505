"""The account of the operating system that the server runs as, and what it reaches."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.postgres.error import CHOOSE_ANOTHER, PostgresError

# Runs as root with the arguments: user id, group id (-1: stay who you are), life line's file descriptor (-1: none),
# command. With a life line it becomes a process of its own, so that neither Ctrl-C on the terminal nor the end of its
# starter reaches the server; it tells its process id there, and the server's end closes it.
_LAUNCH = """
import os, sys
uid, gid, life_line = map(int, sys.argv[1:4])
if life_line >= 0:
    if os.fork():
        os._exit(0)
    os.setsid()
    os.write(life_line, b"%d\\n" % os.getpid())
    os.set_inheritable(life_line, True)
if uid >= 0:
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
os.chdir("/")
os.umask(0o077)
os.execv(sys.argv[4], sys.argv[4:])
"""


# Runs as root with the arguments: user id, group id, paths. Ends with 0 if that account can use all of them.
_PROBE = """
import os, sys
os.setgroups([int(sys.argv[2])])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
def usable(path):
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    directory = mode & 0o170000 == 0o040000
    return os.access(path, os.X_OK if directory else os.R_OK | (os.X_OK if mode & 0o100 else 0))
sys.exit(not all(map(usable, sys.argv[3:])))
"""


@dataclass(frozen=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


def server_account(cluster: Path | None = None) -> Account | None:
    """The account that runs PostgreSQL: the owner of `cluster` if it exists; None means ourselves.

    Raises PostgresError if there is none that can.
    """
    owner = cluster.stat().st_uid if cluster is not None and cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise PostgresError(f"{cluster} belongs to another account ({account_name(owner)}). {CHOOSE_ANOTHER}")
        return None
    if cluster is not None and not (cluster / "PG_VERSION").exists():
        owner = None  # an empty directory, or none of ours
    if owner == 0:
        raise PostgresError(f"{cluster} belongs to root, and PostgreSQL does not run as root. {CHOOSE_ANOTHER}")
    try:
        entries = [pwd.getpwuid(owner)] if owner is not None else []
    except KeyError:
        raise PostgresError(f"{cluster} belongs to user id {owner}, which has no account here.") from None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entries.append(pwd.getpwnam(name))
    if not entries:
        raise PostgresError("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as.")
    return Account(entries[0].pw_name, entries[0].pw_uid, entries[0].pw_gid)


def account_name(uid: int) -> str:
    """The name of an account, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def launch_prefix(account: Account | None, life_line: int | None = None) -> list[str]:
    """What stands before a command so that it runs as `account`, under the same process id.

    With `life_line`, the writing end of a pipe, it runs in a session of its own, under an id that it writes there.
    """
    if account is None and life_line is None:
        return []
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    return [*_isolated_python(_LAUNCH), str(uid), str(gid), str(-1 if life_line is None else life_line)]


def _isolated_python(script: str) -> list[str]:
    # Without site-packages: it starts in 10 ms, and nothing of the environment changes what root runs.
    return [sys.executable, "-I", "-S", "-c", script]


def reaches(account: Account | None, paths: Sequence[Path]) -> bool:
    """Whether `account` can enter the directories and read (and run) the files of `paths`."""
    if account is None:
        return True
    command = [*_isolated_python(_PROBE), str(account.uid), str(account.gid), *map(str, paths)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        reason = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise PostgresError(f"Cannot act as the account {account.name}, as which PostgreSQL would run: {reason}")
    return done.returncode == 0


def own(path: Path, account: Account | None) -> None:
    """Give a directory that we made to the server's account, closed to all others."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if account is not None:
            os.fchown(handle, account.uid, account.gid)
        os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def require_roots_own(directory: Path) -> None:
    status = directory.lstat()
    if status.st_uid != 0 or status.st_mode & 0o022 or directory.is_symlink():
        raise PostgresError(f"{directory} must be a directory that belongs to root and that only root can write to.")
