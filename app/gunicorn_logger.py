"""gunicorn's log without a line for each request."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger as GunicornLogger


class Logger(GunicornLogger):  # type: ignore[misc]
    """Tells what happens to processes. Requests are told by app.requests."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing: gunicorn's would be put together from twenty parts each time, for a logger that is not heard."""
