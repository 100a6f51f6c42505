"""The accounting rules in plain Python: a second implementation, to be compared with the database's.

Three layers, to be read in this order or used one by one:

1. `read_files` and `book_rows`: rows of CSV files become valued transactions; what is short is refused or deposited.
2. `fold`: valued transactions become books (`Wallet`, `Position`, `Sale`); `check_laws` tests what must always hold.
3. `book_lines`: the books as text, one line per balance, position and sale.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path
from typing import Literal

SOL = "So11111111111111111111111111111111111111112"
QUOTE_TOKENS = frozenset(
    {
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",  # USDC
        "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",  # USDT
    }
)
ZERO = Decimal(0)
PLACES = Decimal("1e-18")
LIMIT = Decimal("1e20")  # numeric(38,18) holds 20 digits before the point
DUST = Decimal("1e-6")
LATEST_AHEAD = timedelta(minutes=5)

# Sums and products of stored numbers fit in 200 digits, so that only a quotient is inexact before it is rounded.
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)

Type = Literal["DEPOSIT", "WITHDRAWAL", "BURN", "SWAP"]
Shortfall = Literal["refuse", "deposit"]
Airdrops = Literal["zero", "value"]


@contextmanager
def exact() -> Iterator[None]:
    """Compute exactly inside: Python's own default of 28 digits would round sums silently."""
    with localcontext(EXACT):
        yield


@exact()
def round18(number: Decimal) -> Decimal:
    """Round to 18 places, half away from zero."""
    return number.quantize(PLACES, rounding=ROUND_HALF_UP)


class Refused(Exception):
    """A transaction that the rules do not let in. Nothing of it is booked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One valued fact. The `output` columns are read for a SWAP only; no wallet means a record that moves nothing."""

    id: str
    wallet: str | None
    type: Type
    time: datetime
    input_mint: str
    input_amount: Decimal
    output_mint: str = ""
    output_amount: Decimal = ZERO
    fees_sol: Decimal = ZERO
    value_sol: Decimal = ZERO
    value_usd: Decimal = ZERO
    fees_usd: Decimal = ZERO
    transaction_hash: str = ""


@exact()
def legs(tx: Transaction) -> dict[str, Decimal]:
    """Net change of each balance that the transaction touches: the fee is judged with its own row."""
    change: defaultdict[str, Decimal] = defaultdict(Decimal)
    change[tx.input_mint] += tx.input_amount if tx.type == "DEPOSIT" else -tx.input_amount
    if tx.type == "SWAP":
        change[tx.output_mint] += tx.output_amount
    if tx.fees_sol:
        change[SOL] -= tx.fees_sol
    return dict(change)


# ---- Layer 2: the fold ----------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Sale:
    """One historical swap: a sale or a burn of a token, partial or full."""

    transaction_id: str
    transaction_hash: str
    token: str
    time: datetime
    amount: Decimal
    released_sol: Decimal
    released_usd: Decimal
    proceeds_sol: Decimal
    proceeds_usd: Decimal
    is_burn: bool
    position_id: str
    opened_at: datetime
    closes_position: bool = False
    # Of the whole position, and only on the sale that closes it, so that trades are counted without grouping.
    position_gain_sol: Decimal | None = None
    position_gain_usd: Decimal | None = None
    position_invested_sol: Decimal | None = None
    position_invested_usd: Decimal | None = None
    position_closed_by: str | None = None
    position_closed_at: datetime | None = None

    @property
    @exact()
    def gain_sol(self) -> Decimal:
        """Proceeds less the cost released."""
        return self.proceeds_sol - self.released_sol

    @property
    @exact()
    def gain_usd(self) -> Decimal:
        """The same in USD, from the USD cost of the time of each buy."""
        return self.proceeds_usd - self.released_usd


