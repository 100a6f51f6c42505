"""The command `tradebook backup`."""

from __future__ import annotations

from pathlib import Path

import click

from app.backups import back_up
from app.commands.output import counted
from app.postgres.server import server
from app.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE, as it is at one moment, while everybody goes on working.

    FILE must not exist; it appears when it is whole and was read back. It holds hashes of passwords and keys, and only
    this account can read it. `tradebook restore` brings it into an empty database.
    """
    with server(Settings.from_environment()) as url:
        rows = back_up(url, file)
    facts = counted(rows["public.agent_transactions"], "fact")
    size = file.stat().st_size
    click.echo(f"{file}: {facts}, {sum(rows.values())} rows in {len(rows)} tables, {size} bytes")
