"""The commands `tradebook import ...`: real trades from CSV files into the book."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from app.commands.import_prices import prices
from app.commands.output import with_progress
from app.database import Connection, connect, queries
from app.import_files import Airdrops, Files, ImportFileError, read_files, read_prices, to_book
from app.postgres.server import server
from app.settings import Settings

PART = 250
"""Rows that are booked in one transaction."""

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass
class Report:
    """What became of an import."""

    read: int = 0
    booked: int = 0
    already_there: int = 0
    skipped: int = 0
    shortfalls: int = 0
    refused: list[tuple[str, int, str, str]] = field(default_factory=list)
    """File, line, the error's name and its words."""


@click.group(name="import")
def import_trades() -> None:
    """Bring real trades and prices from CSV files into the book.

    A second run of the same file books nothing twice, and completes one that was stopped. Trades that cannot be booked
    are told with their line, and the rest goes on.
    """


import_trades.add_command(prices)


def _options(command: Command) -> Command:
    for option in reversed(
        [
            click.option("--user", "email", required=True, metavar="EMAIL", help="Whose trades; made where unknown."),
            click.option(
                "--sol-usd", metavar="FILE_OR_PRICE", help="SOL/USD: a CSV file (time,price,source) or one price."
            ),
            click.option("--series", metavar="NAME", help="Which source of that file."),
            click.option(
                "--shortfall",
                type=click.Choice(["refuse", "deposit"]),
                default="refuse",
                show_default=True,
                help="More is sold than held, or SOL is lacking: refuse the row, or book a deposit of what is missing.",
            ),
            click.option("--dry-run", is_flag=True, help="Do everything, report, and undo it."),
        ]
    ):
        command = option(command)
    return command


_airdrops = click.option(
    "--airdrops",
    type=click.Choice(["zero", "value"]),
    required=True,
    help="Tokens that were sent to the wallet: worth nothing, or what the file says.",
)
_file = click.Path(path_type=Path, dir_okay=False)


@import_trades.command()
@click.argument("file", type=_file)
@_options
def swaps(file: Path, **options: Any) -> None:
    """Import a file of swaps."""
    _import(read_files(file, None, "zero"), **options)


@import_trades.command()
@click.argument("file", type=_file)
@_airdrops
@_options
def events(file: Path, airdrops: Airdrops, **options: Any) -> None:
    """Import the transfers of a file of events as deposits and withdrawals."""
    _import(read_files(None, file, airdrops), **options)


@import_trades.command()
@click.argument("swaps", type=_file)
@click.argument("events", type=_file)
@_airdrops
@_options
def wallet(swaps: Path, events: Path, airdrops: Airdrops, **options: Any) -> None:
    """Import swaps and events together, merged by time."""
    _import(read_files(swaps, events, airdrops), **options)


def _import(
    files: Files, *, email: str, sol_usd: str | None, series: str | None, shortfall: str, dry_run: bool
) -> None:
    sol_usd_prices = _prices(sol_usd, series)
    with server(Settings.from_environment()) as url, connect(url) as connection:
        with connection.transaction(force_rollback=dry_run):
            owner = queries.import_user(connection, email=email)
            source = _store_prices(connection, sol_usd_prices)
            if dry_run:
                report = _book(connection, owner, files, source, shortfall)
                _print(report, _summary(connection, owner, files), dry_run=True)
        if not dry_run:
            report = _book(connection, owner, files, source, shortfall)
            _print(report, _summary(connection, owner, files), dry_run=False)


def _prices(sol_usd: str | None, series: str | None) -> tuple[str, list[str], list[str]] | None:
    """Name, times and prices of the series to value by; a single price holds for all times."""
    if sol_usd is None:
        if series is not None:
            raise ImportFileError("--series chooses from a file: give the file with --sol-usd")
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", sol_usd):
        return f"constant {sol_usd}", ["1970-01-01T00:00:00Z"], [sol_usd]
    return read_prices(Path(sol_usd), series)


def _store_prices(connection: Connection, prices: tuple[str, list[str], list[str]] | None) -> str:
    """The name of the series in token_prices; without prices, that of a series that has none."""
    if prices is None:
        return ""
    name, times, values = prices
    queries.import_sol_usd_prices(connection, series=name, times=times, prices=values)
    return name


def _book(connection: Connection, owner: str, files: Files, source: str, shortfall: str) -> Report:
    report = Report(read=len(files.rows) + len(files.broken) + files.skipped, skipped=files.skipped)
    report.refused = [(line.file, line.line, "line_not_valid", line.explanation) for line in files.broken]
    rows = to_book(files.rows)
    is_analyzed = False
    parts = [rows[start : start + PART] for start in range(0, len(rows), PART)]
    for part in with_progress(parts, "Importing"):
        with connection.transaction():
            outcomes = queries.import_transactions(
                connection, owner=owner, rows=json.dumps(part), price_source=source, shortfall=shortfall
            )
            for row in outcomes:
                report.booked += row["outcome"] == "booked"
                report.already_there += row["outcome"] == "already there"
                report.shortfalls += row["shortfalls"]
                if row["outcome"] == "refused":
                    report.refused.append((row["file"], row["line"], row["error"], row["explanation"]))
            if report.booked and not is_analyzed:
                # The book does so as it grows, but a dry run before took its statistics back.
                queries.analyze_books(connection)
                is_analyzed = True
    return report


def _summary(connection: Connection, owner: str, files: Files) -> dict[str, Any]:
    wallets = {row.transaction.get("walletAddress") for row in files.rows}
    summary = queries.import_summary(connection, owner=owner, wallets=[wallet for wallet in wallets if wallet])
    assert isinstance(summary, dict)
    return summary


def _print(report: Report, summary: dict[str, Any], *, dry_run: bool) -> None:
    for file, line, error, explanation in sorted(report.refused):
        click.echo(f"{file}:{line}: {error}: {explanation}", err=True)
    lines = [
        ("rows read", report.read),
        ("booked", report.booked),
        ("already there", report.already_there),
        ("skipped, no transfers", report.skipped),
        ("refused", len(report.refused)),
        *((f"  {error}", count) for error, count in Counter(row[2] for row in report.refused).most_common()),
        ("shortfalls met", report.shortfalls),
        ("gain in SOL", summary["gain_sol"]),
        ("gain in USD", summary["gain_usd"]),
        ("positions open", summary["positions_open"]),
        ("dust", summary["dust"]),
    ]
    for name, value in lines:
        click.echo(f"{name:<24}{value}")
    if dry_run:
        click.echo("This was a dry run: nothing was kept.")
