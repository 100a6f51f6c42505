"""report.ledger_audit: for each law, one digit that is spoiled behind the book's back is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D

import psycopg
import pytest

from tests.ledger import SOL, Ledger, audit
from tests.sql.test_table_rules import SUMS

pytestmark = pytest.mark.spoils_the_book

DIGIT = D("0.000000000000000001")


@pytest.fixture
def ledger(db: psycopg.Connection) -> Iterator[Ledger]:
    """A wallet with every kind of row, beside another user's; what the test spoils is rolled back."""
    other = Ledger(db)
    other.buy("A", "100", "1")
    other.sell("A", "50", "1")
    ledger = Ledger(db)
    ledger.buy("A", "100", "1", fee="0.01")
    ledger.buy("A", "100", "2")
    ledger.sell("A", "50", "1", fee="0.01")
    ledger.withdraw("A", "10")
    ledger.burn("A", "10")
    ledger.buy("B", "100", "1")
    ledger.sell("B", "100", "3")
    db.commit()
    assert audit(db) == []
    db.execute("set local session_replication_role = replica")
    yield ledger
    db.rollback()


def spoil(ledger: Ledger, statement: str, token: str = "") -> None:
    cursor = ledger.db.execute(statement, {"wallet": ledger.wallet, "digit": DIGIT, "sol": SOL, "token": token})
    assert cursor.rowcount == 1, "spoils one row"


def found(ledger: Ledger, law: int) -> list[D]:
    """The differences that the audit finds for that law, all of them of that wallet."""
    violations = audit(ledger.db)
    assert {violation["wallet_address"] for violation in violations} == {ledger.wallet}
    return [violation["difference"] for violation in violations if violation["law"] == law]


def test_law_1_a_balance_that_is_not_the_sum_of_its_legs(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_balances set balance = (balance::numeric + %(digit)s)::text"
        " where wallet_address = %(wallet)s and token_address = %(sol)s",
    )
    assert found(ledger, 1) == [DIGIT]


def test_law_1_a_fact_that_was_changed(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_transactions set input_amount = input_amount + %(digit)s, value_sol = value_sol + %(digit)s"
        " where wallet_address = %(wallet)s and input_mint = %(sol)s and output_mint = 'B'",
    )
    assert found(ledger, 1) == [DIGIT]


def test_law_1_a_balance_that_is_gone(ledger: Ledger) -> None:
    spoil(ledger, "delete from agent_balances where wallet_address = %(wallet)s and token_address = 'A'")
    assert found(ledger, 1) == [-130]


def test_law_2_a_position_that_holds_another_amount_than_the_balance(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_positions set remaining_amount = remaining_amount + %(digit)s where wallet_address = %(wallet)s",
    )
    assert found(ledger, 2) == [DIGIT]


def test_law_2_a_position_that_is_gone(ledger: Ledger) -> None:
    spoil(ledger, "delete from agent_positions where wallet_address = %(wallet)s")
    assert found(ledger, 2) == [-130]


@pytest.mark.parametrize("currency", ["sol", "usd"])
@pytest.mark.parametrize("table", ["agent_positions", "agent_token_withdrawals"])
def test_law_3_cost_that_is_not_conserved(ledger: Ledger, table: str, currency: str) -> None:
    spoil(
        ledger,
        f"update {table} set cost_basis_{currency} = cost_basis_{currency} + %(digit)s"
        " where wallet_address = %(wallet)s and token_address = 'A'",
    )
    assert found(ledger, 3) == [DIGIT]


@pytest.mark.parametrize("currency", ["sol", "usd"])
def test_law_3_released_cost_that_is_not_conserved(ledger: Ledger, currency: str) -> None:
    spoil(
        ledger,
        f"update agent_historical_swaps set cost_basis_{currency} = cost_basis_{currency} + %(digit)s"
        " where wallet_address = %(wallet)s and token_address = 'B'",
    )
    assert found(ledger, 3) == [DIGIT]


def test_law_4_sol_that_came_from_nowhere(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_balances set balance = (balance::numeric + %(digit)s)::text"
        " where wallet_address = %(wallet)s and token_address = %(sol)s",
    )
    assert found(ledger, 4) == [DIGIT]


def test_law_4_gain_that_is_not_in_the_balance(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_historical_swaps set proceeds_sol = proceeds_sol + %(digit)s"
        " where wallet_address = %(wallet)s and token_address = 'B'",
    )
    assert found(ledger, 4) == [-DIGIT]


