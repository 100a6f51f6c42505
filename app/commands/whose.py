"""Whose rows a command is asked for: --user and --agent."""

from __future__ import annotations

from uuid import UUID

from app.database import Connection, queries
from app.roles import role_of_service
from app.settings import Settings, SetupError


def act_for_user(connection: Connection, settings: Settings, email: str | None) -> UUID | None:
    """Have the transaction see the rows of the user of that e-mail address, and no others; his id.

    None lets it be the login's own. Raises SetupError where there is no such user.
    """
    if email is None:
        return None
    user: UUID | None = queries.user_of_email(connection, email=email)
    if user is None:
        raise SetupError(f"There is no user {email}")
    queries.act_as(connection, role=role_of_service(settings.role_prefix), user_id=str(user), actor=None)
    return user


def agent_named(connection: Connection, named: str | None, user: UUID | None) -> UUID | None:
    """The id of the agent of that id or name; None where none is named. Raises SetupError where it is not one."""
    if named is None:
        return None
    found = list(queries.agents_named(connection, agent=named, user_id=user))
    if not found:
        raise SetupError(f"There is no agent {named}")
    if len(found) > 1:
        raise SetupError(f"More than one agent is called {named}: say its id")
    agent: UUID = found[0]["id"]
    return agent
