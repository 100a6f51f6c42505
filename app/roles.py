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

PURPOSES = ["owner", "book", "api", "bi", "jobs", "feed"]
"""What the roles are for: the name of each is the installation's prefix, `_`, and its purpose."""

ATTEMPTS = 20
PAUSE = 0.1
"""Seconds. Runs on two databases of one server make the same roles, and no lock is common to both."""

queries: Any = aiosql.from_path(SQL / "queries" / "roles.sql", "psycopg")


def names(prefix: str) -> list[str]:
    """The names of all roles of an installation."""
    return [f"{prefix}_{purpose}" for purpose in PURPOSES]


def role_of_service(prefix: str) -> str:
    """The role that the HTTP service puts on for every transaction."""
    return f"{prefix}_api"


def role_of_feed(prefix: str) -> str:
    """The role that the HTTP service puts on for the operator's sources of prices and signals."""
    return f"{prefix}_feed"


def role_of_jobs(prefix: str) -> str:
    """The role that works off the jobs."""
    return f"{prefix}_jobs"


def cannot_work_as(connection: psycopg.Connection[Any], role: str, error: psycopg.Error) -> str:
    """Why a login cannot put on a role, and what to do, in words."""
    login = connection.info.user
    return (
        f"The login {login} cannot work as role {role} ({error.diag.message_primary}). "
        f'Run `tradebook migrate`, and as an administrator: grant "{role}" to "{login}"'
    )


def make_roles(connection: Connection, prefix: str, say: Callable[[str], None]) -> None:
    """Make the roles that are missing, and this login a member of those that it works as.

    Raises SetupError, with the statements for an administrator, where the login may not.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        refuse_unfit(connection, prefix)
        try:
            for statement in missing(connection, prefix):
                connection.execute(statement.encode())
                say(statement)
            break
        except errors.InsufficientPrivilege as error:
            login, reason = connection.info.user, error.diag.message_primary
            raise for_an_administrator(
                f"role {login} may not set up the roles of tradebook ({reason})", missing(connection, prefix)
            ) from error
        except (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError):
            # Another run was faster; InternalError is its "tuple concurrently updated".
            if not attempts_left:
                raise
            time.sleep(PAUSE)
    still_missing = missing(connection, prefix)
    if still_missing:
        raise for_an_administrator("the roles of tradebook are not as they have to be", still_missing)


def for_an_administrator(why: str, statements: list[str]) -> SetupError:
    """The error that says what somebody with more rights has to run."""
    lines = "".join(f"    {statement};\n" for statement in statements)
    return SetupError(f"{why}: have an administrator run, and migrate again:\n{lines}")


def missing(connection: Connection, prefix: str) -> list[str]:
    """The statements that make the roles what they have to be; none where they are."""
    rows = queries.missing_role_statements(connection, prefix=prefix, purposes=PURPOSES)
    return [statement for (statement,) in rows]


def unfit(connection: Connection, prefix: str) -> list[tuple[str, str]]:
    """Roles of our names that can log in, or do more than they are granted, and what they can."""
    return list(queries.unfit_roles(connection, names=names(prefix)))


def refuse_unfit(connection: Connection, prefix: str) -> None:
    """Raises SetupError where there is an unfit role."""
    for name, what in unfit(connection, prefix):
        raise SetupError(
            f"role {name} is there and {what}, so it cannot be one of tradebook's: "
            "set TRADEBOOK_ROLE_PREFIX to another prefix, or rename that role"
        )


def stamp(connection: psycopg.Connection[Any], prefix: str) -> str:
    """What changes when a role is made again or the database is moved to another server: privileges went with it."""
    found: str = queries.role_stamp(connection, names=names(prefix))
    return found
