"""How a command tells a person something, apart from what it prints."""

from __future__ import annotations

import sys
from collections.abc import Callable

Say = Callable[[str], None]


def say_on_stderr(words: str) -> None:
    """Tell a person something, apart from what the command prints."""
    print(words, file=sys.stderr, flush=True)
