"""Lots: what each order of taking them makes of the same facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from tests import oracle
from tests.histories import History
from tests.ledger import SOL, Ledger
from tests.sql.test_as_of import rows

METHODS = ["fifo", "lifo", "hifo", "average"]


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def lots(ledger: Ledger, method: str | None = "fifo", token: str | None = "A") -> list[dict[str, Any]]:
    query = "select * from report.lots(%s, %s, %s, %s)"
    return ledger.rows(query, ledger.agent, ledger.wallet, token, method)


def parts(ledger: Ledger, method: str = "fifo") -> list[tuple[Any, ...]]:
    """Of token A: what took a part, its tokens, cost and proceeds."""
    return [(row["taken_by"], row["amount"], row["cost_sol"], row["proceeds_sol"]) for row in lots(ledger, method)]


def five_trades(ledger: Ledger, fee: str = "0") -> list[UUID]:
    """Case B of the accounting, with that fraction of each trade's value as its fee."""
    return [
        ledger.buy("A", "100", "10", fee=str(10 * D(fee))),
        ledger.buy("A", "100", "5", fee=str(5 * D(fee))),
        ledger.sell("A", "50", "10", fee=str(10 * D(fee))),
        ledger.buy("A", "50", "4", fee=str(4 * D(fee))),
        ledger.sell("A", "120", "10.8", fee=str(D("10.8") * D(fee))),
    ]


@pytest.mark.parametrize(
    ("method", "gain", "left"),
    [
        ("fifo", "7.3", [("30", "0.05"), ("50", "0.08")]),
        ("lifo", "9.8", [("80", "0.1")]),
        ("hifo", "5.8", [("80", "0.05")]),
        ("average", "7.9", [("80", "0.07625")]),
    ],
)
def test_the_checked_values(ledger: Ledger, method: str, gain: str, left: list[tuple[str, str]]) -> None:
    five_trades(ledger)
    found = lots(ledger, method)
    assert sum(row["gain_sol"] for row in found if row["taken_by"]) == D(gain)
    remaining = [row for row in found if row["taken_by"] is None]
    assert [(row["amount"], row["cost_sol"] / row["amount"]) for row in remaining] == [
        (D(amount), D(price)) for amount, price in left
    ]
    proceeds = sum(row["proceeds_sol"] for row in found if row["taken_by"])
    assert proceeds == D("20.8")
    assert proceeds - D(gain) + sum(row["cost_sol"] for row in remaining) == 19
    assert sum(row["cost_usd"] for row in found) == 1900
    assert sum(row["gain_usd"] for row in found if row["taken_by"]) == D(gain) * 100


def test_a_sale_tells_the_lots_that_it_took_and_how_long_they_were_held(ledger: Ledger) -> None:
    first, second, sale, third, last = five_trades(ledger, fee="0.01")
    found = lots(ledger)
    names = (
        "lot_transaction_id",
        "taken_by",
        "taking_transaction_id",
        "amount",
        "cost_sol",
        "proceeds_sol",
        "gain_sol",
    )
    assert [tuple(row[name] for name in names) for row in found] == [
        (first, "sell", sale, 50, D("5.05"), D("9.9"), D("4.85")),
        (first, "sell", last, 50, D("5.05"), D("4.455"), D("-0.595")),
        (second, "sell", last, 70, D("3.535"), D("6.237"), D("2.702")),
        (second, None, None, 30, D("1.515"), None, None),
        (third, None, None, 50, D("4.04"), None, None),
    ]
    assert [row["holding_seconds"] for row in found] == [7200, 14400, 10800, None, None]
    assert {row["acquired_at"] for row in found if row["lot_transaction_id"] == first} == {
        ledger.fact(first)["transaction_time"]
    }


def test_what_is_rounded_is_never_lost(ledger: Ledger) -> None:
    """Thirds of a cost and of proceeds: the last part is what is left."""
    ledger.buy("A", "3", "1")
    for _ in range(3):
        ledger.sell("A", "1", "0.5")
    assert [row[2] for row in parts(ledger)] == [
        D("0.333333333333333333"),
        D("0.333333333333333334"),
        D("0.333333333333333333"),
    ]
    for _ in range(3):
        ledger.buy("B", "1", "1")
    ledger.sell("B", "3", "1")
    assert [row["proceeds_sol"] for row in lots(ledger, "lifo", "B")] == [
        D("0.333333333333333333"),
        D("0.333333333333333334"),
        D("0.333333333333333333"),
    ]


@pytest.mark.parametrize(("method", "taken"), [("fifo", ["1", "2"]), ("lifo", ["3", "2"]), ("hifo", ["2", "1"])])
def test_withdrawals_and_burns_take_lots_in_the_same_order(ledger: Ledger, method: str, taken: list[str]) -> None:
    for cost in ("1", "2", "3"):
        # The third is the cheapest.
        ledger.buy("A", "10" if cost != "3" else "100", cost)
    for sold in ("withdrawal", "burn"):
        amount = "100" if method == "lifo" and sold == "withdrawal" else "10"
        (ledger.withdraw if sold == "withdrawal" else ledger.burn)("A", amount)
    found = parts(ledger, method)
    assert [(row[0], row[2], row[3]) for row in found[:2]] == [
        ("withdrawal", D(taken[0]), None),
        ("burn", D(taken[1]), 0),
    ]
    gains = [row["gain_sol"] for row in lots(ledger, method)]
    assert gains == [None, -D(taken[1]), None]


