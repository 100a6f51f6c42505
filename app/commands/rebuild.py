"""The command `tradebook rebuild`."""

from __future__ import annotations

from uuid import UUID

import click

from app.commands.output import counted, print_table, with_progress
from app.database import Connection, connect, queries
from app.postgres.server import server
from app.settings import Settings


@click.command()
@click.option("--agent", type=click.UUID, metavar="ID", help="Only the wallets of this agent.")
@click.option("--check", is_flag=True, help="Change nothing; tell what would change, and exit with 1 if anything.")
@click.pass_context
def rebuild(ctx: click.Context, agent: UUID | None, check: bool) -> None:
    """Make balances, positions and gains again from the facts, wallet by wallet.

    Strategy state (peaks, stops) stays. Each wallet is a transaction of its own, for which its writers wait.
    """
    with server(Settings.from_environment()) as url, connect(url) as connection:
        connection.autocommit = True
        wallets = [row["wallet_address"] for row in queries.wallets_to_rebuild(connection, agent=agent)]
        differing = _check(connection, wallets) if check else _rebuild(connection, wallets)
    what = "differ from" if check else "differed from"
    click.echo(f"{counted(len(wallets), 'wallet')}, {counted(differing, 'row')} {what} the facts")
    ctx.exit(1 if check and differing else 0)


def _check(connection: Connection, wallets: list[str]) -> int:
    """Print what a rebuild would change; how many rows."""
    found = [
        [wallet, row["token_address"], row["row_id"], row["subject"]]
        for wallet in with_progress(wallets, "Checking")
        for row in queries.rebuild_differences(connection, wallet=wallet)
    ]
    if found:
        print_table(["wallet", "token", "row", "what differs"], found)
    return len(found)


def _rebuild(connection: Connection, wallets: list[str]) -> int:
    """Rebuild, and print the wallets that changed; how many rows."""
    changed = []
    for wallet in with_progress(wallets, "Rebuilding"):
        with connection.transaction():
            rows = queries.rebuild_wallet(connection, wallet=wallet)
        if rows:
            changed.append((wallet, rows))
    if changed:
        print_table(["wallet", "rows changed"], changed)
    return sum(rows for _, rows in changed)
