"""`tradebook verify-seals`: heads on standard output, problems on standard error; a chain that was cut is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands.verify_seals import verify_seals
from app.settings import SetupError
from tests.ledger import SOL, Ledger

pytestmark = pytest.mark.spoils_the_book


@pytest.fixture
def ledger(db: psycopg.Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A wallet with two seals, and nothing guards the tables any more."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    db.autocommit = True
    ledger = Ledger(db)
    db.execute("call jobs.seal_ledgers(now())")
    ledger.deposit(SOL, "1")
    db.execute("call jobs.seal_ledgers(now())")
    db.execute("set session_replication_role = replica")
    return ledger


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify_seals, arguments, catch_exceptions=False)


def test_what_is_whole_exits_with_0_and_prints_the_heads(ledger: Ledger) -> None:
    result = run()
    assert result.exit_code == 0
    (head,) = ledger.rows("select encode(hash, 'hex') as hash from ledger_seals where number = 2")
    assert result.stdout.split("\t")[:3] == [ledger.wallet, "2", head["hash"]]
    assert result.stderr == "the seals hold: 1 wallet, 2 sealed facts, 0 sealed voids, 0 facts in no seal yet\n"
    ledger.db.execute("set session_replication_role = origin")
    ledger.deposit(SOL, "1")
    assert "2 sealed facts, 0 sealed voids, 1 fact in no seal yet" in run().stderr


def test_an_altered_fact_is_told_and_exits_with_1(ledger: Ledger) -> None:
    ledger.db.execute("update agent_transactions set recorded_by = 'user x' where input_amount = 1")
    result = run("--wallet", ledger.wallet)
    assert result.exit_code == 1
    assert "fact_altered" in result.stderr
    assert "the seals are broken" in result.stderr


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("delete from ledger_seals where number = 2", "seal_missing"),
        ("update ledger_seals as s set (sealed_at, hash) = (now(), sha256('x')) where number = 2", "seal_replaced"),
        ("delete from agent_wallets", "wallet_missing"),
    ],
)
def test_heads_that_were_kept_show_that_a_chain_was_cut_or_made_anew(
    ledger: Ledger, tmp_path: Path, change: str, problem: str
) -> None:
    heads = tmp_path / "heads"
    heads.write_text(run().stdout)
    assert run("--heads", str(heads)).exit_code == 0
    if "agent_wallets" in change:
        ledger.db.execute("set session_replication_role = origin")
    ledger.db.execute(change)
    ledger.db.execute("set session_replication_role = replica")
    ledger.db.execute("update ledger_seals as s set hash = book.seal_hash(s)")
    assert run().exit_code == 0
    result = run("--heads", str(heads))
    assert result.exit_code == 1
    assert problem in result.stderr


def test_heads_of_longer_ago_are_still_in_the_chain(ledger: Ledger, tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    heads.write_text(run().stdout)
    ledger.db.execute("set session_replication_role = origin")
    ledger.deposit(SOL, "1")
    ledger.db.execute("call jobs.seal_ledgers(now())")
    assert run("--heads", str(heads)).exit_code == 0


@pytest.mark.parametrize("text", ["what\n", "a\tb\tc\n"])
def test_a_file_that_has_no_heads_is_told(ledger: Ledger, tmp_path: Path, text: str) -> None:
    heads = tmp_path / "heads"
    heads.write_text(text)
    with pytest.raises(SetupError, match="is not what verify-seals prints"):
        run("--heads", str(heads))
