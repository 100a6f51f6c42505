"""Reads the CSV files that `tradebook import` takes, into what book.import_transactions takes.

Only the form is judged here (a header, columns, a line's text); what a row means is judged by PostgreSQL.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from app.settings import SetupError

SOL = "So11111111111111111111111111111111111111112"

SWAP_COLUMNS = (
    "wallet_address", "transaction_hash", "transaction_time", "input_mint", "input_symbol", "input_amount",
    "output_mint", "output_symbol", "output_amount", "fee_sol", "value_usd", "source",
)  # fmt: skip
EVENT_COLUMNS = (
    "wallet_address", "transaction_hash", "transaction_time", "event_type", "direction", "counterparty", "mint",
    "symbol", "amount", "value_usd",
)  # fmt: skip
PRICE_COLUMNS = ("time", "price", "source")
SIGNAL_COLUMNS = ("time", "token_address", "signal_type", "signal_strength")
SIGNAL_DETAILS = ("symbol", "source", "market_cap_usd", "liquidity_usd", "holder_count")
CANDLE_COLUMNS = ("token_mint", "time", "open_usd", "close_usd")

Airdrops = Literal["zero", "value"]


class ImportFileError(SetupError):
    """A file as a whole is not of its format."""


@dataclass(frozen=True)
class BrokenLine:
    """A line that is no row of its file."""

    file: str
    line: int
    explanation: str


@dataclass(frozen=True)
class Row:
    """A row of a file: a transaction as book.transaction_from_json takes it, without id and agentId."""

    file: str
    line: int
    cells: dict[str, str]
    transaction: dict[str, Any]

    def time(self) -> datetime:
        """When it happened; the earliest time of all where that cannot be read, which PostgreSQL then refuses."""
        try:
            return datetime.fromisoformat(self.transaction["transactionTime"]).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            return datetime.min.replace(tzinfo=UTC)

    def identity(self) -> str:
        """What tells the row from others, whatever the options: its leg on chain, else all that its line says."""
        if self.transaction.get("transactionHash"):
            names = ["walletAddress", "transactionHash", "transactionType", "inputMint", "outputMint"]
            return " ".join(self.transaction.get(name, "-") for name in names)
        return json.dumps(self.cells, sort_keys=True)


@dataclass
class Files:
    """What files hold: rows in the order of the book, lines that are none, and events that are no transfers."""

    rows: list[Row]
    broken: list[BrokenLine]
    skipped: int


def read_files(swaps: Path | None, events: Path | None, airdrops: Airdrops) -> Files:
    """Read and merge the files: by time, ties by file (swaps first) and line. Raises ImportFileError."""
    files = Files([], [], 0)
    if swaps is not None:
        for line, told in _lines(swaps, SWAP_COLUMNS, files.broken):
            files.rows.append(Row(swaps.name, line, told, _swap(told)))
    if events is not None:
        for line, told in _lines(events, EVENT_COLUMNS, files.broken):
            if told["event_type"] == "transfer" and told["direction"] not in ("in", "out"):
                files.broken.append(
                    BrokenLine(events.name, line, f"the direction is {told['direction']!r}, not in or out")
                )
            elif told["event_type"] == "transfer":
                files.rows.append(Row(events.name, line, told, _transfer(told, airdrops)))
            else:
                files.skipped += 1
    files.rows.sort(key=Row.time)
    return files


def to_book(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as book.import_transactions takes them; equal ones are numbered."""
    seen: Counter[str] = Counter()
    numbered = []
    for row in rows:
        identity = row.identity()
        seen[identity] += 1
        numbered.append(
            {
                "file": row.file,
                "line": row.line,
                "identity": identity,
                "occurrence": seen[identity],
                "transaction": row.transaction,
            }
        )
    return numbered


def read_prices(path: Path, series: str | None) -> tuple[str, list[str], list[str]]:
    """The name, times and prices of one series of a price file. Raises ImportFileError."""
    chosen = _only_series(path, series)
    prices = list(price_lines(path, chosen))
    return chosen, [each.time for each in prices], [each.open_usd for each in prices]


@dataclass(frozen=True)
class PriceLine:
    """A line of a file of prices: what a token cost at a time, and at the end of the candle that begins with it."""

    file: str
    line: int
    token_address: str
    time: str
    open_usd: str
    close_usd: str | None
    """None where the line is no candle."""


