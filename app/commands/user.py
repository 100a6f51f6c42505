"""The commands `tradebook user`: accounts of people."""

from __future__ import annotations

import sys

import click

from app.database import connect, queries
from app.passwords import hash_password, password_problems
from app.postgres.server import server
from app.settings import Settings, SetupError


@click.group()
def user() -> None:
    """Make accounts of people, set their passwords, and open their locks."""


@user.command()
@click.argument("email")
def add(email: str) -> None:
    """Make an account; the password is asked for, or read from standard input."""
    password_hash = _asked_password_hash()
    with server(Settings.from_environment()) as url, connect(url) as connection:
        queries.add_user(connection, email=email, password_hash=password_hash)


@user.command()
@click.argument("email")
def password(email: str) -> None:
    """Set a password, open the account's lock, and end its sessions."""
    password_hash = _asked_password_hash()
    with server(Settings.from_environment()) as url, connect(url) as connection:
        if queries.set_password(connection, email=email, password_hash=password_hash) is None:
            raise SetupError(f"There is no user {email}")


@user.command()
@click.argument("email")
def unlock(email: str) -> None:
    """Open the lock that wrong passwords have put on an account."""
    with server(Settings.from_environment()) as url, connect(url) as connection:
        if queries.unlock_user(connection, email=email) is None:
            raise SetupError(f"There is no user {email}")


def is_asked_on_a_terminal() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin.isatty()


def _asked_password_hash() -> str:
    """The hash of a password from the terminal or standard input: an argument would be shown to all by ps."""
    if is_asked_on_a_terminal():
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    problems = password_problems(given)
    if problems:
        raise SetupError(f"The password is not good: {'; '.join(problems)}")
    return hash_password(given)
