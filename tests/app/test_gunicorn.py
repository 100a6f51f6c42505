"""gunicorn's log, as far as it is ours."""

from __future__ import annotations

import runpy

import pytest
from gunicorn.config import Config

from app.gunicorn_logger import Logger


def test_no_line_of_a_request_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    # As gunicorn reads it, it sets this variable, and makes a directory.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    ours = runpy.run_module("app.gunicorn_config")
    ours["on_exit"](None)
    made = Config()
    made.set("logger_class", ours["logger_class"])
    assert made.logger_class is Logger
    made.set("logconfig_dict", ours["logconfig_dict"])
    log = Logger(made)
    monkeypatch.setattr(log, "atoms", lambda *_: pytest.fail("for nobody"))
    log.access(None, None, None, None)