@dataclass(kw_only=True)
class Position:
    """A token that the wallet holds, at average cost. Its id is the transaction that opened it."""

    id: str
    token: str
    opened_at: datetime
    managed: bool
    held: Decimal = ZERO
    cost_sol: Decimal = ZERO
    cost_usd: Decimal = ZERO
    purchase_amount: Decimal = ZERO
    invested_sol: Decimal = ZERO
    invested_usd: Decimal = ZERO
    realized_sol: Decimal = ZERO
    realized_usd: Decimal = ZERO
    first_buy_id: str | None = None
    dca_ids: list[str] = field(default_factory=list)
    last_dca_time: datetime | None = None
    sales: list[Sale] = field(default_factory=list)

    @property
    @exact()
    def is_dust(self) -> bool:
        """Whether only crumbs are left, or nothing: closed for every statistic, though the crumbs stay held."""
        return self.held <= DUST * self.purchase_amount

    def add(self, amount: Decimal, cost_sol: Decimal, cost_usd: Decimal) -> None:
        """Take tokens in, at their cost."""
        self.held += amount
        self.cost_sol += cost_sol
        self.cost_usd += cost_usd
        self.purchase_amount += amount
        self.invested_sol += cost_sol
        self.invested_usd += cost_usd

    def count_buy(self, tx: Transaction) -> None:
        """Note a buy: every one after the position's first is a DCA buy."""
        if self.first_buy_id is None:
            self.first_buy_id = tx.id
        else:
            self.dca_ids.append(tx.id)
            self.last_dca_time = tx.time

    def release(self, amount: Decimal) -> tuple[Decimal, Decimal]:
        """Give tokens up; return their cost in SOL and USD. The last ones take all that is left, so none is lost."""
        if amount == self.held:
            cost_sol, cost_usd = self.cost_sol, self.cost_usd
        else:
            cost_sol = round18(self.cost_sol * amount / self.held)
            cost_usd = round18(self.cost_usd * amount / self.held)
        self.held -= amount
        self.cost_sol -= cost_sol
        self.cost_usd -= cost_usd
        return cost_sol, cost_usd

    def close(self, tx: Transaction) -> None:
        """Flag the last sale with the result of the position that `tx` ends. Without any it is neither won nor lost."""
        if self.sales:
            last = self.sales[-1]
            last.closes_position = True
            last.position_gain_sol = self.realized_sol
            last.position_gain_usd = self.realized_usd
            last.position_invested_sol = self.invested_sol
            last.position_invested_usd = self.invested_usd
            last.position_closed_by = tx.id
            last.position_closed_at = tx.time


@dataclass
class Wallet:
    """The books of one wallet. `positions` has the tokens held now, crumbs included, and never SOL."""

    address: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    sales: list[Sale] = field(default_factory=list)
    # Cost in SOL and USD that left with withdrawals, by token: no gain, but the laws count it.
    withdrawn: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @exact()
    def apply(self, tx: Transaction) -> None:
        """Book one transaction, or raise `Refused` with nothing changed. SOL is judged by the caller."""
        gives = tx.type != "DEPOSIT"
        if gives and tx.input_mint != SOL and tx.input_amount > self.balances.get(tx.input_mint, ZERO):
            raise Refused("insufficient_holding")
        for token, change in legs(tx).items():
            self.balances[token] = self.balances.get(token, ZERO) + change
        if gives:
            self._dispose(tx)
        else:
            self._acquire(tx, tx.input_mint, tx.input_amount)
        if tx.type == "SWAP":
            self._acquire(tx, tx.output_mint, tx.output_amount)

    def _acquire(self, tx: Transaction, token: str, amount: Decimal) -> None:
        """A buy or a deposit: open the token's position, or add to it."""
        if token == SOL:
            return
        is_buy = tx.type == "SWAP"
        cost_sol, cost_usd = tx.value_sol, tx.value_usd
        if is_buy and tx.input_mint == SOL:
            # Between two tokens the fee has reduced the proceeds of the one sold already.
            cost_sol, cost_usd = cost_sol + tx.fees_sol, cost_usd + tx.fees_usd
        position = self.positions.get(token)
        if position is None or position.is_dust:
            crumbs = position
            managed = is_buy and token not in QUOTE_TOKENS
            position = Position(id=tx.id, token=token, opened_at=tx.time, managed=managed)
            if crumbs is not None:
                position.add(crumbs.held, crumbs.cost_sol, crumbs.cost_usd)
            self.positions[token] = position
        position.add(amount, cost_sol, cost_usd)
        if is_buy:
            position.count_buy(tx)

    def _dispose(self, tx: Transaction) -> None:
        """A sale, burn or withdrawal: release cost, and record the gain of what was sold or burned."""
        if tx.input_mint == SOL:
            return
        position = self.positions[tx.input_mint]
        was_open = not position.is_dust
        released_sol, released_usd = position.release(tx.input_amount)
        if tx.type == "WITHDRAWAL":
            before_sol, before_usd = self.withdrawn.get(tx.input_mint, (ZERO, ZERO))
            self.withdrawn[tx.input_mint] = before_sol + released_sol, before_usd + released_usd
        else:
            is_burn = tx.type == "BURN"
            sale = Sale(
                transaction_id=tx.id,
                transaction_hash=tx.transaction_hash,
                token=tx.input_mint,
                time=tx.time,
                amount=tx.input_amount,
                released_sol=released_sol,
                released_usd=released_usd,
                proceeds_sol=ZERO if is_burn else tx.value_sol - tx.fees_sol,
                proceeds_usd=ZERO if is_burn else tx.value_usd - tx.fees_usd,
                is_burn=is_burn,
                position_id=position.id,
                opened_at=position.opened_at,
            )
            position.realized_sol += sale.gain_sol
            position.realized_usd += sale.gain_usd
            position.sales.append(sale)
            self.sales.append(sale)
        if was_open and position.is_dust:
            position.close(tx)
        if position.held == 0:
            del self.positions[tx.input_mint]


