"""`tradebook import prices`: files of SOL/USD prices and of candles become prices, once, and all or none of them."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands.import_trades import import_trades
from app.settings import SetupError
from tests.ledger import SOL, checksums
from tests.oracle import to_sol

DATA = Path(__file__).parents[4] / "shared" / "data"
CANDLES = DATA / "token_ohlc_12h.csv"
SOL_USD = DATA / "sol_usd.csv"
MINT = "MintMintMintMintMintMintMintMintMintMintpump"
HEADER = "token_mint,token_symbol,time,open_usd,high_usd,low_usd,close_usd"

Import = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Runs `tradebook import prices` with arguments; it must not fail."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(import_trades, ["prices", *map(str, arguments)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def told(result: Result) -> tuple[int, ...]:
    """Read, stored, already there, left out."""
    return tuple(int(line[24:]) for line in result.stdout.splitlines())


def stored(db: psycopg.Connection[Any]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """SOL and USD by token and time."""
    return {
        (token, time): (sol, usd)
        for token, time, sol, usd in db.execute(
            "select token_address, book.plain_time(observed_at), price_sol, price_usd from token_prices"
        )
    }


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the real prices are no part of this repository: they are in ../shared/data, if anywhere"
)
@pytest.mark.parametrize("series", ["solanatracker_12h_open", "cielo_swap_minute"])
def test_the_real_files_are_stored_as_they_say_and_a_second_run_changes_nothing(
    run: Import, db: psycopg.Connection, series: str
) -> None:
    arguments = [CANDLES, SOL_USD, "--source=feed", f"--series={series}"]
    with SOL_USD.open() as file:
        sol_usd = {row["time"]: Decimal(row["price"]) for row in csv.DictReader(file) if row["source"] == series}
    expected = {(SOL, time): (Decimal(1), price) for time, price in sol_usd.items()}
    left_out = 0
    times = sorted((datetime.fromisoformat(time), price) for time, price in sol_usd.items())
    with CANDLES.open() as file:
        for row in csv.DictReader(file):
            opened = datetime.fromisoformat(row["time"])
            closed = opened + timedelta(hours=12) - timedelta(microseconds=1)
            for time, text in ((opened, row["open_usd"]), (closed, row["close_usd"])):
                place = bisect_right(times, (time, Decimal("Infinity"))) - 1
                is_known = place >= 0 and times[place][0] >= time - timedelta(hours=1)
                sol = to_sol(Decimal(text), times[place][1]) if is_known else None
                if sol is None:
                    left_out += 1
                else:
                    expected[row["token_mint"], time.isoformat().replace("+00:00", "Z")] = (sol, Decimal(text))
    read = len(sol_usd) + 2 * 6779
    assert told(run(*arguments)) == (read, len(expected), 0, left_out)
    assert stored(db) == expected
    before = checksums(db)
    db.rollback()
    assert told(run(*arguments)) == (read, 0, len(expected), left_out)
    assert checksums(db) == before


def test_a_candle_holds_its_opening_price_at_its_time_and_its_closing_price_just_before_its_end(
    run: Import, db: psycopg.Connection, tmp_path: Path
) -> None:
    """In whatever order the files come. The highest and the lowest are not kept."""
    candles = write(tmp_path / "c.csv", HEADER, f"{MINT},M,2026-01-01T00:00:00Z,2,9,1,4")
    sol_usd = write(tmp_path / "s.csv", "time,price,source", "2026-01-01T00:00:00Z,100,x", "2026-01-01T00:30:00Z,200,x")
    assert told(run(candles, sol_usd, "--source=feed", "--candle=1 hour")) == (4, 4, 0, 0)
    assert stored(db) == {
        (SOL, "2026-01-01T00:00:00Z"): (1, 100),
        (SOL, "2026-01-01T00:30:00Z"): (1, 200),
        (MINT, "2026-01-01T00:00:00Z"): (Decimal("0.02"), 2),
        (MINT, "2026-01-01T00:59:59.999999Z"): (Decimal("0.02"), 4),
    }


def test_what_no_sol_usd_price_is_known_for_is_left_out_and_told(
    run: Import, db: psycopg.Connection, tmp_path: Path
) -> None:
    candles = write(tmp_path / "c.csv", HEADER, f"{MINT},M,2026-01-01T00:00:00Z,2,9,1,4")
    sol_usd = write(tmp_path / "s.csv", "time,price,source", "2026-01-01T00:00:00Z,100,x")
    assert told(run(candles, "--source=feed")) == (2, 0, 0, 2)
    assert told(run(candles, sol_usd, "--source=feed")) == (3, 2, 0, 1)
    # Now at its own risk; and what was there stays as it is.
    assert told(run(candles, "--source=feed", "--max-age=12 hours")) == (2, 1, 1, 0)
    assert len(stored(db)) == 3


BAD = {
    "a negative price": (f"{MINT},M,2026-01-01T00:00:00Z,-2,9,1,4", "TB005"),
    "no closing price": (f"{MINT},M,2026-01-01T00:00:00Z,2,9,1,", "TB005"),
    "NaN": (f"{MINT},M,2026-01-01T00:00:00Z,NaN,9,1,4", "TB005"),
    "no time": (f"{MINT},M,,2,9,1,4", "TB011"),
    "no zone": (f"{MINT},M,2026-01-01T00:00:00,2,9,1,4", "TB011"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_line_that_is_wrong_is_named_and_nothing_is_stored(
    run: Import, db: psycopg.Connection, tmp_path: Path, what: str
) -> None:
    line, code = BAD[what]
    good = "2026-01-01T00:00:00Z,100,x"
    sol_usd = write(tmp_path / "s.csv", "time,price,source", good)
    candles = write(tmp_path / "c.csv", HEADER, f"{MINT},M,2026-01-02T00:00:00Z,2,9,1,4", line)
    with pytest.raises(psycopg.Error, match=r"^c\.csv:3: ") as refusal:
        run(sol_usd, candles, "--source=feed")
    assert refusal.value.sqlstate == code
    assert stored(db) == {}


def test_another_price_than_the_one_that_is_there_is_refused(
    run: Import, db: psycopg.Connection, tmp_path: Path
) -> None:
    run(write(tmp_path / "s.csv", "time,price,source", "2026-01-01T00:00:00Z,100,x"), "--source=feed")
    lines = ["2026-01-01T00:00:00Z,101,x", "2026-01-02T00:00:00Z,101,x"]
    with pytest.raises(psycopg.Error) as refusal:
        run(write(tmp_path / "t.csv", "time,price,source", *lines), "--source=feed")
    assert refusal.value.sqlstate == "TB008"
    assert len(stored(db)) == 1
    assert told(run(tmp_path / "t.csv", "--source=other")) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([""], "is not a CSV file"),
        (["a,b"], "is not a CSV file"),
        (["token_mint,time,open_usd"], "lacks close_usd"),
        (["time,price,source", "2026-01-01T00:00:00Z,1,x", '"'], "line 3: the line is not CSV"),
        (["time,price,source", "2026-01-01T00:00:00Z,1,x", "2026-01-01T00:00:00Z,1,y"], "several series"),
        (["time,price,source"], "has no prices of series"),
    ],
)
def test_a_file_that_is_none_of_these_is_refused_with_words(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    path = write(tmp_path / "p.csv", *lines)
    with pytest.raises(SetupError, match=words):
        CliRunner().invoke(import_trades, ["prices", str(path), "--source=feed"], catch_exceptions=False)
