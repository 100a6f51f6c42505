"""tests/PROMISES.md names tests that are there, and every file of tests of the book is named by it."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS / "PROMISES.md").read_text()

OF_THE_TREE = {"test_code_quality.py", "test_contract.py", "test_cascades.py", "test_audit_wallets.py"}
"""What these hold is how the book is made, not what it promises."""


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    missing = [
        (file, test)
        for file, test in named
        if not (TESTS.parent / file).is_file() or f"def {test}" not in (TESTS.parent / file).read_text()
    ]
    assert missing == []
    assert len(named) > 30


def test_every_test_of_the_book_holds_a_promise() -> None:
    silent = [
        path.name
        for path in sorted((TESTS / "sql").glob("test_*.py"))
        if f"tests/sql/{path.name}" not in PAGE and path.name not in OF_THE_TREE
    ]
    assert silent == []
