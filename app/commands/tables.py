"""Tables of the commands' output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

WIDE = 240
"""Characters in a line where no terminal sets a limit, so that addresses and ids stay whole."""


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False) -> None:
    """Print rows under their headers; None is an empty cell. On standard error with `err`."""
    console = Console(stderr=err)
    if not console.is_terminal:
        console = Console(stderr=err, width=WIDE)
    table = Table(*(Column(header, overflow="fold") for header in headers), box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console.print(table)


def counted(number: int, noun: str) -> str:
    """A number of things in words: 1 fact, 2 facts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
