"""gunicorn's log, as far as it is ours."""

from __future__ import annotations

import pytest
from gunicorn.config import Config

from app import gunicorn_config
from app.gunicorn_logger import Logger


def test_no_line_of_a_request_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Config()
    made.set("logger_class", gunicorn_config.logger_class)
    assert made.logger_class is Logger
    made.set("logconfig_dict", gunicorn_config.logconfig_dict)
    log = Logger(made)
    monkeypatch.setattr(log, "atoms", lambda *_: pytest.fail("for nobody"))
    log.access(None, None, None, None)
