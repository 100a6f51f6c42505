"""`tradebook audit` and `tradebook rebuild`: they find what is wrong, say so by their exit status, and mend it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands.audit import audit
from app.commands.rebuild import rebuild
from app.settings import SetupError
from tests.ledger import Ledger, checksums

pytestmark = pytest.mark.spoils_the_book


@pytest.fixture
def ledgers(db: psycopg.Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[Ledger]:
    """Two wallets, and the commands work on their database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    ledgers = [Ledger(db), Ledger(db)]
    for ledger in ledgers:
        ledger.buy("A", "100", "1")
        ledger.sell("A", "50", "1")
    db.commit()
    db.autocommit = True
    return ledgers


def spoil(ledger: Ledger) -> None:
    ledger.db.execute("set session_replication_role = replica")
    ledger.db.execute(
        "update agent_positions set cost_basis_sol = cost_basis_sol / 2 where wallet_address = %s", [ledger.wallet]
    )


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_a_book_that_holds_says_so(ledgers: list[Ledger]) -> None:
    result = run(audit)
    assert (result.exit_code, result.output) == (0, "the book holds: 2 wallets, 6 facts, 0 violations\n")
    result = run(audit, "--wallet", ledgers[0].wallet)
    assert (result.exit_code, result.output) == (0, "the book holds: 1 wallet, 3 facts, 0 violations\n")


def test_a_violation_is_printed_and_exits_with_1(ledgers: list[Ledger]) -> None:
    spoil(ledgers[1])
    result = run(audit)
    assert result.exit_code == 1
    assert "the book does not hold: 2 wallets, 6 facts, " in result.output
    lines = [line.split() for line in result.output.splitlines() if ledgers[1].wallet in line]
    assert ["3", ledgers[1].wallet, "A", "cost", "in", "SOL", "1", "0.75"] in lines
    assert ledgers[0].wallet not in result.output
    assert run(audit, "--wallet", ledgers[0].wallet).exit_code == 0


def test_only_what_changed_is_audited_and_a_violation_is_told_until_it_is_mended(ledgers: list[Ledger]) -> None:
    assert run(audit, "--changed").output == "the book holds: 2 wallets, 6 facts, 0 violations\n"
    assert run(audit, "--changed").output == "no wallet has changed since it was audited last\n"
    ledgers[1].deposit("A", "1", "1")
    spoil(ledgers[1])
    for _ in range(2):
        result = run(audit, "--changed")
        assert (result.exit_code, "1 wallet, 4 facts" in result.output) == (1, True)
    assert run(rebuild).exit_code == 0
    assert run(audit, "--changed").output == "the book holds: 1 wallet, 4 facts, 0 violations\n"


def test_a_wrong_usage_exits_with_2(ledgers: list[Ledger]) -> None:
    assert run(audit, "--changed", "--wallet", ledgers[0].wallet).exit_code == 2
    assert run(rebuild, "--agent", "me").exit_code == 2


def test_an_unknown_wallet_is_told(ledgers: list[Ledger]) -> None:
    with pytest.raises(SetupError, match="There is no wallet nowhere"):
        run(audit, "--wallet", "nowhere")


def test_a_check_tells_what_a_rebuild_would_change_and_changes_nothing(ledgers: list[Ledger]) -> None:
    assert run(rebuild, "--check").output == "2 wallets, 0 rows differ from the facts\n"
    spoil(ledgers[1])
    before = checksums(ledgers[1].db)
    result = run(rebuild, "--check")
    assert result.exit_code == 1
    assert result.output.endswith("2 wallets, 1 row differ from the facts\n")
    assert "agent_positions: cost_basis_sol" in result.output
    assert ledgers[1].wallet in result.output
    assert checksums(ledgers[1].db) == before
    assert run(rebuild, "--check", "--agent", str(ledgers[0].agent)).exit_code == 0


def test_a_check_and_a_rebuild_count_the_same_rows_balances_included(ledgers: list[Ledger]) -> None:
    spoil(ledgers[1])
    ledgers[1].db.execute(
        "update agent_balances set balance = '7' where wallet_address = %s and token_address = 'A'", [ledgers[1].wallet]
    )
    result = run(rebuild, "--check")
    assert result.exit_code == 1
    assert "agent_balances: balance" in result.output
    assert result.output.endswith("2 wallets, 2 rows differ from the facts\n")
    assert run(rebuild).output.endswith("2 wallets, 2 rows differed from the facts\n")
    assert run(rebuild, "--check").exit_code == 0


def test_a_rebuild_mends_what_differs_and_tells_the_wallet(ledgers: list[Ledger]) -> None:
    books = "select line from report.books order by 1"
    before = ledgers[0].rows(books)
    spoil(ledgers[1])
    assert "2 wallets" not in run(rebuild, "--agent", str(ledgers[0].agent)).output
    result = run(rebuild)
    assert result.exit_code == 0
    assert result.output.endswith("2 wallets, 1 row differed from the facts\n")
    assert ledgers[1].wallet in result.output
    assert ledgers[0].wallet not in result.output
    assert ledgers[0].rows(books) == before
    assert run(audit).exit_code == 0
    assert run(rebuild).output == "2 wallets, 0 rows differed from the facts\n"