@pytest.mark.parametrize("column", ["amount", "proceeds_sol", "proceeds_usd"])
def test_law_5_a_swap_that_says_something_else_than_its_sale(ledger: Ledger, column: str) -> None:
    spoil(
        ledger,
        f"update agent_historical_swaps set {column} = {column} + %(digit)s"
        " where wallet_address = %(wallet)s and token_address = 'B'",
    )
    assert found(ledger, 5) == [DIGIT]


def test_law_5_a_sale_without_its_swap(ledger: Ledger) -> None:
    spoil(
        ledger,
        "delete from agent_historical_swaps where wallet_address = %(wallet)s and token_address = 'B'",
    )
    assert -1 in found(ledger, 5)


def test_law_5_a_withdrawal_without_its_cost(ledger: Ledger) -> None:
    spoil(ledger, "delete from agent_token_withdrawals where wallet_address = %(wallet)s")
    assert -1 in found(ledger, 5)


def test_law_5_a_swap_without_its_sale(ledger: Ledger) -> None:
    spoil(
        ledger,
        "delete from agent_transactions where wallet_address = %(wallet)s and input_mint = 'B'",
    )
    assert 1 in found(ledger, 5)


@pytest.mark.parametrize("column", ["realized_profit_sol", "realized_profit_usd"])
def test_law_7_a_position_s_profit_that_is_not_the_sum_of_its_sales(ledger: Ledger, column: str) -> None:
    spoil(ledger, f"update agent_positions set {column} = {column} + %(digit)s where wallet_address = %(wallet)s")
    assert found(ledger, 7) == [DIGIT]


@pytest.mark.parametrize("column", ["position_profit_sol", "position_profit_usd"])
def test_law_7_a_trade_s_profit_that_is_not_the_sum_of_its_sales(ledger: Ledger, column: str) -> None:
    spoil(
        ledger,
        f"update agent_historical_swaps set {column} = {column} + %(digit)s"
        " where wallet_address = %(wallet)s and closes_position",
    )
    # The totals, in which it counts, are others then.
    assert DIGIT in found(ledger, 7)


@pytest.mark.parametrize(
    "row",
    [
        "token_address = 'B' and day = '2026-01-01'",
        "token_address is null and day = '2026-01-01'",
        "token_address is null and day is null",
    ],
)
def test_law_7_a_total_that_is_not_the_sum_of_its_rows(ledger: Ledger, row: str) -> None:
    for column in SUMS:
        digit = DIGIT if column not in ("transactions", "swaps") and not column.startswith("trades_") else D(1)
        with ledger.db.transaction(force_rollback=True):
            spoil(
                ledger,
                f"update wallet_totals set {column} = {column} + {digit} where wallet_address = %(wallet)s and {row}",
            )
            assert found(ledger, 7) == [digit], column


def test_law_7_totals_that_are_missing_or_too_many(ledger: Ledger) -> None:
    with ledger.db.transaction(force_rollback=True):
        spoil(ledger, "delete from wallet_totals where wallet_address = %(wallet)s and token_address = 'B'")
        assert -1 in found(ledger, 7)
    spoil(
        ledger,
        'insert into wallet_totals select (w).* from (select json_populate_record(t, \'{"day": "2026-02-01"}\') as w'
        " from wallet_totals as t where wallet_address = %(wallet)s and token_address = 'B') as x",
    )
    assert 1 in found(ledger, 7)


def test_law_7_a_price_that_is_not_its_cost_by_its_amount(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_positions set purchase_price = purchase_price + %(digit)s where wallet_address = %(wallet)s",
    )
    assert found(ledger, 7) == [DIGIT]


def test_law_6_a_dca_mark_that_is_not_the_fold_s(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_transactions set is_dca = true where wallet_address = %(wallet)s and output_mint = 'B'",
    )
    assert found(ledger, 6)


@pytest.mark.parametrize("table", ["agent_positions", "agent_historical_swaps", "agent_token_withdrawals"])
def test_law_5_a_position_that_another_wallet_opened(ledger: Ledger, table: str) -> None:
    ledger.db.execute("alter table agent_positions drop constraint agent_positions_id_is_its_purchase_transaction_id")
    columns = {
        "agent_positions": ["purchase_transaction_id"],
        "agent_historical_swaps": ["position_id", "purchase_transaction_id"],
        "agent_token_withdrawals": ["position_id"],
    }[table]
    other = "(select id from agent_transactions where wallet_address <> %(wallet)s and transaction_type = 'DEPOSIT')"
    spoil(
        ledger,
        f"update {table} set {', '.join(f'{column} = {other}' for column in columns)}"
        f" where wallet_address = %(wallet)s and token_address = %(token)s",
        token="B" if table == "agent_historical_swaps" else "A",
    )
    assert -1 in found(ledger, 5)


