"""Random histories: facts that arrive in any order, in batches, late, with voids and corrections.

A `History` proposes the next arrival, asks the oracle whether it can be, and gives it to the database: what the
oracle refuses has to be refused there, and the rest booked. `compare` then holds the books of the
database against the oracle's fold of the facts that count, sorted by (time, ledger_order).
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tests import oracle
from tests.ledger import SOL, START, USDC, acting_as, audit, new_agent, new_user

TOKENS = ["A", "B", "C", USDC]
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
REFUSALS = {"TB002", "TB003"}
ZERO = Decimal(0)


@dataclass(frozen=True)
class Fact:
    """A transaction and its number of arrival; a correction has the number of the one that it stands for."""

    tx: oracle.Transaction
    number: int

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it lies in the order of the book."""
        return self.tx.time, self.number


def fold(facts: Sequence[Fact]) -> oracle.Books | None:
    """The oracle's books; None where the facts cannot be booked together."""
    try:
        books = oracle.fold([fact.tx for fact in sorted(facts, key=lambda fact: fact.place)])
    except oracle.Refused:
        return None
    if any(balance < 0 for wallet in books.values() for balance in wallet.balances.values()):
        return None
    return books


class History:
    """One history on wallets of its own: two of one agent, and one of another user's."""

    def __init__(self, db: psycopg.Connection[Any], seed: int) -> None:
        self.db = db
        self.chance = random.Random(seed)
        self.user = new_user(db)
        # As the service's role for the user, or as an administrator.
        self.is_service = self.chance.random() < 0.5
        agent, other = new_agent(db, self.user), new_agent(db, self.user)
        self.agents: dict[str, UUID] = {}
        for owner, kind in ((agent, "simulation"), (agent, "live"), (other, "simulation")):
            address = "".join(self.chance.choices(BASE58, k=36))
            address = address if kind == "live" else f"sim_{address}"
            db.execute(
                "insert into agent_wallets (wallet_address, agent_id, wallet_type) values (%s, %s, %s)",
                [address, owner, kind],
            )
            self.agents[address] = owner
        self.facts: list[Fact] = []
        self.voided: set[str] = set()
        self.arrivals = 0
        self.now = START
        self.shares: Counter[str] = Counter()
        for wallet in self.agents:
            self._insert([self._deposit_of_sol(wallet)])

    # What counts

    @property
    def counting(self) -> list[Fact]:
        """The facts that are not voided."""
        return [fact for fact in self.facts if fact.tx.id not in self.voided]

    # Arrivals

    def arrive(self) -> None:
        """One more arrival: a batch of new facts, a void, a correction, or something again."""
        kind = self.chance.choices(["batch", "void", "correct", "again"], [10, 1.6, 2.0, 1])[0]
        if kind == "batch":
            self._arrive_batch()
        elif kind == "void":
            self._arrive_void()
        elif kind == "correct":
            self._arrive_correction()
        else:
            self._arrive_again()

    def _arrive_batch(self) -> None:
        size = self.chance.choice([1, 1, 1, 2, 3, 6])
        how = self.chance.choice(["plain", "plain", "together", "each", "single"])
        if how == "single":
            size = 1
        batch: list[Fact] = []
        wants_refusal = self.chance.random() < 0.06
        for _ in range(size):
            for _attempt in range(8):
                fact = Fact(self._transaction(), self.arrivals + len(batch) + 1)
                books = fold([*self.counting, *batch, fact])
                if (books is None) == wants_refusal:
                    batch.append(fact)
                    break
            if wants_refusal:
                break
        if not batch:
            return
        self.chance.shuffle(batch)
        batch = [Fact(fact.tx, self.arrivals + place) for place, fact in enumerate(batch, 1)]
        self.arrivals += len(batch)
        if how == "each":
            self._arrive_each(batch)
        elif fold([*self.counting, *batch]) is not None:
            self._count(batch)
            self._insert(batch, how)
            self.facts += batch
        else:
            self._refused(lambda: self._insert(batch, how))

    def _arrive_each(self, batch: list[Fact]) -> None:
        expected = []
        for fact in batch:
            accepted = fold([*self.counting, fact]) is not None
            expected.append(accepted)
            if accepted:
                self._count([fact])
                self.facts.append(fact)
        rows = self._record([fact.tx for fact in batch], each=True)
        assert [row["error"] is None for row in rows] == expected, (rows, batch)
        self.shares["refused"] += expected.count(False)

    def _arrive_void(self) -> None:
        fact = self._any_fact()
        if fact is None:
            return
        if fold([other for other in self.counting if other is not fact]) is not None:
            self._void(fact.tx.id)
            self.voided.add(fact.tx.id)
            self.shares["voids"] += 1
        else:
            self._refused(lambda: self._void(fact.tx.id))

    def _arrive_correction(self) -> None:
        fact = self._any_fact()
        if fact is None:
            return
        rest = [other for other in self.counting if other is not fact]
        for _attempt in range(8):
            new = Fact(self._corrected(fact.tx), fact.number)
            if fold([*rest, new]) is not None:
                self._correct(fact.tx.id, new.tx)
                self.voided.add(fact.tx.id)
                self._count([new], rest)
                self.shares["corrections"] += 1
                self.facts.append(new)
                return
        self._refused(lambda: self._correct(fact.tx.id, new.tx))

    def _arrive_again(self) -> None:
        """A fact that is booked comes again: the first result, and nothing changes."""
        if self.facts:
            tx = self.chance.choice(self.facts).tx
            (row,) = self._record([tx], each=self.chance.random() < 0.5)
            assert row["is_replayed"], row
            assert row["document"]["id"] == tx.id

    def _any_fact(self) -> Fact | None:
        trades = [fact for fact in self.counting if fact.number > len(self.agents)]
        return self.chance.choice(trades) if trades else None

    def _refused(self, action: Any) -> None:
        self.shares["refused"] += 1
        try:
            with self.db.transaction():
                action()
        except psycopg.Error as refusal:
            assert refusal.sqlstate in REFUSALS, refusal
        else:
            raise AssertionError("the oracle refuses it, the database does not")

    def _count(self, batch: list[Fact], among: Sequence[Fact] | None = None) -> None:
        others = self.facts if among is None else among
        for fact in batch:
            tx = fact.tx
            self.shares["rows"] += 1
            self.shares["late"] += any(other.tx.wallet == tx.wallet and other.place > fact.place for other in others)
            self.shares["ties"] += any(
                other.tx.wallet == tx.wallet and other.tx.time == tx.time for other in self.counting
            )
            self.shares["token to token"] += tx.type == "SWAP" and SOL not in (tx.input_mint, tx.output_mint)
            self.shares["token transfers"] += tx.type in ("DEPOSIT", "WITHDRAWAL") and tx.input_mint != SOL
            self.shares["with fees"] += tx.fees_sol > 0
            decimals = {-int(amount.normalize().as_tuple().exponent) for amount in (tx.input_amount, tx.output_amount)}
            self.shares["9 decimals"] += 9 in decimals
            self.shares["18 decimals"] += 18 in decimals

    # Transactions

    def _number(self, most: int) -> Decimal:
        places = self.chance.choice([0, 6, 9, 9, 18, 18])
        return Decimal(self.chance.randint(1, most * 10**places)).scaleb(-places)

    def _deposit_of_sol(self, wallet: str) -> Fact:
        self.arrivals += 1
        tx = oracle.Transaction(
            id=self._id(), wallet=wallet, type="DEPOSIT", time=START, input_mint=SOL, input_amount=Decimal(100),
            value_sol=Decimal(100), value_usd=Decimal(15000),
        )  # fmt: skip
        fact = Fact(tx, self.arrivals)
        self.facts.append(fact)
        return fact

    def _id(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128)))

    def _time(self) -> datetime:
        choice = self.chance.random()
        if choice < 0.45:
            self.now += timedelta(seconds=self.chance.choice([0, 1, 60]))
            return self.now
        if choice < 0.6 and self.facts:
            return self.chance.choice(self.facts).tx.time
        return START + timedelta(seconds=self.chance.randint(0, int((self.now - START).total_seconds())))

    def _held(self, wallet: str, token: str, time: datetime) -> Decimal:
        books = fold([fact for fact in self.counting if fact.tx.wallet == wallet and fact.tx.time <= time])
        if books is None or wallet not in books:
            return ZERO
        return books[wallet].balances.get(token, ZERO)

    def _transaction(self) -> oracle.Transaction:
        chance = self.chance
        wallet = chance.choice(list(self.agents))
        token, other = chance.sample(TOKENS, 2)
        time = self._time()
        kind = chance.choice(
            [
                "buy",
                "buy",
                "buy",
                "buy",
                "sell",
                "sell",
                "sell",
                "swap",
                "swap",
                "swap",
                "deposit",
                "withdraw",
                "burn",
                "sol",
            ]
        )
        tx = oracle.Transaction(
            id=self._id(), wallet=wallet, type="SWAP", time=time, input_mint=SOL, input_amount=self._number(3),
            output_mint=token, output_amount=self._number(1000),
            fees_sol=chance.choice([ZERO, self._number(1) / 1000]).quantize(oracle.PLACES),
            value_usd=self._number(500), fees_usd=self._number(1),
        )  # fmt: skip
        if kind in ("sell", "swap", "withdraw", "burn"):
            with oracle.exact():
                held = self._held(wallet, token, time)
                part = chance.choice([held, held, held * 9999999 / 10000000, held / 2, held / 3])
                part = part.quantize(oracle.PLACES) if part > 0 else self._number(10)
            part = part or self._number(10)
            if kind in ("sell", "swap"):
                tx = replace(tx, input_mint=token, input_amount=part, output_mint=SOL if kind == "sell" else other)
                if kind == "sell":
                    tx = replace(tx, output_amount=self._number(3))
            else:
                tx = replace(tx, type="WITHDRAWAL" if kind == "withdraw" else "BURN", input_mint=token,
                             input_amount=part, output_mint="", output_amount=ZERO)  # fmt: skip
        elif kind == "deposit":
            tx = replace(tx, type="DEPOSIT", input_mint=token, input_amount=self._number(1000), output_mint="",
                         output_amount=ZERO)  # fmt: skip
        elif kind == "sol":
            types: list[oracle.Type] = ["DEPOSIT", "WITHDRAWAL", "BURN"]
            tx = replace(tx, type=chance.choice(types), output_mint="", output_amount=ZERO)
        return self._valued(tx)

    def _valued(self, tx: oracle.Transaction) -> oracle.Transaction:
        if tx.input_mint == SOL:
            value = tx.input_amount
        elif tx.output_mint == SOL:
            value = tx.output_amount
        else:
            value = ZERO if tx.type == "BURN" else self._number(3)
        return replace(tx, value_sol=value)

    def _corrected(self, tx: oracle.Transaction) -> oracle.Transaction:
        """The same with another amount, time or wallet of its agent, or something else altogether."""
        chance = self.chance
        what = chance.choice(["amount", "amount", "time", "wallet", "other"])
        new = replace(tx, id=self._id())
        wallets = [wallet for wallet in self.agents if self.agents[wallet] == self.agents[tx.wallet or ""]]
        if what == "amount":
            new = replace(new, input_amount=self._number(3 if tx.input_mint == SOL else 1000))
            if tx.output_mint:
                new = replace(new, output_amount=self._number(3 if tx.output_mint == SOL else 1000))
            return self._valued(new)
        if what == "time":
            return replace(new, time=self._time())
        if what == "wallet":
            return replace(new, wallet=chance.choice(wallets))
        return replace(self._transaction(), id=new.id, wallet=chance.choice(wallets), time=tx.time)

    # What the database is told

    def _writing(self) -> AbstractContextManager[None]:
        return acting_as(self.db, "api", self.user) if self.is_service else nullcontext()

    def _insert(self, batch: list[Fact], how: str = "plain") -> None:
        if how != "plain":
            rows = self._record([fact.tx for fact in batch], each=False)
            assert not any(row["is_replayed"] for row in rows), rows
            return
        columns = (
            "id, agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, output_mint,"
            " output_amount, fees_sol, value_sol, value_usd, fees_usd"
        )
        row = '(%s, %s, %s, %s::"TransactionType", %s, %s, %s::numeric, %s, %s::numeric, %s, %s, %s, %s)'
        values = [
            (tx.id, self.agents[tx.wallet or ""], tx.wallet, tx.type, tx.time, tx.input_mint, tx.input_amount,
             tx.output_mint or None, tx.output_amount or None, tx.fees_sol, tx.value_sol, tx.value_usd, tx.fees_usd)
            for tx in (fact.tx for fact in batch)
        ]  # fmt: skip
        with self._writing():
            self.db.execute(
                f"insert into agent_transactions ({columns}) values {', '.join([row] * len(batch))}",
                [value for each in values for value in each],
            )

    def _request(self, tx: oracle.Transaction) -> dict[str, Any]:
        request = {
            "id": tx.id, "agentId": str(self.agents[tx.wallet or ""]), "walletAddress": tx.wallet,
            "transactionType": tx.type, "transactionTime": tx.time.isoformat(), "inputMint": tx.input_mint,
            "inputAmount": oracle.plain(tx.input_amount), "feesSol": oracle.plain(tx.fees_sol),
            "valueSol": oracle.plain(tx.value_sol), "valueUsd": oracle.plain(tx.value_usd),
            "feesUsd": oracle.plain(tx.fees_usd),
        }  # fmt: skip
        if tx.output_mint:
            request |= {"outputMint": tx.output_mint, "outputAmount": oracle.plain(tx.output_amount)}
        return request

    def _record(self, txs: list[oracle.Transaction], *, each: bool) -> list[dict[str, Any]]:
        requests = json.dumps([self._request(tx) for tx in txs])
        with self._writing(), self.db.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "select * from book.record_transactions(%s, %s, %s) order by item", [self.user, requests, each]
            ).fetchall()

    def _void(self, fact: str) -> None:
        with self._writing():
            self.db.execute("select book.void_transaction(%s, 'it was wrong')", [fact])

    def _correct(self, fact: str, tx: oracle.Transaction) -> None:
        with self._writing():
            self.db.execute(
                "select * from book.correct_transaction(%s, %s, 'mistyped')", [fact, json.dumps(self._request(tx))]
            )

    # What it made of it

    def compare(self) -> None:
        """The books are the oracle's, the audit is empty, and a rebuild changes nothing."""
        books = fold(self.counting)
        assert books is not None
        compare(self.db, books, list(self.agents))
        compare_totals(self.db, books, [fact.tx for fact in self.counting], list(self.agents))
        assert audit(self.db) == []
        for wallet in self.agents:
            assert self.db.execute("select book.rebuild_wallet(%s)", [wallet]).fetchone() == (0,)


