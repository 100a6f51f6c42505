"""The demo that an empty database starts with, and the API key to look at it."""

from __future__ import annotations

import os
from pathlib import Path

from app.authentication import KEY_PREFIX, create_key
from app.database import connect, queries
from app.settings import Settings

KEY_FILE = "demo_api_key"


def make_demo(url: str) -> None:
    """Fill a database that has no users with the demo; leave any other as it is."""
    with connect(url) as connection:
        queries.make_demo(connection)


def demo_api_key(settings: Settings, url: str) -> str | None:
    """An API key of the demo's user; None where the database has no demo.

    A key can be read only when it is made, so it is kept in a file of the data directory that its owner alone can read,
    and made anew where that file is gone or is another database's.
    """
    with connect(url) as connection:
        email = queries.demo_user(connection)
        if email is None:
            return None
        path = settings.data_dir / KEY_FILE
        key = path.read_text().strip() if path.is_file() else ""
        if any(True for _ in queries.find_api_keys(connection, prefix=key[:KEY_PREFIX])):
            return key
        key = create_key(connection, email=email, name="demo", scopes=["full_access"]) or ""
    _write_privately(path, key)
    return key


def _write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if os.geteuid() == 0:
            # Else a run of root would lock out the directory's owner.
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(text + "\n")
