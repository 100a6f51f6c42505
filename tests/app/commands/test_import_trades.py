"""`tradebook import`: its books are those that the oracle makes of the same files; what it refuses changes nothing."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.rows import dict_row

from app.commands.export_books import export
from app.commands.import_trades import import_trades
from app.settings import SetupError
from tests.ledger import SOL, Ledger, checksums, value
from tests.sql.test_performance import EXACT, GROUPS

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
REAL_SWAPS = DATA / "solana_swaps_3JoV_cielo.csv"
REAL_EVENTS = DATA / "solana_other_events_3JoV_cielo.csv"
REAL_PRICES = [f"--sol-usd={DATA / 'sol_usd.csv'}", "--series=cielo_swap_minute"]

needs_real_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real trades are no part of this repository: they are in ../shared/data, if anywhere"
)

HEADER = [
    "wallet_address", "transaction_hash", "transaction_time", "input_mint", "input_symbol", "input_amount",
    "output_mint", "output_symbol", "output_amount", "fee_sol", "value_usd", "source",
]  # fmt: skip
WALLET = "W" * 40
USER = "--user=trader@example.org"

Import = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Runs `tradebook import` with arguments; it must not fail."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(import_trades, [str(each) for each in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def exported() -> list[str]:
    result = CliRunner().invoke(export, ["books"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def oracle(*arguments: object) -> list[str]:
    command = [sys.executable, str(ROOT / "tests" / "oracle.py"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def told(result: Result) -> dict[str, str]:
    """The summary that an import prints."""
    return {line[:24].strip(): line[24:] for line in result.stdout.splitlines()}


def swap(**cells: str) -> dict[str, str]:
    """A buy of 100 A for 1 SOL."""
    return {
        "wallet_address": WALLET,
        "transaction_time": "2026-01-02T00:00:00Z",
        "input_mint": SOL,
        "input_amount": "1",
        "output_mint": "A",
        "output_amount": "100",
        "value_usd": "150",
    } | cells


def write(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@needs_real_data
def test_the_real_wallet_s_books_are_the_oracle_s_and_a_second_run_changes_nothing(
    run: Import, db: psycopg.Connection
) -> None:
    options = [REAL_SWAPS, *REAL_PRICES, "--shortfall=deposit"]
    first = told(run("swaps", *options, USER))
    assert (first["rows read"], first["booked"], first["refused"]) == ("6483", "6483", "0")
    assert exported() == oracle(*options)
    before = checksums(db)
    db.rollback()
    second = told(run("swaps", *options, USER))
    assert (second["booked"], second["already there"], second["shortfalls met"]) == ("0", "6483", "0")
    assert checksums(db) == before


@needs_real_data
@pytest.mark.parametrize("airdrops", ["zero", "value"])
@pytest.mark.parametrize("shortfall", ["deposit", "refuse"])
def test_the_real_wallet_with_its_events_is_the_oracle_s(
    run: Import, db: psycopg.Connection, shortfall: str, airdrops: str
) -> None:
    options = [REAL_SWAPS, REAL_EVENTS, *REAL_PRICES, f"--shortfall={shortfall}", f"--airdrops={airdrops}"]
    summary = told(run("wallet", *options, USER))
    assert exported() == oracle(*options)
    if (shortfall, airdrops) == ("deposit", "zero"):
        assert (summary["booked"], summary["skipped, no transfers"], summary["refused"]) == ("7452", "74", "0")
    agent = value(db, "select id from agents")
    with db.cursor(row_factory=dict_row) as cursor:
        (whole,) = cursor.execute("select * from report.performance(%s)", [agent]).fetchall()
        assert whole["swaps"] > 2000
        for by in GROUPS:
            parts = cursor.execute("select * from report.breakdown(%s, %s)", [agent, by]).fetchall()
            for name in EXACT:
                assert str(sum(part[name] for part in parts)) == str(whole[name]), (by, name)


@needs_real_data
def test_an_import_that_was_killed_is_completed_by_running_it_again(
    run: Import, db: psycopg.Connection, database_url: str
) -> None:
    options = [str(REAL_SWAPS), *REAL_PRICES, "--shortfall=deposit"]
    program = "from app.commands.import_trades import import_trades; import_trades()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "swaps", *options, USER], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    booked = 0
    while booked < 1000 and process.poll() is None:
        (booked,) = db.execute("select count(*) from agent_transactions").fetchone() or (0,)
        db.rollback()
    process.kill()
    process.wait()
    assert booked < 6483, "it was killed in the middle"
    summary = told(run("swaps", *options, USER))
    assert int(summary["already there"]) >= 1000
    assert int(summary["booked"]) + int(summary["already there"]) == 6483
    assert exported() == oracle(*options)


def random_rows(seed: int, wallets: int, decimals: int, *, usd: bool) -> list[dict[str, str]]:
    """Swaps of some wallets between SOL and four tokens, with fees, ties in time and sales of more than is held."""
    chance = random.Random(seed)
    time = datetime(2026, 1, 1, tzinfo=UTC)

    def amount(most: int) -> str:
        number = Decimal(chance.randrange(1, most * 10**6)) / 10**6
        return str(number + Decimal(chance.randrange(10**decimals)).scaleb(-decimals))

    rows = []
    for number in range(400):
        time += timedelta(seconds=chance.choice([0, 0, 1, 60]))
        given, received = chance.sample([SOL, SOL, "A", "B", "C", "D"], 2)
        if given == received:
            continue
        rows.append(
            {
                "wallet_address": str(1 + chance.randrange(wallets)).replace("0", "z").rjust(40, "W"),
                "transaction_hash": f"hash{number}" if chance.random() < 0.7 else "",
                "transaction_time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
                "input_mint": given,
                "input_amount": amount(2 if given == SOL else 50),
                "output_mint": received,
                "output_amount": amount(2 if received == SOL else 50),
                "fee_sol": chance.choice(["", "0.000005001", amount(1)]),
                "value_usd": amount(500) if usd else "",
            }
        )
    return rows


@pytest.mark.parametrize("shortfall", ["deposit", "refuse"])
@pytest.mark.parametrize(
    ("wallets", "decimals", "usd"),
    [(1, 9, True), (17, 9, False), (3, 18, True), (3, 18, False)],
    ids=["9 decimals", "17 wallets without USD", "18 decimals", "18 decimals without USD"],
)
def test_files_of_all_kinds_are_the_oracle_s(
    run: Import, tmp_path: Path, shortfall: str, wallets: int, decimals: int, usd: bool
) -> None:
    path = write(tmp_path / "swaps.csv", random_rows(20260101 + wallets + decimals, wallets, decimals, usd=usd))
    options = [path, "--sol-usd=151.234567", f"--shortfall={shortfall}"]
    run("swaps", *options, USER)
    books = exported()
    assert books == oracle(*options)
    assert shortfall == "refuse" or sum(line.startswith("swap") for line in books) > 80


def test_equal_rows_of_a_file_are_different_trades(run: Import, tmp_path: Path) -> None:
    path = write(tmp_path / "swaps.csv", [swap(), swap(), swap(transaction_hash="h"), swap(transaction_hash="h")])
    assert told(run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"))["booked"] == "4"
    again = told(run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"))
    assert (again["booked"], again["already there"]) == ("0", "4")


def test_rows_that_differ_in_anything_are_different_trades(run: Import, tmp_path: Path) -> None:
    """Equal as numbers is not the same line; nothing of it is lost."""
    rows = [swap(), swap(input_amount="1.0"), swap(output_symbol="X"), swap(source="elsewhere")]
    path = write(tmp_path / "swaps.csv", rows)
    assert told(run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"))["booked"] == "4"
    again = told(run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"))
    assert (again["booked"], again["already there"]) == ("0", "4")


def test_the_value_of_airdrops_is_chosen_once(run: Import, tmp_path: Path) -> None:
    """The same rows with another choice are refused, not booked a second time."""
    header = "wallet_address,transaction_hash,transaction_time,event_type,direction,counterparty,mint,symbol,amount"
    events = tmp_path / "events.csv"
    events.write_text(f"{header},value_usd\n{WALLET},,2026-01-01T00:00:00Z,transfer,in,,A,,300,5\n")
    options = [USER, "--shortfall=refuse", "--sol-usd=150"]
    assert told(run("events", events, *options, "--airdrops=zero"))["booked"] == "1"
    again = run("events", events, *options, "--airdrops=value")
    assert (told(again)["booked"], told(again)["refused"]) == ("0", "1")
    assert "events.csv:2: repeat_differs: " in again.stderr


def test_a_shortfall_deposit_stands_just_before_its_trade_and_is_marked(
    run: Import, tmp_path: Path, db: psycopg.Connection
) -> None:
    sale = swap(input_mint="A", input_amount="100", output_mint=SOL, output_amount="2", value_usd="300")
    path = write(tmp_path / "swaps.csv", [swap(output_amount="75"), sale])
    assert told(run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"))["shortfalls met"] == "2"
    facts = db.execute(
        "select origin, input_mint, input_amount, value_sol, value_usd, transaction_time::text"
        " from agent_transactions order by ledger_order"
    ).fetchall()
    at = "2026-01-02 00:00:00+00"
    assert facts == [
        ("import_shortfall", SOL, 1, 1, 150, at),
        ("import", SOL, 1, 1, 150, at),
        ("import_shortfall", "A", 25, Decimal("0.5"), 75, at),
        ("import", "A", 100, 2, 300, at),
    ]


def test_a_dry_run_tells_the_same_and_keeps_nothing(run: Import, tmp_path: Path, db: psycopg.Connection) -> None:
    path = write(tmp_path / "swaps.csv", [swap(), swap(input_amount="NaN")])
    before = checksums(db)
    db.rollback()
    dry = run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150", "--dry-run")
    assert "nothing was kept" in dry.stdout
    assert checksums(db) == before
    db.rollback()
    real = run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150")
    assert (real.stdout, real.stderr) == (dry.stdout.replace("This was a dry run: nothing was kept.\n", ""), dry.stderr)


BAD_ROWS = {
    "NaN": (swap(input_amount="NaN"), "amount_not_valid"),
    "Infinity": (swap(output_amount="Infinity"), "amount_not_valid"),
    "19 decimals": (swap(input_amount="0.1234567890123456789"), "amount_not_valid"),
    "10^25": (swap(output_amount="1" + "0" * 25), "amount_out_of_range"),
    "a negative amount": (swap(input_amount="-1"), "amount_not_valid"),
    "zero": (swap(output_amount="0"), "amount_not_valid"),
    "a missing mint": (swap(output_mint=""), "field_required"),
    "the same mint twice": (swap(output_mint=SOL), "rule_broken"),
    "a negative fee": (swap(fee_sol="-1"), "amount_not_valid"),
    "a time in the future": (swap(transaction_time="2999-01-01T00:00:00Z"), "transaction_in_future"),
    "no time": (swap(transaction_time=""), "field_required"),
    "a time with 60 seconds": (swap(transaction_time="2026-01-02T00:00:60Z"), "field_not_valid"),
    "a time that is none": (swap(transaction_time="yesterday"), "field_not_valid"),
    "an address that is none": (swap(wallet_address="0OIl"), "rule_broken"),
    "a null byte": (swap(output_symbol="a\0b"), "line_not_valid"),
    "a control character": (swap(output_symbol="a\tb"), "field_not_valid"),
    "no value": (swap(input_mint="B", value_usd=""), "value_required"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_refused_with_its_line_and_the_rest_goes_on(
    run: Import, tmp_path: Path, what: str, db: psycopg.Connection
) -> None:
    row, error = BAD_ROWS[what]
    good = [swap(), swap(output_amount="200")]
    path = write(tmp_path / "swaps.csv", [good[0], row, good[1]])
    result = run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150")
    refusals = [line for line in result.stderr.splitlines() if line]
    assert [line.split(": ")[:2] for line in refusals] == [["swaps.csv:3", error]], result.stderr
    assert (told(result)["booked"], told(result)["refused"]) == ("2", "1")
    with_bad = exported()
    # What is booked is what a file without the row gives.
    db.execute("delete from users")
    db.commit()
    run("swaps", write(tmp_path / "good.csv", good), USER, "--shortfall=deposit", "--sol-usd=150")
    assert exported() == with_bad


@pytest.mark.parametrize("line", ['"a,b', "a,b", f"{WALLET}" + "," * 30], ids=["a quote", "too few", "too many"])
def test_a_broken_csv_line_is_refused_with_its_number(run: Import, tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "swaps.csv", [swap()])
    path.write_text(path.read_text() + line + "\n")
    result = run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150")
    assert result.stderr.startswith("swaps.csv:3: line_not_valid: ")
    assert told(result)["booked"] == "1"


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\xff\xfe", b"time,price,source\n", b"%PDF-1.7 text\n"], ids=repr
)
def test_a_file_that_is_no_file_of_swaps_is_refused_whole(
    tmp_path: Path, content: bytes, db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    before = checksums(db)
    path = tmp_path / "swaps.csv"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=r"swaps\.csv is not a CSV file"):
        CliRunner().invoke(import_trades, ["swaps", str(path), USER, "--shortfall=refuse"], catch_exceptions=False)
    assert checksums(db) == before


def test_two_imports_of_a_new_wallet_at_once_book_everything(
    tmp_path: Path, database_url: str, db: psycopg.Connection
) -> None:
    program = "from app.commands.import_trades import import_trades; import_trades()"
    processes = []
    for name in ("a", "b"):
        rows = [swap(transaction_hash=f"{name}{number}") for number in range(300)]
        path = write(tmp_path / f"{name}.csv", rows)
        command = [sys.executable, "-c", program, "swaps", path, USER, "--shortfall=deposit", "--sol-usd=150"]
        environment = os.environ | {"DATABASE_URL": database_url}
        processes.append(
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
    for process in processes:
        _, refusals = process.communicate()
        assert (process.returncode, refusals) == (0, "")
    assert db.execute("select count(*) from agent_transactions where origin = 'import'").fetchone() == (600,)


def test_another_user_s_wallet_is_refused_and_unchanged(run: Import, tmp_path: Path, db: psycopg.Connection) -> None:
    path = write(tmp_path / "swaps.csv", [swap()])
    run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150")
    before = checksums(db)
    db.rollback()
    more = write(tmp_path / "more.csv", [swap(output_amount="7")])
    result = run("swaps", more, "--user=thief@example.org", "--shortfall=deposit", "--sol-usd=150")
    assert result.stderr.startswith("more.csv:2: taken: ")
    after = checksums(db)
    assert {name for name in after if after[name] != before[name]} == {"users"}


def test_a_row_that_was_booked_with_other_content_is_refused_by_column(run: Import, tmp_path: Path) -> None:
    run("swaps", write(tmp_path / "a.csv", [swap(transaction_hash="h")]), USER, "--shortfall=deposit", "--sol-usd=150")
    changed = write(tmp_path / "b.csv", [swap(transaction_hash="h", output_amount="101")])
    result = run("swaps", changed, USER, "--shortfall=deposit", "--sol-usd=150")
    assert "b.csv:2: repeat_differs: " in result.stderr
    assert "output_amount" in result.stderr


def test_a_price_series_that_says_otherwise_than_before_is_refused(
    run: Import, tmp_path: Path, db: psycopg.Connection
) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("time,price,source\n2026-01-01T00:00:00Z,150,s\n")
    path = write(tmp_path / "swaps.csv", [swap(value_usd="")])
    run("swaps", path, USER, "--shortfall=deposit", f"--sol-usd={prices}")
    prices.write_text("time,price,source\n2026-01-01T00:00:00Z,151,s\n")
    with pytest.raises(psycopg.Error) as refusal:
        run("swaps", path, USER, "--shortfall=deposit", f"--sol-usd={prices}")
    assert refusal.value.sqlstate == "TB008"


def test_the_price_that_valued_a_row_is_stored_with_it(run: Import, tmp_path: Path, db: psycopg.Connection) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "time,price,source\n2026-01-01T23:00:00Z,150.5,mine\n2026-01-02T00:00:01Z,9,mine\n2026-01-01T23:59:59Z,7,other\n"
    )
    path = write(tmp_path / "swaps.csv", [swap(value_usd="")])
    run("swaps", path, USER, "--shortfall=deposit", f"--sol-usd={prices}", "--series=mine")
    stored = db.execute(
        "select value_usd, sol_usd_price, sol_usd_price_source, sol_usd_price_age"
        " from agent_transactions where transaction_type = 'SWAP'"
    ).fetchall()
    assert stored == [(Decimal("150.5"), Decimal("150.5"), "mine", timedelta(hours=1))]


def test_events_fill_in_before_swaps_that_are_there(
    run: Import, tmp_path: Path, db: psycopg.Connection, database_url: str
) -> None:
    """Files in the wrong order: the transfers arrive late, and are folded in their place."""
    sale = swap(input_mint="A", input_amount="100", output_mint=SOL, output_amount="2", value_usd="300")
    run("swaps", write(tmp_path / "swaps.csv", [swap(), sale]), USER, "--shortfall=deposit", "--sol-usd=150")
    header = (
        "wallet_address,transaction_hash,transaction_time,event_type,direction,counterparty,mint,symbol,amount"
        ",value_usd"
    )
    events = tmp_path / "events.csv"
    events.write_text(f"{header}\n{WALLET},h,2026-01-01T00:00:00Z,transfer,in,,A,,300,\n")
    summary = told(run("events", events, USER, "--shortfall=refuse", "--airdrops=zero"))
    assert summary["booked"] == "1"
    # 400 held at cost 1, of which 100 are sold for 2.
    assert summary["gain in SOL"] == "1.75"


def test_the_sql_function_and_a_plain_insert_meet_the_same_book(
    run: Import, tmp_path: Path, db: psycopg.Connection
) -> None:
    path = write(tmp_path / "swaps.csv", [swap()])
    run("swaps", path, USER, "--shortfall=deposit", "--sol-usd=150")
    (agent,) = db.execute("select agent_id from agent_wallets where wallet_address = %s", [WALLET]).fetchone() or ("",)
    ledger = Ledger.__new__(Ledger)
    ledger.db, ledger.agent, ledger.wallet, ledger.now = db, agent, WALLET, datetime(2026, 2, 1, tzinfo=UTC)
    ledger.sell("A", "100", "2")
    assert ledger.gains() == [1]
