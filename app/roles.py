"""The roles of an installation: who owns the tables, who may do what. sql/grants says what each of them may.

Roles are global to a server, and have no login: logins are made members of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import aiosql
import psycopg
from psycopg import errors

from app.paths import SQL
from app.settings import SetupError

Connection = psycopg.Connection[tuple[Any, ...]]

ATTEMPTS = 20
PAUSE = 0.1
"""Seconds. Runs on two databases of one server make the same roles, and no lock is common to both."""

queries: Any = aiosql.from_path(SQL / "queries" / "roles.sql", "psycopg")


def role_of_service(prefix: str) -> str:
    """The role that the HTTP service puts on for every transaction."""
    return f"{prefix}_api"


def make_roles(connection: Connection, prefix: str, say: Callable[[str], None]) -> None:
    """Make the roles that are missing, and this login a member of those that it works as.

    Raises SetupError, with the statements for an administrator, where the login may not.
    """
    attempts = ATTEMPTS
    while True:
        refuse_unfit(connection, prefix)
        statements = missing(connection, prefix)
        if not statements:
            return
        try:
            for statement in statements:
                connection.execute(statement.encode())
                say(f"{statement}")
        except errors.InsufficientPrivilege as error:
            raise SetupError(
                f"role {connection.info.user} may not set up the roles of tradebook ({error.diag.message_primary}): "
                "have an administrator run, and migrate again:\n"
                + "".join(f"    {each};\n" for each in missing(connection, prefix))
            ) from error
        except (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError):
            # Another run was faster; InternalError is its "tuple concurrently updated".
            attempts -= 1
            if not attempts:
                raise
            time.sleep(PAUSE)
            continue
        if missing(connection, prefix):
            raise SetupError(
                "the roles of tradebook are not as they have to be; have an administrator run, and migrate again:\n"
                + "".join(f"    {each};\n" for each in missing(connection, prefix))
            )


def missing(connection: Connection, prefix: str) -> list[str]:
    """The statements that make the roles what they have to be; none where they are."""
    return [statement for (statement,) in queries.missing_role_statements(connection, prefix=prefix)]


def refuse_unfit(connection: Connection, prefix: str) -> None:
    """Raises SetupError where a role of ours can log in, or do more than it is granted."""
    for name, what in queries.unfit_roles(connection, prefix=prefix):
        raise SetupError(
            f"role {name} is there and {what}, so it cannot be one of tradebook's: "
            "set TRADEBOOK_ROLE_PREFIX to another prefix, or rename that role"
        )


def stamp(connection: Connection, prefix: str) -> str:
    """What changes when a role is made again or the database is moved to another server: privileges went with it."""
    found: str = queries.role_stamp(connection, prefix=prefix)
    return found