def compare(db: psycopg.Connection[Any], books: oracle.Books, wallets: list[str]) -> None:
    """Every derived row of the wallets is what the oracle's books say."""
    with db.cursor(row_factory=dict_row) as cursor:
        lines = [
            row["line"]
            for row in cursor.execute(
                'select line from report.books where wallet_address = any (%s) order by line collate "C"', [wallets]
            )
        ]
        positions = cursor.execute(
            "select * from agent_positions where wallet_address = any (%s)", [wallets]
        ).fetchall()
        swaps = {
            str(row["id"]): row
            for row in cursor.execute("select * from agent_historical_swaps where wallet_address = any (%s)", [wallets])
        }
    # A balance of 0 stays where all facts of its token have been voided.
    touched = {line for line in lines if not line.startswith("balance") or not line.endswith("\t0")}
    folded = {line for line in oracle.book_lines(books) if not line.startswith("balance") or not line.endswith("\t0")}
    assert touched == folded

    held = {(book.address, token): each for book in books.values() for token, each in book.positions.items()}
    assert {(row["wallet_address"], row["token_address"]) for row in positions} == held.keys()
    for row in positions:
        position = held[row["wallet_address"], row["token_address"]]
        stored = (row["purchase_amount"], row["invested_sol"], row["realized_profit_sol"], row["realized_profit_usd"])
        assert stored == (
            position.purchase_amount, position.invested_sol, position.realized_sol, position.realized_usd
        )  # fmt: skip
        assert (str(row["id"]), row["managed"], row["is_dust"]) == (position.id, position.managed, position.is_dust)
        assert [str(each) for each in row["dca_transaction_ids"]] == position.dca_ids
        assert (row["created_at"], row["last_dca_time"]) == (position.opened_at, position.last_dca_time)
    sales = [sale for book in books.values() for sale in book.sales]
    assert len(sales) == len(swaps)
    for sale in sales:
        swap = swaps[sale.transaction_id]
        assert (str(swap["position_id"]), swap["closes_position"]) == (sale.position_id, sale.closes_position)
        closing = (swap["position_profit_sol"], swap["position_profit_usd"], swap["position_invested_sol"])
        assert closing == (sale.position_gain_sol, sale.position_gain_usd, sale.position_invested_sol)


