"""The command `tradebook api-key`: keys for programs."""

from __future__ import annotations

import click

from app.authentication import SCOPES, create_key
from app.database import connect
from app.postgres.server import server
from app.settings import Settings, SetupError


@click.command(name="api-key")
@click.option("--user", "email", required=True, metavar="EMAIL", help="Whose key it is.")
@click.option("--name", required=True, help="What to call it.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be repeated.")
def api_key(email: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make an API key and print it: it is shown this once."""
    with server(Settings.from_environment()) as url, connect(url) as connection:
        key = create_key(connection, email=email, name=name, scopes=list(scopes))
    if key is None:
        raise SetupError(f"There is no user {email}")
    click.echo(key)
