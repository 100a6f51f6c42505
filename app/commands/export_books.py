"""The commands `tradebook export ...`: the books as text."""

from __future__ import annotations

import click

from app.database import connect, queries
from app.postgres import server
from app.settings import Settings, SetupError


@click.group()
def export() -> None:
    """Write what is in the book to standard output."""


@export.command()
@click.option("--wallet", metavar="ADDRESS", help="Only this wallet.")
def books(wallet: str | None) -> None:
    """Every balance, position and historical swap as sorted text, exact; fields are separated by tabs.

    balance: wallet, token, balance. position: wallet, token, held, cost in SOL and in USD. swap: wallet, token, time,
    signature, amount; cost released, proceeds and gain in SOL; the same three in USD.
    """
    with server(Settings.from_environment()) as url, connect(url) as connection:
        if wallet is not None and queries.wallets_and_facts(connection, wallet=wallet)["wallets"] == 0:
            raise SetupError(f"There is no wallet {wallet}")
        for row in queries.export_books(connection, wallet=wallet):
            click.echo(row["line"])
