"""The description of the interface, for a file."""

from __future__ import annotations

import json

import click

from app.postgres.server import server
from app.settings import Settings


@click.command()
def openapi() -> None:
    """Print the description of the HTTP interface (OpenAPI 3.1), as GET /openapi.json answers it."""
    from app import create_app
    from app.database import close_pool
    from app.openapi import document

    with server(Settings.from_environment()) as url:
        try:
            click.echo(json.dumps(document(create_app(url)), indent=1, ensure_ascii=False))
        finally:
            close_pool()