def price_lines(path: Path, series: str | None) -> Iterator[PriceLine]:
    """The lines of a file of SOL/USD prices (of one of its series) or of candles. Raises ImportFileError."""
    broken: list[BrokenLine] = []
    is_candles = "token_mint" in _header(path)
    if not is_candles:
        series = _only_series(path, series)
    for line, told in _lines(path, CANDLE_COLUMNS if is_candles else PRICE_COLUMNS, broken):
        if broken:
            break
        if is_candles:
            yield PriceLine(path.name, line, told["token_mint"], told["time"], told["open_usd"], told["close_usd"])
        elif told["source"] == series:
            yield PriceLine(path.name, line, SOL, told["time"], told["price"], None)
    if broken:
        raise ImportFileError(f"{path}, line {broken[0].line}: {broken[0].explanation}")


def signal_lines(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a file of signals as book.place_replay_signals takes them. Raises ImportFileError."""
    broken: list[BrokenLine] = []
    for _, told in _lines(path, SIGNAL_COLUMNS, broken):
        if broken:
            break
        yield _without_empty(**{name: told.get(name) for name in SIGNAL_COLUMNS + SIGNAL_DETAILS})
    if broken:
        raise ImportFileError(f"{path}, line {broken[0].line}: {broken[0].explanation}")


def _only_series(path: Path, series: str | None) -> str:
    """The series to read of a file of SOL/USD prices: that one, or the only one."""
    names = sorted({told["source"] for _, told in _lines(path, PRICE_COLUMNS, [])})
    if series is None and len(names) > 1:
        raise ImportFileError(f"{path} holds several series; choose one with --series: {', '.join(names)}")
    chosen = series if series is not None else "".join(names)
    if chosen not in names:
        raise ImportFileError(f"{path} has no prices of series {chosen!r}; it has: {', '.join(names) or 'none'}")
    return chosen


def _header(path: Path) -> list[str]:
    """The names of its columns."""
    return _cells(next(_text_lines(path), "")) or []


def _lines(path: Path, columns: tuple[str, ...], broken: list[BrokenLine]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and columns of each row. A line is read by itself, so that a stray quote spoils one row only."""
    lines = _text_lines(path)
    first = next(lines, None)
    header = _cells(first) if first is not None else None
    missing = [name for name in columns if name not in (header or [])]
    if header is not None and not missing and len(set(header)) < len(header):
        raise ImportFileError(f"{path} is not a CSV file of this kind: its first line names a column twice")
    if header is None or missing:
        raise ImportFileError(f"{path} is not a CSV file of this kind: its first line lacks {', '.join(missing)}")
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        cells = _cells(line)
        if cells is None:
            broken.append(BrokenLine(path.name, number, "the line is not CSV"))
        elif "\0" in line:
            broken.append(BrokenLine(path.name, number, "the line holds a null byte"))
        elif len(cells) != len(header):
            broken.append(BrokenLine(path.name, number, f"the line has {len(cells)} columns, not {len(header)}"))
        else:
            yield number, dict(zip(header, cells, strict=True))


def _text_lines(path: Path) -> Iterator[str]:
    """The lines of a file, one by one; only a line feed ends one: a symbol may hold others that Unicode knows."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file):
                yield line.decode("utf-8" if number else "utf-8-sig").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ImportFileError(f"{path} is not a CSV file: it is not text in UTF-8") from error


def _cells(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None


def _swap(told: dict[str, str]) -> dict[str, Any]:
    return _without_empty(
        walletAddress=told["wallet_address"],
        transactionType="SWAP",
        transactionTime=told["transaction_time"],
        transactionHash=told["transaction_hash"],
        inputMint=told["input_mint"],
        inputSymbol=told["input_symbol"],
        inputAmount=told["input_amount"],
        outputMint=told["output_mint"],
        outputSymbol=told["output_symbol"],
        outputAmount=told["output_amount"],
        feesSol=told["fee_sol"],
        valueUsd=told["value_usd"],
        routes={"source": told["source"]} if told["source"] else None,
    )


def _transfer(told: dict[str, str], airdrops: Airdrops) -> dict[str, Any]:
    arrives = told["direction"] == "in"
    is_airdrop = arrives and told["mint"] != SOL and airdrops == "zero"
    return _without_empty(
        walletAddress=told["wallet_address"],
        transactionType="DEPOSIT" if arrives else "WITHDRAWAL",
        transactionTime=told["transaction_time"],
        transactionHash=told["transaction_hash"],
        inputMint=told["mint"],
        inputSymbol=told["symbol"],
        inputAmount=told["amount"],
        valueSol="0" if is_airdrop else None,
        valueUsd="0" if is_airdrop else told["value_usd"],
        destinationAddress=None if arrives else told["counterparty"],
    )


def _without_empty(**fields: Any) -> dict[str, Any]:
    """The fields that say something: an empty cell means unknown."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
