"""The command `tradebook restore`."""

from __future__ import annotations

from pathlib import Path

import click

from app import backups
from app.commands.output import counted
from app.database import connect, queries
from app.migrate import migrate
from app.postgres.server import server
from app.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def restore(ctx: click.Context, file: Path) -> None:
    """Bring what `tradebook backup` wrote into an empty database, and prove it.

    It takes over all of the state or nothing; then the code is made as `tradebook migrate` makes it, the book is
    audited, a rebuild from the facts among its laws, and the seals are verified. Exits with 1 when one of them fails.
    """
    settings = Settings.from_environment()
    with server(settings) as url:
        backups.restore(url, file)
        migrate(url, click.echo, role_prefix=settings.role_prefix)
        with connect(url) as connection:
            connection.autocommit = True
            queries.restart_events(connection)
            queries.analyze_everything(connection)
            rows = {row["table_name"]: row["rows"] for row in queries.count_rows(connection)}
            violations = len(list(queries.ledger_audit(connection, wallets=None)))
            broken = len(list(queries.verify_seals(connection, wallet=None)))
    wallets, facts = rows["public.agent_wallets"], rows["public.agent_transactions"]
    click.echo(f"restored {sum(rows.values())} rows: {counted(wallets, 'wallet')}, {counted(facts, 'fact')}")
    click.echo(f"audit: {counted(violations, 'violation')}; seals: {counted(broken, 'wallet')} altered")
    if violations or broken:
        click.echo("the backup was of a book that did not hold: see tradebook audit, tradebook verify-seals", err=True)
    ctx.exit(1 if violations or broken else 0)