@oracle.exact()
def totals(books: oracle.Books, facts: Sequence[oracle.Transaction]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The sums of wallet_totals, by (wallet, token, day), '' for all; what is 0 is left out."""
    sums: defaultdict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def add(wallet: str, token: str, time: datetime, **numbers: Decimal | int) -> None:
        day = time.astimezone(UTC).date().isoformat()
        for key in ((wallet, token, day), (wallet, "", day), (wallet, "", "")):
            for name, number in numbers.items():
                sums[key][name] += number

    traded: dict[str, str] = {}
    for tx in facts:
        token = traded[tx.id] = tx.output_mint if tx.type == "SWAP" and tx.input_mint == SOL else tx.input_mint
        is_swap, burns_sol = tx.type == "SWAP", tx.type == "BURN" and tx.input_mint == SOL
        add(
            tx.wallet or "", token, tx.time, transactions=1, fees_sol=tx.fees_sol, fees_usd=tx.fees_usd,
            volume_sol=tx.value_sol * is_swap, volume_usd=tx.value_usd * is_swap,
            expenses_sol=tx.fees_sol * (not is_swap) + tx.value_sol * burns_sol,
            expenses_usd=tx.fees_usd * (not is_swap) + tx.value_usd * burns_sol,
            deposits_sol=tx.value_sol * (tx.type == "DEPOSIT"), deposits_usd=tx.value_usd * (tx.type == "DEPOSIT"),
            withdrawals_sol=tx.value_sol * (tx.type == "WITHDRAWAL"),
            withdrawals_usd=tx.value_usd * (tx.type == "WITHDRAWAL"),
        )  # fmt: skip
    for wallet, book in books.items():
        for sale in book.sales:
            add(
                wallet, sale.token, sale.time, swaps=1, proceeds_sol=sale.proceeds_sol, proceeds_usd=sale.proceeds_usd,
                cost_sol=sale.released_sol, cost_usd=sale.released_usd,
            )  # fmt: skip
            if not sale.closes_position:
                continue
            gain, invested, closed_at = sale.position_gain_sol, sale.position_invested_sol, sale.position_closed_at
            assert gain is not None and invested is not None and closed_at is not None
            held = closed_at - sale.opened_at
            seconds = Decimal(held.days * 86400 + held.seconds) + Decimal(held.microseconds).scaleb(-6)
            add(
                wallet, traded[sale.position_closed_by or ""], closed_at, trades_won=gain > 0, trades_drawn=gain == 0,
                trades_lost=gain < 0, wins_sol=max(gain, ZERO), losses_sol=min(gain, ZERO), squares_sol=gain * gain,
                trades_profit_usd=sale.position_gain_usd or ZERO, invested_sol=invested,
                invested_usd=sale.position_invested_usd or ZERO, trades_with_return=invested > 0,
                returns_percent=oracle.round18(100 * gain / invested) if invested else ZERO, holding_seconds=seconds,
                won_holding_seconds=seconds * (gain > 0), lost_holding_seconds=seconds * (gain < 0),
            )  # fmt: skip
    return without_zeros(sums)


def without_zeros(sums: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Where facts were voided, zeros stay."""
    found = {key: {name: number for name, number in row.items() if number != 0} for key, row in sums.items()}
    return {key: row for key, row in found.items() if row}


def compare_totals(
    db: psycopg.Connection[Any], books: oracle.Books, facts: Sequence[oracle.Transaction], wallets: list[str]
) -> None:
    """The totals of the wallets are the sums that follow from the oracle's books."""
    with db.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from wallet_totals where wallet_address = any (%s)", [wallets]).fetchall()
    keys = ("wallet_address", "token_address", "day", "agent_id", "user_id")
    kept = {
        (row["wallet_address"], row["token_address"] or "", str(row["day"] or "")): {
            name: number for name, number in row.items() if name not in keys
        }
        for row in rows
    }
    assert without_zeros(kept) == totals(books, facts)
