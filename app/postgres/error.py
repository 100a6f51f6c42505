"""What is wrong with the server that a command needs, in words."""

from __future__ import annotations

from app.settings import SetupError


class PostgresError(SetupError):
    """The server cannot be found, made, started or stopped; the text says why and what to do."""


CHOOSE_ANOTHER = "Set TRADEBOOK_DATA_DIR to another directory, or use the account that made this one."