Books = dict[str, Wallet]


def fold(transactions: Iterable[Transaction]) -> Books:
    """Books of all wallets, from facts in any order of time; facts of one instant keep the order given."""
    books: Books = {}
    for tx in sorted(transactions, key=lambda tx: tx.time):
        if tx.wallet is not None:
            books.setdefault(tx.wallet, Wallet(tx.wallet)).apply(tx)
    return books


@exact()
def total_gain(books: Books) -> tuple[Decimal, Decimal]:
    """Gain of all sales and burns, in SOL and USD."""
    sales = [sale for wallet in books.values() for sale in wallet.sales]
    return sum((sale.gain_sol for sale in sales), ZERO), sum((sale.gain_usd for sale in sales), ZERO)


@exact()
def check_laws(books: Books, transactions: Iterable[Transaction]) -> list[str]:
    """What must always hold between the facts and their books, exactly: one line per violation."""
    facts: defaultdict[str, list[Transaction]] = defaultdict(list)
    for tx in transactions:
        if tx.wallet is not None:
            facts[tx.wallet].append(tx)
    found = []
    if facts.keys() != books.keys():
        found.append(f"wallets of the facts and of the books differ: {sorted(facts.keys() ^ books.keys())}")
    for address in sorted(facts.keys() & books.keys()):
        found += [f"{address}: {violation}" for violation in _violations(books[address], facts[address])]
    return found


def _violations(wallet: Wallet, facts: list[Transaction]) -> Iterator[str]:
    """Laws 1 to 5 for one wallet: what the facts sum up to, against what the books hold."""
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    cost_in: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    outside_sol = ZERO  # SOL and token value that came from outside, less SOL that left and expenses
    for tx in facts:
        for token, change in legs(tx).items():
            balances[token] += change
        if tx.type == "DEPOSIT":
            outside_sol += (tx.input_amount if tx.input_mint == SOL else tx.value_sol) - tx.fees_sol
        elif tx.type != "SWAP":
            outside_sol -= tx.fees_sol + (tx.input_amount if tx.input_mint == SOL else ZERO)
        acquired = {"DEPOSIT": tx.input_mint, "SWAP": tx.output_mint}.get(tx.type, SOL)
        if acquired != SOL:
            fee_in_cost = tx.type == "SWAP" and tx.input_mint == SOL
            cost_in[acquired][0] += tx.value_sol + (tx.fees_sol if fee_in_cost else ZERO)
            cost_in[acquired][1] += tx.value_usd + (tx.fees_usd if fee_in_cost else ZERO)

    if wallet.balances != balances:
        yield "law 1: balances are not the sums of their legs"
    for token, balance in wallet.balances.items():
        if balance < 0:
            yield f"law 1: {token} is below zero by {plain(-balance)}"

    held = {token: position.held for token, position in wallet.positions.items()}
    if held != {token: balance for token, balance in wallet.balances.items() if token != SOL and balance != 0}:
        yield "law 2: positions do not hold what the balances say"

    cost_out: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for sale in wallet.sales:
        cost_out[sale.token][0] += sale.released_sol
        cost_out[sale.token][1] += sale.released_usd
    for token, costs in wallet.withdrawn.items():
        cost_out[token][0] += costs[0]
        cost_out[token][1] += costs[1]
    for token, position in wallet.positions.items():
        cost_out[token][0] += position.cost_sol
        cost_out[token][1] += position.cost_usd
    for token in sorted(cost_in.keys() | cost_out.keys()):
        for currency, paid, found in zip(("SOL", "USD"), cost_in[token], cost_out[token], strict=True):
            if paid != found:
                yield f"law 3: {token} cost {plain(paid)} {currency}, released and held is {plain(found)}"

    cost_held = sum((position.cost_sol for position in wallet.positions.values()), ZERO)
    cost_withdrawn = sum((costs[0] for costs in wallet.withdrawn.values()), ZERO)
    gain = sum((sale.gain_sol for sale in wallet.sales), ZERO)
    have, expected = wallet.balances.get(SOL, ZERO) + cost_held, outside_sol - cost_withdrawn + gain
    if have != expected:
        yield f"law 4: SOL and cost held are {plain(have)}, the facts explain {plain(expected)}"

    sold = sorted(tx.id for tx in facts if tx.type in ("BURN", "SWAP") and tx.input_mint != SOL)
    if sold != sorted(sale.transaction_id for sale in wallet.sales):
        yield "law 5: sales and burns do not have one historical swap each"


