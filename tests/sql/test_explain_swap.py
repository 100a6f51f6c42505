"""The explanation of a historical swap: lines that a person can follow, and that add up to its gain."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests import oracle
from tests.histories import History
from tests.ledger import Ledger
from tests.sql.test_as_of import TEN, TWELVE, rows


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def explanation(db: psycopg.Connection[Any], swap: UUID) -> list[dict[str, Any]]:
    return rows(db, "select * from report.explain_swap(%s) order by line", swap)


def told(db: psycopg.Connection[Any], swap: UUID) -> list[tuple[Any, ...]]:
    return [(row["section"], row["what"], row["amount"], row["value_sol"]) for row in explanation(db, swap)]


def test_a_sale_is_explained_by_buys_fees_and_what_was_released_before(ledger: Ledger) -> None:
    first = ledger.buy("A", "100", "10", fee="0.1")
    second = ledger.buy("A", "100", "5", fee="0.05")
    before = ledger.sell("A", "50", "10", fee="0.1")
    ledger.buy("A", "50", "4", fee="0.04")
    sale = ledger.sell("A", "120", "10.8", fee="0.108")
    assert told(ledger.db, sale) == [
        ("cost", "buy", 100, 10),
        ("cost", "fee of the buy", 0, D("0.1")),
        ("cost", "buy", 100, 5),
        ("cost", "fee of the buy", 0, D("0.05")),
        ("cost", "cost of a sale before", -50, D("-3.7875")),
        ("cost", "buy", 50, 4),
        ("cost", "fee of the buy", 0, D("0.04")),
        ("release", "released by the sale", 120, D("9.2415")),
        ("release", "still held", 80, D("6.161")),
        ("gain", "sold for", 120, D("10.8")),
        ("gain", "fee of the sale", 0, D("-0.108")),
        ("gain", "cost released", 0, D("-9.2415")),
    ]
    lines = explanation(ledger.db, sale)
    assert [row["line"] for row in lines] == list(range(1, 13))
    assert [row["transaction_id"] for row in lines][:5] == [first, first, second, second, before]
    assert {row["transaction_id"] for row in lines[7:]} == {sale}
    assert {row["transaction_time"] for row in lines[7:]} == {ledger.fact(sale)["transaction_time"]}
    held = [(row["held_amount"], row["held_cost_sol"], row["held_cost_usd"]) for row in lines]
    assert held[:2] == [(100, 10, 1000), (100, D("10.1"), 1010)]
    assert held[6:8] == [(200, D("15.4025"), D("1540.25")), (None, None, None)]


def test_crumbs_of_the_position_before_are_a_line_of_the_next_one(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    closing = ledger.sell("A", "999999.5", "2")
    ledger.buy("A", "10", "1")
    sale = ledger.sell("A", "10.5", "3")
    assert told(ledger.db, closing)[0] == ("cost", "buy", 1000000, 1)
    assert told(ledger.db, sale) == [
        ("cost", "crumbs of the position before", D("0.5"), D("0.0000005")),
        ("cost", "buy", 10, 1),
        ("release", "released by the sale", D("10.5"), D("1.0000005")),
        ("release", "still held", 0, 0),
        ("gain", "sold for", D("10.5"), 3),
        ("gain", "cost released", 0, D("-1.0000005")),
    ]


def test_a_sale_of_crumbs_is_explained_by_the_position_that_they_come_from(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    crumbs = ledger.sell("A", "0.5", "0.1")
    assert [row[1] for row in told(ledger.db, crumbs)][:2] == ["buy", "cost of a sale before"]
    assert told(ledger.db, crumbs)[2] == ("release", "released by the sale", D("0.5"), D("0.0000005"))


def test_a_burn_is_explained_with_what_left_and_came_before_it(ledger: Ledger) -> None:
    ledger.deposit("A", "100", value="2", fees_sol="0.5")
    ledger.withdraw("A", "20", fees_sol="0.5", fees_usd="50")
    ledger.burn("A", "10")
    burn = ledger.burn("A", "35", fees_sol="0.5", fees_usd="50")
    ledger.buy("A", "1000", "9")
    assert told(ledger.db, burn) == [
        ("cost", "deposit", 100, 2),
        ("cost", "cost of a withdrawal", -20, D("-0.4")),
        ("cost", "cost of a burn before", -10, D("-0.2")),
        ("release", "released by the burn", 35, D("0.7")),
        ("release", "still held", 35, D("0.7")),
        ("gain", "burned for nothing", 35, 0),
        ("gain", "cost released", 0, D("-0.7")),
    ]


def test_both_sides_of_a_token_to_token_swap_have_the_fee_once(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    both = ledger.swap("A", "100", "B", "10", value="1.4", fee="0.1")
    sale = ledger.sell("B", "10", "1.2")
    assert ("gain", "fee of the sale", 0, D("-0.1")) in told(ledger.db, both)
    assert told(ledger.db, sale)[:2] == [
        ("cost", "buy", 10, D("1.4")),
        ("release", "released by the sale", 10, D("1.4")),
    ]


def test_a_late_buy_is_in_the_explanation_of_the_sale_after_it(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", transaction_time=TEN)
    sale = ledger.sell("A", "100", "2", transaction_time=TWELVE)
    assert told(ledger.db, sale)[-1] == ("gain", "cost released", 0, -1)
    late = ledger.buy("A", "100", "3", transaction_time=TEN)
    # After the sale in the order of the book, though at its instant.
    ledger.buy("A", "100", "5", transaction_time=TWELVE)
    assert [row[1] for row in told(ledger.db, sale)][:3] == ["buy", "buy", "released by the sale"]
    assert told(ledger.db, sale)[-1] == ("gain", "cost released", 0, -2)
    ledger.void(late)
    assert told(ledger.db, sale)[-1] == ("gain", "cost released", 0, -1)


def test_what_is_no_historical_swap_has_no_explanation(ledger: Ledger) -> None:
    assert explanation(ledger.db, ledger.buy("A", "100", "1")) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_add_up_to_every_gain(db: psycopg.Connection[Any], seed: int) -> None:
    history = History(db, seed)
    while history.shares["rows"] < 80:
        history.arrive()
    swaps = rows(db, "select * from agent_historical_swaps")
    assert len(swaps) > 10
    kinds = set()
    for swap in swaps:
        lines = explanation(db, swap["id"])
        kinds |= {row["what"] for row in lines}
        with oracle.exact():
            for currency in ("sol", "usd"):
                sums = {
                    section: sum(row[f"value_{currency}"] for row in lines if row["section"] == section)
                    for section in ("cost", "release", "gain")
                }
                released = swap[f"cost_basis_{currency}"]
                assert sums["gain"] == swap[f"proceeds_{currency}"] - released
                assert sums["cost"] == sums["release"]
                cost = [row for row in lines if row["section"] == "cost"]
                held = sum(row["amount"] for row in cost)
                assert released == (
                    sums["cost"] if swap["amount"] == held
                    else oracle.round18(sums["cost"] * swap["amount"] / held)
                )  # fmt: skip
                assert (cost[-1]["held_amount"], cost[-1][f"held_cost_{currency}"]) == (held, sums["cost"])
                split = [(row["amount"], row[f"value_{currency}"]) for row in lines if row["section"] == "release"]
                assert split[0] == (swap["amount"], released)
                assert split[1][0] == held - swap["amount"]
    assert {"buy", "deposit", "fee of the buy", "cost of a sale before"} <= kinds
