"""The service's log: a line of JSON for each thing that happened, on standard error.

No line holds what a client may not show around: of a request neither its query, its headers nor its body.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

FIELDS = "fields"
"""The attribute of a log record that holds further fields of its line."""


class JsonLines(logging.Formatter):
    """Formats a record as a line of JSON: time, level, logger, message, its own fields, and a traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, FIELDS, {})
        if "requestId" not in line and (request_id := _request_id()) is not None:
            line["requestId"] = request_id
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _request_id() -> str | None:
    """The id of the request that this thread works on."""
    from app.database import current_call

    call = current_call()
    return None if call is None else call.name


def configuration(level: str) -> dict[str, Any]:
    """What logging.config.dictConfig makes this log of; everything, the server's own words included, comes to it."""
    heard = {"level": level, "handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "app.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"app": heard, "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True}},
    }
