"""What a case is, how much is done for it, and how its parts are timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.place import Place
from tests.bench.results import Figure, Line


@dataclass(frozen=True)
class Effort:
    """How much is done for a figure."""

    repetitions: int
    seconds: int
    """Of each load."""
    share: float
    """Of the sizes that the cases are about."""
    growth: tuple[int, ...]
    """Transactions of the books whose growth is measured, the smallest first."""

    def of(self, size: int, *, least: int = 1) -> int:
        """A size, or less of it."""
        return max(int(size * self.share), least)


QUICK = Effort(repetitions=2, seconds=1, share=0.01, growth=(500, 1000, 2000))
WHOLE = Effort(repetitions=5, seconds=8, share=1, growth=(10_000, 100_000, 1_000_000))

Measure = Callable[[Place, Effort], list[Figure]]


@dataclass(frozen=True)
class Case:
    """Something that is measured."""

    name: str
    about: str
    lines: tuple[Line, ...]
    measure: Measure
    is_on_large_book: bool
    """Whether it is measured on Place.large, which is audited after the last of these."""


def case(about: str, *lines: Line, is_on_large_book: bool = False) -> Callable[[Measure], Case]:
    """A function that measures, as a case of its own name. Its docstring tells what is done, and the yardstick."""

    def enter(measure: Measure) -> Case:
        return Case(measure.__name__, about, lines, measure, is_on_large_book)

    return enter


class NotHereError(Exception):
    """What a case needs is not on this machine: it is left out, and said so."""


def seconds_of(work: Callable[[], object]) -> float:
    """That it takes, as its caller sees it."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def milliseconds_of(work: Callable[[], object]) -> float:
    """That it takes, as its caller sees it."""
    return 1000 * seconds_of(work)
