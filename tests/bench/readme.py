"""The README's tables of what was measured, from the committed file alone."""

from __future__ import annotations

import statistics
from typing import Any

from tests.bench.results import MEASURED, TOP, Aim, kept

README = TOP / "README.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"
REACHED = "yes"
LEAST_BYTES = 10
"""A trade that a table takes with its indexes to be told of by its name."""

Told = dict[str, Any]


def write() -> None:
    """Put the tables into the README."""
    README.write_text(with_tables(README.read_text(), kept(MEASURED)))


def with_tables(text: str, results: list[Told]) -> str:
    """A text with the tables between its markers. Raises ValueError where these are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the README has lost the markers of the tables")
    return f"{before}{BEGIN}{tables(results)}{END}{after}"


def tables(results: list[Told]) -> str:
    """All of them."""
    grown = [result for result in results if _sizes(result)]
    on_disk = [result for result in results if result["case"] == "bytes_on_disk"]
    plain = [result for result in results if result not in grown and result not in on_disk]
    parts = [_places(results), _missed(results)]
    if plain:
        parts.append(_table("case|measured|yardstick|ratio|aim|reached", _rows(plain)))
    parts += [_growth(result) for result in grown]
    parts += [_bytes(result) for result in on_disk]
    return "\n".join(parts)


def _places(results: list[Told]) -> str:
    """Where and of what: a sentence for each commit and machine."""
    cases: dict[str, list[str]] = {}
    for result in results:
        machine = result["machine"]
        place = (
            f"{machine['cpus']} CPUs ({machine['processor']}), {machine['memoryGiB']} GiB, {machine['system']},"
            f" Python {machine['python']}, PostgreSQL {result['postgresql']}, commit {result['commit'][:12]}"
            f"{' with changes' if result['commit'].endswith('-dirty') else ''}, {result['measuredAt'][:10]}"
        )
        cases.setdefault(place, []).append(result["case"])
    if len(cases) == 1:
        return f"Measured on {next(iter(cases))}.\n"
    return "".join(f"- {', '.join(names)}: {place}.\n" for place, names in cases.items())


def _missed(results: list[Told]) -> str:
    """What was aimed at and not reached, in plain words."""
    missed = []
    for result in results:
        figures = {figure["name"]: figure for figure in result["figures"] if figure["at"] is None}
        for line in result["lines"]:
            aim, is_reached = _aim(line, figures)
            if aim and is_reached != REACHED:
                figure = figures[line["aim"]["figure"]]
                missed.append(f"- {result['about']}: {figure['name']} is {_amount(figure)}, to be {aim}.\n")
    return f"Not reached:\n\n{''.join(missed)}" if missed else "All aims are reached.\n"


def _rows(results: list[Told]) -> list[str]:
    rows = []
    for result in results:
        figures = {figure["name"]: figure for figure in result["figures"]}
        about = result["about"]
        for line in result["lines"]:
            yardstick = figures[line["yardstick"]] if line["yardstick"] else None
            aim, is_reached = _aim(line, figures)
            rows.append(
                "|".join(
                    [
                        about,
                        _measured(line, figures),
                        f"{yardstick['name']}: {_amount(yardstick)}" if yardstick else "",
                        _number(_median(figures[line["ratio"]])) if line["ratio"] else "",
                        aim,
                        is_reached,
                    ]
                )
            )
            about = ""
    return rows


def _measured(line: Told, figures: dict[str, Told]) -> str:
    """Median and range of the repetitions, and percentiles where there are."""
    figure = figures[line["figure"]]
    values = figure["values"]
    told = f"{figure['name']}: {_amount(figure)}"
    if min(values) < max(values):
        told += f" ({_number(min(values))} to {_number(max(values))})"
    if line["percentiles"]:
        each = [figures[f"{line['figure']}, p{percent}"] for percent in (50, 95, 99)]
        told += f"; p50, p95, p99 {', '.join(_number(_median(one)) for one in each)} ms"
    return told


def _aim(line: Told, figures: dict[str, Told]) -> tuple[str, str]:
    if not line["aim"]:
        return "", ""
    aim = Aim(**line["aim"])
    figure = figures[aim.figure]
    return f"{aim} {figure['unit']}".rstrip(), REACHED if aim.is_reached(_median(figure)) else "**no**"


def _growth(result: Told) -> str:
    sizes = _sizes(result)
    at = {(figure["name"], figure["at"]): figure for figure in result["figures"]}
    plain = {figure["name"]: figure for figure in result["figures"] if figure["at"] is None}
    rows = []
    for line in result["lines"]:
        measured = [_amount(at[line["figure"], size]) for size in sizes]
        slower = _number(_median(plain[line["ratio"]]))
        rows.append("|".join([line["figure"], *measured, slower, *_aim(line, plain)]))
    heads = [f"with {size:,} transactions" for size in sizes]
    return _table("|".join(["in a book", *heads, "times slower", "aim", "reached"]), rows)


def _bytes(result: Told) -> str:
    """The total, and of each table its rows and its indexes; those that take little are one line."""
    total, *parts = result["figures"]
    rows, told = [f"**{result['about']}**|**{_bytes_of([total])}**|"], []
    for table in [part for part in parts if part["name"].startswith("table ")]:
        name = table["name"].removeprefix("table ")
        # An index is named after its table.
        indexes = [part for part in parts if part["name"].startswith(f"index {name}_") and part not in told]
        if _median(table) + sum(map(_median, indexes)) >= LEAST_BYTES:
            told += [table, *indexes]
            indexes.sort(key=_median, reverse=True)
            each = [f"{index['name'].removeprefix(f'index {name}_')} {_bytes_of([index])}" for index in indexes]
            rows.append(f"`{name}`, rows|{_bytes_of([table])}|")
            rows.append(f"`{name}`, indexes|{_bytes_of(indexes)}|{', '.join(each)}")
    rest = _median(total) - sum(map(_median, told))
    return _table("on disk|bytes per trade|of that", [*rows, f"all others|{rest:,.0f}|"])


def _bytes_of(parts: list[Told]) -> str:
    return f"{sum(map(_median, parts)):,.0f}"


def _sizes(result: Told) -> list[int]:
    return sorted({figure["at"] for figure in result["figures"] if figure["at"] is not None})


def _table(heads: str, rows: list[str]) -> str:
    rule = "|".join(["---"] * (heads.count("|") + 1))
    lines = [[f" {cell} " if cell else " " for cell in row.split("|")] for row in (heads, rule, *rows)]
    return "".join(f"|{'|'.join(line)}|\n" for line in lines)


def _median(figure: Told) -> float:
    return statistics.median(figure["values"])


def _amount(figure: Told) -> str:
    unit = figure["unit"]
    return _number(_median(figure)) + (unit if unit.startswith("/") else f" {unit}".rstrip())


def _number(value: float) -> str:
    """With three digits that count, or as a whole number."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
