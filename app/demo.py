"""The demo that an empty database starts with, and the API key to look at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from app.authentication import KEY_PREFIX, create_key
from app.database import connect, queries
from app.settings import Settings

KEY_FILE = "demo_api_key"


def make_demo(
    url: str,
    *,
    days: int = 30,
    agents: int = 8,
    until: datetime | None = None,
    track: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> bool:
    """Have agents trade in a database that has no users; leave any other as it is. Whether it was made.

    It ends at a full hour, the last one unless told otherwise. One that was broken off is made anew. `track` is given
    its days, to show how far it is.
    """
    with connect(url) as connection:
        connection.autocommit = True
        # Two programs that start at once on an empty database make one demo.
        queries.take_demo_turn(connection)
        ends = queries.begin_demo(connection, until=until, days=days, agents=agents)
        if ends is None:
            return False
        for day in track(range(1, days + 1)):
            queries.play_demo(connection, until=ends, days=days, day=day)
        queries.end_demo(connection, until=ends, days=days)
    return True


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
