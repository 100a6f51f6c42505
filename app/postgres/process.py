"""The process of a server: how it is started, found and stopped."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from app.postgres.account import account_name, launch_prefix, own
from app.postgres.error import PostgresError
from app.postgres.place import DATABASE, PORT, Place
from app.postgres.programs import Binaries

START_SECONDS = 120.0  # recovery after a crash takes long on a slow disk
_STOP_SECONDS = 60.0
_LARGEST_LOG = 1_000_000


def postgres_command(binaries: Binaries, cluster: Path, sockets: Path) -> list[str]:
    """The command that runs the server of `cluster` behind a socket in `sockets`, which belongs to its account."""
    return [
        binaries.program("postgres"),
        *("-D", str(cluster)),
        *("-c", "listen_addresses="),
        *("-c", f'unix_socket_directories="{sockets}"'),
        *("-c", "unix_socket_permissions=0700"),
        *("-c", f"port={PORT}"),
        *("-c", "timezone=UTC"),
        *("-c", "log_timezone=UTC"),
        *("-c", "logging_collector=off"),
    ]


def server_environment() -> dict[str, str]:
    """The environment of PostgreSQL's programs: nothing of ours that would change what they do."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def answers(place: Place) -> bool:
    """Whether the server takes connections; its database is there when it does."""
    try:
        connection = psycopg.connect(place.url("postgres"), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError:
        return False
    with connection:
        present = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if present is None:
            connection.execute(f'create database "{DATABASE}"')
    return True


def start(place: Place, binaries: Binaries) -> None:
    """Start the server in a session of its own, and wait until it answers. Raises PostgresError."""
    _claim_socket_directory(place)
    _disown_reused_pids(place)
    log = _open_log(place)
    before = os.fstat(log).st_size
    life_line, other_end = os.pipe()
    pid = None
    try:
        try:
            subprocess.run(
                [*launch_prefix(place.account, other_end), *postgres_command(binaries, place.cluster, place.sockets)],
                cwd="/",
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[other_end],
                check=True,
            )
        finally:
            os.close(other_end)
        pid = int(os.read(life_line, 32) or 0) or None
        deadline = time.monotonic() + START_SECONDS
        while not answers(place):
            ended = bool(select.select([life_line], [], [], 0.02)[0])
            if ended or time.monotonic() > deadline:
                said = place.log.read_bytes()[before:].decode(errors="replace")
                how = "ended at once" if ended else f"did not answer within {START_SECONDS:.0f} s"
                raise PostgresError(f"PostgreSQL {how}. The end of {place.log}:\n{indented(said)}")
    except BaseException:
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            select.select([life_line], [], [], _STOP_SECONDS)
        raise
    finally:
        os.close(life_line)
        os.close(log)


def _open_log(place: Place) -> int:
    with suppress(FileNotFoundError):
        if place.log.stat().st_size > _LARGEST_LOG:
            place.log.replace(place.log.with_suffix(".log.1"))
    log = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if place.account is not None:
        os.fchown(log, place.account.uid, place.account.gid)
    return log


def _claim_socket_directory(place: Place) -> None:
    """Make the socket's directory, or see that nobody else made it: whoever owns it could answer in our place."""
    with suppress(FileExistsError):
        place.sockets.mkdir(mode=0o700)
    status = place.sockets.lstat()
    ours = {os.geteuid(), place.account.uid if place.account else os.geteuid()}
    if status.st_uid not in ours or place.sockets.is_symlink() or not place.sockets.is_dir():
        raise PostgresError(
            f"{place.sockets}, the directory for the server's socket, belongs to {account_name(status.st_uid)} or is "
            "no directory. Delete it, or set TRADEBOOK_DATA_DIR to a short path."
        )
    own(place.sockets, place.account)


def postmaster(cluster: Path) -> int | None:
    """The process id of the server that runs on `cluster`; None if there is none."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n")[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _runs(pid, cluster) else None


def _runs(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is the server of `cluster`, and not one that was given its number since."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    process = Path(f"/proc/{pid}")
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")[0]
        if not command.endswith(b"postgres"):  # an ended one that nobody waits for has none
            return False
        return (process / "cwd").readlink() == cluster.resolve()  # where a server works
    except PermissionError:
        return True  # root in a container may not look at other accounts' processes
    except FileNotFoundError:
        return not Path("/proc/self/cmdline").exists()


def _disown_reused_pids(place: Place) -> None:
    """Let PostgreSQL start although the process id of a server that crashed was given to another process.

    It would take that process for the server. Its lock file stays, since it also tells of the old server's shared
    memory, which PostgreSQL checks; only the process id in it becomes one that Linux never gives.
    """
    lock = place.cluster / "postmaster.pid"
    with suppress(FileNotFoundError):
        pid, rest = lock.read_text().split("\n", 1)
        if Path(f"/proc/{pid}").exists():
            lock.write_text(f"{2**22 + 1}\n{rest}")
    (place.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def stop(place: Place) -> None:
    """Stop the server, at once for its clients and cleanly for its data."""
    pid = postmaster(place.cluster)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    while _runs(pid, place.cluster):
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL (process {pid}) did not stop in {_STOP_SECONDS:.0f} s. See {place.log}")
        time.sleep(0.01)


def indented(text: str) -> str:
    """The last lines of what a program said, as they stand in a message."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-20:])
