"""The command `tradebook import prices`: prices from CSV files into token_prices."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import click

from app.database import Connection, connect, queries
from app.import_files import price_lines
from app.postgres.server import server
from app.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", required=True, metavar="NAME", help="The source that these prices are kept under.")
@click.option("--series", metavar="NAME", help="Which source of a file of SOL/USD prices.")
@click.option("--candle", default="12 hours", show_default=True, metavar="TIME", help="How long a candle lasts.")
@click.option(
    "--max-age",
    metavar="TIME",
    help="How old a SOL/USD price may be that turns USD into SOL; the setting price_max_age where not given.",
)
def prices(files: tuple[Path, ...], source: str, series: str | None, candle: str, max_age: str | None) -> None:
    """Import files of SOL/USD prices (time,price,source) and of candles (token_mint,time,open_usd,close_usd).

    All of them or none. The opening price of a candle holds at its time, the closing one just before its end; the
    highest and the lowest were at times that nobody knows, and are not kept. USD become SOL by the SOL/USD prices of
    the same source, those of these files included; what no such price is known for is left out and counted.
    """
    with server(Settings.from_environment()) as url, connect(url) as connection:
        queries.stage_prices(connection)
        copy_prices(connection, files, series)
        outcome = queries.import_prices(connection, source=source, candle=candle, max_age=max_age)
    for name, value in [
        ("prices read", outcome["told"]),
        ("stored", outcome["stored"]),
        ("already there", outcome["told"] - outcome["stored"] - outcome["not_converted"]),
        ("left out, no SOL/USD", outcome["not_converted"]),
    ]:
        click.echo(f"{name:<24}{value}")


def copy_prices(connection: Connection, files: tuple[Path, ...], series: str | None) -> None:
    """Copy the lines of price files into the table of stage_prices. Raises ImportFileError."""
    with connection.cursor() as cursor, cursor.copy(queries.copy_prices.sql) as copy:
        for file in files:
            for line in price_lines(file, series):
                copy.write_row(astuple(line))
