"""The command `tradebook migrate`."""

from __future__ import annotations

import click

from app import migrate as runner
from app.postgres.server import server
from app.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database up to date: pending migrations, then the SQL code when any of it changed.

    Safe to start several times at once, and to start again after one was killed.
    """
    settings = Settings.from_environment()
    with server(settings) as url:
        runner.migrate(url, click.echo, role_prefix=settings.role_prefix)
