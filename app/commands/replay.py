"""The command `tradebook replay`: trading configs, tried on recorded prices and signals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from app.commands.import_prices import copy_prices
from app.commands.output import print_table, with_progress
from app.database import connect, queries
from app.import_files import signal_lines
from app.migrate import migrate
from app.postgres.server import server
from app.settings import Settings, SetupError

SOURCE = "replay"
AT_ONCE = 50
"""Instants of a transaction."""

FIGURES = [
    "end value SOL",
    "realized gain SOL",
    "unrealized gain SOL",
    "fees SOL",
    "trades closed",
    "won %",
    "profit factor",
    "expectancy SOL",
    "maximum drawdown %",
    "open positions",
    "signals followed",
    "signals skipped",
    "signals failed",
]
"""The rows of the table, as book.end_replay names them."""

A_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("files", nargs=-1, required=True, type=A_FILE)
@click.option("--signals", "signal_file", required=True, type=A_FILE, help="The signals: a CSV file.")
@click.option(
    "--compare",
    "configs",
    multiple=True,
    metavar="CONFIG",
    help="A trading config to try: a file of JSON, or `defaults`. Give it again for each one to compare.",
)
@click.option("--series", metavar="NAME", help="Which source of a file of SOL/USD prices.")
@click.option("--candle", default="12 hours", show_default=True, metavar="TIME", help="How long a candle lasts.")
@click.option(
    "--max-age", default="12 hours", show_default=True, metavar="TIME", help="How old a SOL/USD price may be."
)
@click.option("--starting-sol", type=Decimal, default=Decimal(10), show_default=True, help="What each begins with.")
@click.option("--slippage-bps", type=click.IntRange(0, 5000), default=0, show_default=True, help="Of each trade.")
@click.option("--fee-lamports", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Of each trade.")
def replay(
    files: tuple[Path, ...],
    signal_file: Path,
    configs: tuple[str, ...],
    series: str | None,
    candle: str,
    max_age: str,
    starting_sol: Decimal,
    slippage_bps: int,
    fee_lamports: int,
) -> None:
    """Try trading configs on the past: the engine trades by recorded prices and given signals, in their time.

    FILES are prices as `tradebook import prices` takes them: SOL/USD (time,price,source) and candles
    (token_mint,time,open_usd,close_usd). Signals have the columns time,token_address,signal_type,signal_strength, and
    may have symbol, source, market_cap_usd, liquidity_usd, holder_count; each is acted on at the first price of its
    token from its time on. Everything happens in a database of its own, which is thrown away: the same files, the same
    figures.
    """
    tried: dict[str, Any] = {}
    for text in configs or ("defaults",):
        name, config = _config(text)
        if name in tried:
            raise SetupError(f"Of those to compare, two configs are called {name}: give the files different names")
        tried[name] = config
    signals = json.dumps(list(signal_lines(signal_file)))
    with _scratch_database() as url, connect(url) as connection:
        connection.autocommit = True
        with connection.transaction():
            queries.stage_prices(connection)
            copy_prices(connection, files, series)
            queries.import_prices(connection, source=SOURCE, candle=candle, max_age=max_age)
        instants = queries.begin_replay(
            connection,
            configs=json.dumps(tried),
            starting_sol=starting_sol,
            price_source=SOURCE,
            max_age=max_age,
            slippage_bps=slippage_bps,
            fee_lamports=fee_lamports,
        )
        outcome = queries.place_replay_signals(connection, signals=signals, price_source=SOURCE)
        parts = [instants[n : n + AT_ONCE] for n in range(0, len(instants), AT_ONCE)]
        for part in with_progress(parts, f"{len(instants)} prices in time"):
            queries.play_replay(connection, instants=part)
        results = list(queries.end_replay(connection, start_at=instants[0], end_at=instants[-1]))
    results.sort(key=lambda row: list(tried).index(row["agent_name"]))
    click.echo(f"{instants[0]:%Y-%m-%d %H:%M} to {instants[-1]:%Y-%m-%d %H:%M} UTC, {outcome['placed']} signals")
    if outcome["left_out"]:
        click.echo(f"{outcome['left_out']} signals left out: their tokens have no price from their times on", err=True)
    print_table(
        ["", *(row["agent_name"] for row in results)],
        [[name, *(_shown(row["figures"][name]) for row in results)] for name in FIGURES],
    )


def _config(text: str) -> tuple[str, Any]:
    """The name of a config, and what it says. Raises SetupError."""
    if text == "defaults":
        return text, {}
    path = Path(text)
    try:
        # As it is written: 0.1 has to stay 0.1.
        return path.stem, json.loads(path.read_text(), parse_float=str)
    except (OSError, ValueError) as error:
        raise SetupError(f"{text} is no trading config: {error}") from error


def _shown(figure: object) -> str:
    return "-" if figure is None else str(figure)


@contextmanager
def _scratch_database() -> Iterator[str]:
    """A database that is up to date and empty, on a server of its own, for as long as it is needed."""
    with TemporaryDirectory(prefix="tradebook-replay-") as directory:
        Path(directory).chmod(0o755)  # else the server's account could not enter it
        settings = replace(Settings.from_environment(), database_url=None, data_dir=Path(directory, "data"))
        with server(settings, lambda _words: None) as url:
            migrate(url, lambda _words: None, role_prefix=settings.role_prefix)
            yield url
