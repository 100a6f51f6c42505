"""The commands `tradebook export ...`: the books as text, and the views as CSV."""

from __future__ import annotations

import sys

import click

from app.commands.whose import act_for_user, agent_named
from app.database import connect, queries
from app.postgres.server import server
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


@export.command()
@click.argument("name")
@click.option("--user", metavar="EMAIL", help="Only what this user sees.")
@click.option("--agent", "named", metavar="ID|NAME", help="Only the rows of this agent.")
def view(name: str, user: str | None, named: str | None) -> None:
    """The view NAME of schema report as CSV; numbers plain, times in UTC, a missing value empty.

    A text that a spreadsheet would take for a formula has a ' before it. Streamed, so that it may be of any size.
    """
    settings = Settings.from_environment()
    with server(settings) as url, connect(url) as connection:
        connection.read_only = True
        reader = act_for_user(connection, settings, user)
        agent = agent_named(connection, named, reader)
        statement = queries.csv_statement(connection, view=name, agent=agent)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in copy:
                sys.stdout.buffer.write(block)