# ---- Layer 1: from files to valued transactions ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Row:
    """A well-formed row of a file. Its value is only what the file gives."""

    file: str
    line: int
    id: str
    wallet: str
    type: Type
    time: datetime
    input_mint: str
    input_amount: Decimal
    output_mint: str = ""
    output_amount: Decimal = ZERO
    fees_sol: Decimal = ZERO
    value_usd: Decimal | None = None
    transaction_hash: str = ""


@dataclass(frozen=True)
class Refusal:
    """A row that was not booked."""

    file: str
    line: int
    reason: str


class Prices:
    """SOL/USD prices of one source; of several at one time the last counts."""

    def __init__(self, points: Iterable[tuple[datetime, Decimal]] = ()) -> None:
        ordered = sorted(points, key=lambda point: point[0])
        self._times = [time for time, _ in ordered]
        self._prices = [price for _, price in ordered]

    @classmethod
    def constant(cls, price: Decimal) -> Prices:
        """The same price at all times."""
        return cls([(datetime.min.replace(tzinfo=UTC), price)])

    def at(self, time: datetime) -> Decimal | None:
        """The latest price at or before a time, however old."""
        index = bisect_right(self._times, time)
        return self._prices[index - 1] if index else None


def parse_time(text: str) -> datetime:
    """An ISO 8601 time with its offset, in UTC."""
    try:
        if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("invalid_time")


