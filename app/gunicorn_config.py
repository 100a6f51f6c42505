"""How gunicorn serves the application: `gunicorn --config python:app.gunicorn_config "app:create_app()"`.

`tradebook run` and `tradebook serve` do that; on its own it needs DATABASE_URL.
"""

from __future__ import annotations

import importlib
import os
import shutil
from typing import Any

from app import logs
from app.scratch import own_directory
from app.settings import Settings

_settings = Settings.from_environment()

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "app.gunicorn_worker.Worker"
logger_class = "app.gunicorn_logger.Logger"
workers = _settings.workers
threads = _settings.threads
graceful_timeout = 10  # seconds for the requests under way; a stop must not take longer than a person waits
keepalive = 5
timeout = 30  # seconds without a sign of life of a worker, whatever its requests do
logconfig_dict = logs.configuration(_settings.log_level)
# The workers' heartbeat files; on a disk, a slow write would look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None  # noqa: S108
control_socket_disable = True  # one file in the home directory, for all servers of an account

# Before a worker imports what reads it; a new one each time, so that nothing of an earlier service is counted.
_figures = os.environ["PROMETHEUS_MULTIPROC_DIR"] = own_directory(worker_tmp_dir)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a worker that has ended had open; what it had counted stays."""
    importlib.import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    """Remove the figures."""
    shutil.rmtree(_figures, ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """Have the streams of events end at once when the worker is to end: they would hold it up."""
    importlib.import_module("app.events").end_streams_when(lambda: not worker.alive)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Close the worker's connections; left to the interpreter's end, that can take 20 s."""
    importlib.import_module("app.database").close_pool()
