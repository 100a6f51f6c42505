"""A directory for as long as a process lives, whatever ends it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "tradebook-figures-"


def own_directory(parent: str | None) -> str:
    """A new directory below `parent` (the system's for temporary files), held by this process and its children.

    Those that nobody holds any more are removed: what is killed does not clean up after itself.
    """
    above = Path(parent or tempfile.gettempdir())
    turn = os.open(above, os.O_RDONLY)
    try:
        # In turns, so that nobody's new directory is taken for one that was left.
        fcntl.flock(turn, fcntl.LOCK_EX)
        for found in above.glob(f"{PREFIX}*"):
            _remove_if_left(found)
        made = tempfile.mkdtemp(prefix=PREFIX, dir=above)
        fcntl.flock(os.open(made, os.O_RDONLY), fcntl.LOCK_EX)
    finally:
        os.close(turn)
    return made


def _remove_if_left(directory: Path) -> None:
    with suppress(OSError):  # another account's, or held
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)
        finally:
            os.close(handle)