def parse_number(text: str) -> Decimal:
    """A plain decimal, not negative. More than 18 places are refused, never rounded."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,18})?", text):
        raise Refused("invalid_number")
    number = Decimal(text)
    if number >= LIMIT:
        raise Refused("amount_out_of_range")
    return number


def parse_amount(text: str) -> Decimal:
    """A number above zero."""
    amount = parse_number(text)
    if amount == 0:
        raise Refused("invalid_number")
    return amount


def parse_row(file: str, line: int, row_id: str, fields: dict[str, str]) -> Row | None:
    """A row of either format, or None for an event that is no transfer."""

    def required(column: str) -> str:
        if not fields.get(column):
            raise Refused(f"{column}_required")
        return fields[column]

    is_event = "event_type" in fields
    if is_event and fields["event_type"] != "transfer":
        return None
    value_usd = fields.get("value_usd")
    row = Row(
        file=file,
        line=line,
        id=row_id,
        wallet=required("wallet_address"),
        type="SWAP",
        time=parse_time(required("transaction_time")),
        input_mint=required("mint" if is_event else "input_mint"),
        input_amount=parse_amount(required("amount" if is_event else "input_amount")),
        fees_sol=parse_number(fields.get("fee_sol") or "0"),
        value_usd=parse_number(value_usd) if value_usd else None,
        transaction_hash=fields.get("transaction_hash", ""),
    )
    if is_event:
        if fields.get("direction") not in ("in", "out"):
            raise Refused("invalid_direction")
        return replace(row, type="DEPOSIT" if fields["direction"] == "in" else "WITHDRAWAL")
    row = replace(row, output_mint=required("output_mint"), output_amount=parse_amount(required("output_amount")))
    if row.input_mint == row.output_mint:
        raise Refused("same_mint")
    return row


def read_files(paths: Sequence[str]) -> tuple[list[Row], list[Refusal], int]:
    """Rows of all files in order of time, then of the files, then of their lines; malformed rows; rows skipped."""
    rows: list[Row] = []
    refused: list[Refusal] = []
    skipped = 0
    for number, path in enumerate(paths, 1):
        with Path(path).open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, restval="")
            if not {"input_mint", "event_type"} & set(reader.fieldnames or ()):
                raise SystemExit(f"{path}: neither a file of swaps (input_mint) nor of events (event_type)")
            for fields in reader:
                try:
                    row = parse_row(path, reader.line_num, f"{number}:{reader.line_num}", fields)
                except Refused as error:
                    refused.append(Refusal(path, reader.line_num, error.reason))
                    continue
                if row is None:
                    skipped += 1
                else:
                    rows.append(row)
    rows.sort(key=lambda row: row.time)
    return rows, refused, skipped


def read_prices(price_or_path: str | None, series: str | None = None) -> Prices:
    """No price at all, a constant, or one series of a file with columns time, price and source."""
    if price_or_path is None:
        return Prices()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", price_or_path):
        return Prices.constant(parse_amount(price_or_path))
    with Path(price_or_path).open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    sources = {row["source"] for row in rows}
    if series is None and len(sources) > 1:
        raise SystemExit(f"{price_or_path}: choose one --series of {', '.join(sorted(sources))}")
    if series is not None and series not in sources:
        raise SystemExit(f"{price_or_path}: no series {series}")
    chosen = [row for row in rows if series in (None, row["source"])]
    return Prices((parse_time(row["time"]), parse_amount(row["price"])) for row in chosen)


@exact()
def to_usd(value_sol: Decimal, price: Decimal | None) -> Decimal:
    """SOL in USD. Nothing is valued at a made-up price."""
    if price is None:
        raise Refused("value_required")
    return round18(value_sol * price)


@exact()
def to_sol(value_usd: Decimal | None, price: Decimal | None) -> Decimal:
    """USD in SOL."""
    if value_usd is None or price is None:
        raise Refused("value_required")
    return round18(value_usd / price)


@exact()
def value_row(row: Row, price: Decimal | None, airdrops: Airdrops) -> Transaction:
    """The transaction that a row stands for, valued in SOL and USD."""
    sol_leg = {row.input_mint: row.input_amount, row.output_mint: row.output_amount}.get(SOL)
    given = row.value_usd
    if row.type == "WITHDRAWAL":
        # It moves at cost, so a value that nobody knows does no harm.
        known = given is not None and price is not None
        value_sol = sol_leg if sol_leg is not None else to_sol(given, price) if known else ZERO
        value_usd = given if given is not None else to_usd(value_sol, price) if price is not None else ZERO
    elif row.type == "DEPOSIT" and sol_leg is None and airdrops == "zero":
        value_sol = value_usd = ZERO
    elif row.type == "DEPOSIT" and sol_leg is None and given is None:
        raise Refused("value_required")
    else:
        value_sol = sol_leg if sol_leg is not None else to_sol(given, price)
        value_usd = given if given is not None else to_usd(value_sol, price)

    if row.fees_sol == 0:
        fees_usd = ZERO
    elif given is not None and sol_leg is not None:
        fees_usd = round18(row.fees_sol * given / sol_leg)
    else:
        fees_usd = to_usd(row.fees_sol, price)
    return Transaction(
        id=row.id,
        wallet=row.wallet,
        type=row.type,
        time=row.time,
        input_mint=row.input_mint,
        input_amount=row.input_amount,
        output_mint=row.output_mint,
        output_amount=row.output_amount,
        fees_sol=row.fees_sol,
        value_sol=value_sol,
        value_usd=value_usd,
        fees_usd=fees_usd,
        transaction_hash=row.transaction_hash,
    )


@exact()
def missing_deposits(
    tx: Transaction, balances: dict[str, Decimal], price: Decimal | None, shortfall: Shortfall
) -> list[Transaction]:
    """Deposits of exactly what the transaction takes beyond the balances, or `Refused`."""
    after = {token: balances.get(token, ZERO) + change for token, change in legs(tx).items()}
    short = {token: -balance for token, balance in after.items() if balance < 0}
    if short and shortfall == "refuse":
        raise Refused("insufficient_balance" if SOL in short else "insufficient_holding")
    deposits = []
    for token, amount in short.items():
        # A token came at the price at which it leaves, so that it makes neither gain nor loss.
        value_sol = amount if token == SOL else round18(tx.value_sol * amount / tx.input_amount)
        deposits.append(
            Transaction(
                id=f"{tx.id}:{token}",
                wallet=tx.wallet,
                type="DEPOSIT",
                time=tx.time,
                input_mint=token,
                input_amount=amount,
                value_sol=value_sol,
                value_usd=ZERO if value_sol == 0 else to_usd(value_sol, price),
            )
        )
    return deposits


@dataclass
class Booked:
    """What became of some rows: facts for the fold, deposits of shortfalls among them, and refused rows."""

    transactions: list[Transaction] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    rows: int = 0
    deposits: int = 0


@exact()
def book_rows(
    rows: Iterable[Row],
    prices: Prices,
    shortfall: Shortfall = "refuse",
    airdrops: Airdrops = "zero",
    at: datetime | None = None,
) -> Booked:
    """Judge rows one after another, each against what the rows before it left. `at` is the clock, if it counts."""
    booked = Booked()
    balances: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        try:
            if at is not None and row.time > at + LATEST_AHEAD:
                raise Refused("time_in_future")
            price = prices.at(row.time)
            tx = value_row(row, price, airdrops)
            held = balances[row.wallet]
            deposits = missing_deposits(tx, held, price, shortfall)
            after: dict[str, Decimal] = {}
            for part in [*deposits, tx]:
                for token, change in legs(part).items():
                    after[token] = after.get(token, held.get(token, ZERO)) + change
                stored = (part.input_amount, part.value_sol, part.value_usd, part.fees_usd, *after.values())
                if any(number >= LIMIT for number in stored):
                    raise Refused("amount_out_of_range")
        except Refused as error:
            booked.refused.append(Refusal(row.file, row.line, error.reason))
        else:
            held.update(after)
            booked.transactions += [*deposits, tx]
            booked.rows += 1
            booked.deposits += len(deposits)
    return booked


# ---- Layer 3: printing ----------------------------------------------------------------------------------------------


def plain(number: Decimal) -> str:
    """A number without exponent, trailing zeros or a minus before zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if number == 0 else text


