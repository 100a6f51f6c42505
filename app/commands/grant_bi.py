"""The command `tradebook grant-bi`: logins of PostgreSQL for people and BI tools."""

from __future__ import annotations

import secrets

import click
from psycopg import errors

from app.database import connect, queries
from app.postgres.server import server
from app.settings import Settings, SetupError


@click.command(name="grant-bi")
@click.argument("email")
@click.argument("login")
@click.option("--no-password", is_flag=True, help="Make the login without one: it logs in by other means.")
@click.option("--revoke", is_flag=True, help="Take it back; the login itself stays.")
def grant_bi(email: str, login: str, no_password: bool, revoke: bool) -> None:
    """Let LOGIN read the rows of the user EMAIL, and nothing else.

    The login of PostgreSQL is made where there is none, and its password printed: it is shown this once. One that is
    there keeps its password; an administrator sets another one in psql with \\password.
    """
    if not 1 <= len(login.encode()) <= 63 or not login.isprintable():
        raise SetupError("A login's name has 1 to 63 bytes")
    password = secrets.token_urlsafe(24)
    with server(Settings.from_environment()) as url, connect(url) as connection:
        # So that the password itself is in no log of the server.
        stored = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
        try:
            if revoke:
                queries.revoke_bi(connection, email=email, login=login)
                made = False
            else:
                made = queries.grant_bi(connection, email=email, login=login, password=None if no_password else stored)
        except (errors.InsufficientPrivilege, errors.ReservedName) as error:
            raise SetupError(
                f"{connection.info.user} may not do that: {error.diag.message_primary}. "
                "It takes a superuser, or the role that migrated the database and may make roles."
            ) from error
    if made and not no_password:
        click.echo(password)
    elif not made and not revoke:
        click.echo(f"{login} was there already: its password stays", err=True)