def test_of_equal_prices_the_older_lot_is_the_dearer_one(ledger: Ledger) -> None:
    """A third is a third, however it is written."""
    first = ledger.buy("A", "3", "1")
    second = ledger.buy("A", "6", "2")
    third = ledger.buy("A", "9", "3")
    ledger.sell("A", "12", "5")
    order = [row["lot_transaction_id"] for row in lots(ledger, "hifo")]
    assert order == [first, second, third, third]


def test_a_lot_that_is_bought_later_is_not_there_yet(ledger: Ledger) -> None:
    """A late buy of an earlier time is."""
    ledger.buy("A", "10", "1")
    ledger.sell("A", "5", "1")
    ledger.buy("A", "10", "9")
    assert parts(ledger, "hifo") == [("sell", 5, D("0.5"), 1), (None, 5, D("0.5"), None), (None, 10, 9, None)]
    ledger.buy("A", "10", "8", transaction_time=ledger.now - timedelta(hours=2, minutes=30))
    assert parts(ledger, "hifo")[0] == ("sell", 5, 4, 1)


def test_deposits_swaps_of_tokens_and_voids(ledger: Ledger) -> None:
    deposit = ledger.deposit("A", "10", value="2", fees_sol="0.1", fees_usd="10")
    ledger.void(ledger.buy("A", "10", "7"))
    ledger.swap("A", "4", "B", "8", value="3", fee="0.5")
    assert parts(ledger) == [("sell", 4, D("0.8"), D("2.5")), (None, 6, D("1.2"), None)]
    assert lots(ledger)[0]["lot_transaction_id"] == deposit
    (bought,) = lots(ledger, token="B")
    assert (bought["amount"], bought["cost_sol"]) == (8, 3)


def test_average_lots_have_no_purchase(ledger: Ledger) -> None:
    five_trades(ledger)
    assert {
        (row["lot_transaction_id"], row["acquired_at"], row["holding_seconds"]) for row in lots(ledger, "average")
    } == {(None, None, None)}


def test_every_token_and_wallet_of_an_agent_where_none_is_named(ledger: Ledger) -> None:
    ledger.buy("A", "1", "1")
    ledger.buy("B", "1", "1")
    ledger.withdraw(SOL, "1")
    assert {row["token_address"] for row in lots(ledger, token=None)} == {"A", "B"}
    assert len(ledger.rows("select * from report.lots(%s)", ledger.agent)) == 2
    assert ledger.rows("select * from report.lots(%s)", uuid4()) == []


@pytest.mark.parametrize("method", ["FIFO", "", None])
def test_another_method_is_refused(ledger: Ledger, method: str | None) -> None:
    with pytest.raises(errors.DatabaseError, match="method is fifo, lifo, hifo or average") as refused:
        lots(ledger, method)
    assert refused.value.sqlstate == "TB022"


# Random histories


@oracle.exact()
def plain_lots(legs: list[dict[str, Any]], method: str) -> tuple[dict[UUID, D], list[tuple[D, D]]]:
    """The same in plain Python: the cost that each fact took, and what is left (amount, cost)."""
    stock: list[list[D]] = []
    taken: dict[UUID, D] = defaultdict(D)
    for leg in legs:
        amount = leg["amount"]
        if leg["kind"] in ("buy", "deposit"):
            stock.append([amount, leg["value_sol"], leg["value_sol"] / amount])
            continue
        while amount:
            order = {"fifo": stock[0], "lifo": stock[-1], "hifo": max(stock, key=lambda lot: lot[2])}
            lot = order[method]
            part = min(amount, lot[0])
            cost = lot[1] if part == lot[0] else oracle.round18(lot[1] * part / lot[0])
            taken[leg["transaction_id"]] += cost
            lot[0] -= part
            lot[1] -= cost
            amount -= part
            stock = [lot for lot in stock if lot[0]]
    return taken, [(lot[0], lot[1]) for lot in stock]


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_agree_with_plain_python_and_keep_every_digit(db: psycopg.Connection[Any], seed: int) -> None:
    history = History(db, seed)
    while history.shares["rows"] < 80 or not history.shares["voids"]:
        history.arrive()
    for wallet, agent in history.agents.items():
        for method in METHODS:
            found = rows(db, "select * from report.lots(%s, %s, null, %s)", agent, wallet, method)
            tokens = {row["token_address"] for row in found}
            for token in tokens:
                check(db, wallet, token, method, [row for row in found if row["token_address"] == token])


def check(db: psycopg.Connection[Any], wallet: str, token: str, method: str, found: list[dict[str, Any]]) -> None:
    legs = rows(
        db,
        """
        select (book.position_leg(t, %s, '{}')).*
        from agent_transactions as t
        where t.wallet_address = %s and %s in (t.input_mint, t.output_mint) and t.voided_at is null
        order by t.transaction_time, t.ledger_order
        """,
        token,
        wallet,
        token,
    )
    for currency in ("sol", "usd"):
        came_in = sum(leg[f"value_{currency}"] for leg in legs if leg["kind"] in ("buy", "deposit"))
        assert sum(row[f"cost_{currency}"] for row in found) == came_in
        received = sum(leg[f"value_{currency}"] for leg in legs if leg["kind"] in ("sell", "burn"))
        assert sum(row[f"proceeds_{currency}"] or 0 for row in found) == received
    taken: dict[UUID, D] = defaultdict(D)
    for row in found:
        if row["taken_by"]:
            taken[row["taking_transaction_id"]] += row["cost_sol"]
    if method == "average":
        released = rows(
            db, "select * from book.releases where wallet_address = %s and token_address = %s", wallet, token
        )
        assert taken == {row["id"]: row["cost_basis_sol"] for row in released}
        return
    expected, left = plain_lots(legs, method)
    assert taken == expected
    assert [(row["amount"], row["cost_sol"]) for row in found if row["taken_by"] is None] == left