def utc(time: datetime) -> str:
    """A time in UTC; its fraction of a second only where there is one."""
    text = time.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def book_lines(books: Books) -> list[str]:
    """One line per balance, position and sale, sorted together so that two books can be compared."""
    lines = []
    for wallet in books.values():
        items: list[tuple[str, str, list[str]]] = []
        items += [("balance", token, [plain(balance)]) for token, balance in wallet.balances.items()]
        for position in wallet.positions.values():
            numbers = (position.held, position.cost_sol, position.cost_usd)
            items.append(("position", position.token, [plain(number) for number in numbers]))
        for sale in wallet.sales:
            in_sol = (sale.released_sol, sale.proceeds_sol, sale.gain_sol)
            in_usd = (sale.released_usd, sale.proceeds_usd, sale.gain_usd)
            numbers_text = [plain(number) for number in (sale.amount, *in_sol, *in_usd)]
            items.append(("swap", sale.token, [utc(sale.time), sale.transaction_hash or "-", *numbers_text]))
        lines += ["\t".join((kind, wallet.address, token, *rest)) for kind, token, rest in items]
    return sorted(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the books of some files; refused rows and a summary go to stderr."""
    parser = argparse.ArgumentParser(description="Print the books that files of swaps and other events lead to.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--sol-usd", metavar="FILE_OR_PRICE", help="prices of SOL in USD: a constant or a CSV file")
    parser.add_argument("--series", metavar="NAME", help="which source of the price file")
    parser.add_argument("--shortfall", choices=("refuse", "deposit"), default="refuse")
    parser.add_argument("--airdrops", choices=("zero", "value"), default="zero")
    options = parser.parse_args(arguments)
    try:
        prices = read_prices(options.sol_usd, options.series)
        rows, malformed, skipped = read_files(options.files)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except (KeyError, Refused) as error:
        parser.error(f"--sol-usd {options.sol_usd}: {error}")

    booked = book_rows(rows, prices, options.shortfall, options.airdrops, datetime.now(UTC))
    books = fold(booked.transactions)
    for line in book_lines(books):
        print(line)

    refused = sorted(malformed + booked.refused, key=lambda refusal: (options.files.index(refusal.file), refusal.line))
    for refusal in refused:
        print(f"{refusal.file}:{refusal.line}: {refusal.reason}", file=sys.stderr)
    gain_sol, gain_usd = total_gain(books)
    print(
        f"rows {len(rows) + len(malformed) + skipped}, booked {booked.rows}, refused {len(refused)}, "
        f"skipped {skipped}, shortfalls met {booked.deposits}",
        f"gain {plain(gain_sol)} SOL, {plain(gain_usd)} USD",
        sep="\n",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