# Voided facts


VOID = "update agent_transactions set voided_at = now(), void_reason = 'mistake', voided_by = 'user x'"


def test_no_law_counts_what_is_voided(ledger: Ledger) -> None:
    """The deposit, buy, sale, withdrawal and burn of a token were never made, and the derived rows say so."""
    with ledger.db.transaction():
        ledger.db.execute("set local session_replication_role = origin")
        books = (
            "select line from report.books where wallet_address = %s and line not like '%%MistakenToken%%' order by 1"
        )
        before = ledger.rows(books, ledger.wallet)
        for fact in (
            ledger.deposit("MistakenToken", "10", "1", fees_sol="0.1"),
            ledger.buy("MistakenToken", "10", "1", fee="0.1"),
            ledger.sell("MistakenToken", "5", "1", fee="0.1"),
            ledger.withdraw("MistakenToken", "1"),
            ledger.burn("MistakenToken", "1"),
            ledger.buy("MistakenToken", "10", "1", fee="0.1"),
        ):
            ledger.db.execute("set local session_replication_role = replica")
            ledger.db.execute("select book.add_totals(-1, array[%s])", [fact])
            ledger.db.execute(f"{VOID}, is_dca = false where id = %s", [fact])
            ledger.db.execute("set local session_replication_role = origin")
    ledger.db.execute("set local session_replication_role = replica")
    for table in ("agent_balances", "agent_positions", "agent_historical_swaps", "agent_token_withdrawals"):
        ledger.db.execute(f"delete from {table} where token_address = 'MistakenToken'")
    spoil(
        ledger,
        "update agent_balances set balance = (balance::numeric + 1.4)::text"
        " where wallet_address = %(wallet)s and token_address = %(sol)s",
    )
    assert ledger.rows(books, ledger.wallet) == before
    assert audit(ledger.db) == []


@pytest.mark.parametrize(
    ("law", "fact"),
    [
        (1, "transaction_type = 'DEPOSIT'"),
        (3, "input_mint = %(sol)s and output_mint = 'B'"),
        (4, "transaction_type = 'DEPOSIT'"),
        (5, "input_mint = 'B'"),
        (5, "transaction_type = 'WITHDRAWAL'"),
        (5, "output_mint = 'A' and output_amount = 100 and input_amount = 1"),
    ],
)
def test_a_void_that_the_derived_rows_do_not_follow_is_found(ledger: Ledger, law: int, fact: str) -> None:
    spoil(ledger, f"{VOID} where wallet_address = %(wallet)s and {fact}")
    assert found(ledger, law)


@pytest.mark.parametrize("table", ["agent_historical_swaps", "agent_token_withdrawals"])
def test_law_7_a_position_that_gave_more_than_it_took_in(ledger: Ledger, table: str) -> None:
    """B was sold whole; and A's withdrawal is made one that ended a position of which 50 had been sold."""
    ledger.db.execute(
        """
        update agent_token_withdrawals as w
        set closes_position = true, position_purchase_amount = 50, position_buy_count = 1,
            position_invested_sol = 1, position_invested_usd = 1,
            position_profit_sol = s.proceeds_sol - s.cost_basis_sol,
            position_profit_usd = s.proceeds_usd - s.cost_basis_usd
        from agent_historical_swaps as s
        where s.wallet_address = w.wallet_address and s.amount = 50
        """
    )
    ledger.db.execute("update agent_historical_swaps set position_purchase_amount = 100 where closes_position")
    assert {violation["law"] for violation in audit(ledger.db)} == {6}
    spoil(
        ledger,
        f"update {table} set position_purchase_amount = position_purchase_amount - %(digit)s"
        " where wallet_address = %(wallet)s and closes_position",
    )
    assert found(ledger, 7) == [-DIGIT]


def test_law_7_a_withdrawal_that_ended_a_position_with_another_profit(ledger: Ledger) -> None:
    spoil(
        ledger,
        "update agent_token_withdrawals set closes_position = true, position_purchase_amount = 200,"
        " position_buy_count = 2, position_invested_sol = 3, position_invested_usd = 300, position_profit_sol = ("
        "  select proceeds_sol - cost_basis_sol + %(digit)s from agent_historical_swaps as s"
        "  where s.wallet_address = %(wallet)s and s.amount = 50"
        " ), position_profit_usd = ("
        "  select proceeds_usd - cost_basis_usd from agent_historical_swaps as s"
        "  where s.wallet_address = %(wallet)s and s.amount = 50"
        " ) where wallet_address = %(wallet)s",
    )
    assert found(ledger, 7) == [DIGIT]
