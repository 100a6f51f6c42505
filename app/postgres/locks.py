"""Locks between commands: on a directory, or on a file that is made for it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opened(path: Path) -> Iterator[int]:
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
def exclusively(path: Path) -> Iterator[None]:
    """Wait for a directory's or a file's lock, and hold it."""
    with opened(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
