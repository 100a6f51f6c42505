"""`tradebook replay`: configs beside each other on the same past, the same each time; one's own is left alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.commands import replay as command
from app.settings import SetupError
from tests.ledger import checksums

START = datetime(2026, 1, 1, tzinfo=UTC)
REAL = Path(__file__).parents[4] / "shared" / "data"

Try = Callable[..., Result]


def write(path: Path, header: str, rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def hours(number: int) -> str:
    return f"{START + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def run(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Replays one token that doubles, falls to a third, and stays there, on the test's database instead of a server."""

    @contextmanager
    def here() -> Iterator[str]:
        with psycopg.connect(database_url) as connection:
            for table in ("users", "trading_signals", "token_prices"):
                connection.execute(f"delete from {table}")
            connection.execute("select setval('trading_signals_id_seq', 1, false)")
        yield database_url

    monkeypatch.setattr(command, "_scratch_database", here)
    prices = ["0.1", "0.12", "0.2", "0.17", "0.06", "0.06"]
    candles = write(
        tmp_path / "candles.csv",
        "token_mint,time,open_usd,close_usd",
        [["A", hours(n), f"{float(price) * 100:.2f}", f"{float(price) * 100:.2f}"] for n, price in enumerate(prices)],
    )
    sol = write(tmp_path / "sol.csv", "time,price,source", [[hours(0), "100", "somebody"]])
    signals = write(
        tmp_path / "signals.csv",
        "time,token_address,signal_type,signal_strength,symbol",
        [["2025-12-31T23:30:00Z", "A", "buy", 3, "AAA"], [hours(9), "A", "buy", 3, "AAA"]],
    )
    (tmp_path / "held.json").write_text('{"stopLoss": {"enabled": false}, "staleTrade": {"enabled": false}}')
    (tmp_path / "wrong.json").write_text('{"stopLoss": {"mode": "sideways"}}')
    (tmp_path / "broken.json").write_text("{")

    def replay(*arguments: str) -> Result:
        files = [str(candles), str(sol), "--signals", str(signals), "--candle", "1 hour"]
        given = [str(tmp_path / each) if each.endswith(".json") else each for each in arguments]
        return CliRunner().invoke(command.replay, [*files, *given], catch_exceptions=False)

    return replay


def figures(output: str) -> dict[str, list[str]]:
    rows = [line.split("  ") for line in output.splitlines() if line.startswith("  ") and "─" not in line]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return {row[0]: row[1:] for row in cells if len(row) > 1}


def test_configs_stand_beside_each_other_as_they_are_given(run: Try) -> None:
    result = run("--compare", "held.json", "--compare", "defaults")
    assert result.stdout.startswith("2026-01-01 00:00 to 2026-01-01 05:59 UTC, 1 signals\n")
    assert result.stderr.startswith("1 signals left out")
    table = figures(result.stdout)
    assert table["held"] == ["defaults"]
    # Bought at 0.1. The default stop has gone up to 90 % with the price of 0.2, and sells at 0.17.
    assert table["trades closed"] == ["0", "1"]
    assert table["open positions"] == ["1", "0"]
    held, sold = (float(table["end value SOL"][n]) for n in (0, 1))
    spent = 10 - held  # what is lost is 40 % of what was spent
    assert 0.5 <= spent / 0.4 <= 2
    assert float(table["realized gain SOL"][1]) == pytest.approx(sold - 10, abs=2e-4)
    assert 0.35 <= float(table["realized gain SOL"][1]) <= 1.4


def test_the_same_past_gives_the_same_figures_whatever_else_is_compared(run: Try) -> None:
    first = run("--compare", "defaults", "--compare", "held.json")
    again = run("--compare", "defaults", "--compare", "held.json")
    alone = run("--compare", "held.json")
    assert first.stdout == again.stdout
    beside, by_itself = figures(first.stdout), figures(alone.stdout)
    assert [beside[name][1] for name in command.FIGURES] == [by_itself[name][0] for name in command.FIGURES]


def test_slippage_and_fees_cost_what_they_say(run: Try) -> None:
    free = figures(run("--compare", "defaults").stdout)
    dear = figures(run("--compare", "defaults", "--slippage-bps", "100", "--fee-lamports", "5000").stdout)
    assert dear["fees SOL"] == ["0.00001"]
    assert float(dear["end value SOL"][0]) < float(free["end value SOL"][0])


def test_a_config_that_is_none_is_told_and_so_is_one_that_breaks_rules(run: Try) -> None:
    with pytest.raises(SetupError, match=r"broken\.json is no trading config"):
        run("--compare", "broken.json")
    with pytest.raises(SetupError, match=r"nowhere\.json is no trading config"):
        run("--compare", "nowhere.json")
    with pytest.raises(SetupError, match="two configs are called held"):
        run("--compare", "held.json", "--compare", "held.json")
    with pytest.raises(psycopg.Error) as refused:
        run("--compare", "wrong.json")
    assert refused.value.sqlstate == "TB040"


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data, with real prices, is not here")
def test_real_prices_are_replayed_in_a_database_that_is_thrown_away(
    tmp_path: Path, db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checksums(db)
    db.rollback()
    monkeypatch.setenv("DATABASE_URL", database_url)
    with (REAL / "token_ohlc_12h.csv").open() as file:
        candles = list(csv.DictReader(file))[::150]
    signals = write(
        tmp_path / "signals.csv",
        "time,token_address,signal_type,signal_strength",
        [[each["time"], each["token_mint"], "buy", 3] for each in candles],
    )
    result = CliRunner().invoke(
        command.replay,
        [
            *(str(REAL / "token_ohlc_12h.csv"), str(REAL / "sol_usd.csv"), "--series", "solanatracker_12h_open"),
            *("--signals", str(signals), "--compare", "defaults"),
        ],
        catch_exceptions=False,
    )
    table = figures(result.stdout)
    assert sum(int(table[f"signals {name}"][0]) for name in ("followed", "skipped", "failed")) == len(candles)
    assert int(table["signals followed"][0]) > len(candles) / 2
    assert checksums(db) == before
