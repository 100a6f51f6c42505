"""The command line: what goes wrong is told in words, with an exit status, and without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from app.authentication import SCOPES
from tests.ledger import Ledger
from tests.server import Server

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `tradebook` with arguments in an environment of its own."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
        return subprocess.run(
            command,
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | environment,
            capture_output=True,
            text=True,
        )

    return run


def test_every_command_has_its_help(run: Run) -> None:
    names = [line.split()[0] for line in run("--help").stdout.partition("Commands:")[2].splitlines() if line]
    assert {"run", "serve", "migrate", "doctor", "import", "export", "api-key", "audit", "restore"} <= set(names)
    for name in names:
        result = run(name, "--help")
        assert (result.returncode, result.stderr) == (0, "")
        assert "Usage: " in result.stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRADEBOOK_PORT", "eighty"),
        ("TRADEBOOK_PORT", "65536"),
        ("TRADEBOOK_HOST", "a b"),
        ("TRADEBOOK_THREADS", "0"),
        ("TRADEBOOK_DATA_DIR", "/" + "x" * 300),
        ("DATABASE_URL", "postgresql://%zz"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(run: Run, variable: str, value: str) -> None:
    result = run("export", "books", **{variable: value})
    assert result.returncode == 1
    assert result.stderr.startswith(f"tradebook: {variable} ")
    assert "Traceback" not in result.stderr


def test_a_database_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    result = run("export", "books", DATABASE_URL=f"postgresql:///nothing?host={tmp_path}")
    assert result.returncode == 1
    assert result.stderr.startswith("tradebook: The database cannot be reached")
    assert "Traceback" not in result.stderr


def test_a_database_that_is_not_migrated_is_told_what_to_do(run: Run, postgres: Server) -> None:
    result = run("export", "books", DATABASE_URL=postgres.url("postgres"))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "tradebook: The database is not up to date with this program. Run: tradebook migrate\n"


def test_a_rule_that_refuses_is_told_in_its_words(run: Run, database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "swaps.csv"
    path.write_text(
        "wallet_address,transaction_hash,transaction_time,input_mint,input_symbol,input_amount,output_mint,output_symbol"
        ",output_amount,fee_sol,value_usd,source\n"
    )
    result = run("import", "swaps", str(path), "--user=nobody", "--shortfall=refuse", DATABASE_URL=database_url)
    assert result.returncode == 1
    assert "users_email_is_an_address" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_key_is_made_for_a_user_that_exists(run: Run, database_url: str, db: psycopg.Connection) -> None:
    arguments = ["api-key", "--user=a@example.org", "--name=mine", "--scope=trade"]
    result = run(*arguments, DATABASE_URL=database_url)
    assert (result.returncode, result.stderr) == (1, "tradebook: There is no user a@example.org\n")
    db.execute("insert into users (email) values ('a@example.org')")
    db.commit()
    result = run(*arguments, DATABASE_URL=database_url)
    assert result.returncode == 0
    stored = db.execute("select key_prefix, scopes, name from api_keys").fetchall()
    assert stored == [(result.stdout[:12], ["trade"], "mine")]
    assert len(result.stdout.strip()) == 36
    assert run(*arguments, *(f"--scope={scope}" for scope in SCOPES), DATABASE_URL=database_url).returncode == 0
    result = run(*arguments, "--scope=trades", DATABASE_URL=database_url)
    assert (result.returncode, "'trades' is not one of 'agents', 'positions'," in result.stderr) == (2, True)


def test_the_books_of_one_wallet_are_its_lines_of_all_books(
    run: Run, database_url: str, db: psycopg.Connection
) -> None:
    ledgers = [Ledger(db), Ledger(db)]
    for ledger in ledgers:
        ledger.buy("A", "100", "1")
        ledger.sell("A", "50", "0.123456789012345678", transaction_hash="signature")
    db.commit()
    every = run("export", "books", DATABASE_URL=database_url).stdout.splitlines()
    assert every == sorted(every)
    own = run("export", "books", f"--wallet={ledgers[0].wallet}", DATABASE_URL=database_url).stdout.splitlines()
    assert own == [line for line in every if ledgers[0].wallet in line]
    assert "There is no wallet nowhere" in run("export", "books", "--wallet=nowhere", DATABASE_URL=database_url).stderr
    wallet = ledgers[0].wallet
    assert own == [
        f"balance\t{wallet}\tA\t50",
        f"balance\t{wallet}\tSo11111111111111111111111111111111111111112\t999.123456789012345678",
        f"position\t{wallet}\tA\t50\t0.5\t50",
        f"swap\t{wallet}\tA\t2026-01-01T03:00:00Z\tsignature\t50"
        "\t0.5\t0.123456789012345678\t-0.376543210987654322\t50\t12.3456789012345678\t-37.6543210987654322",
    ]
