"""The book's worked cases: what each kind of trade does to balances, positions and gains, to the last digit."""

from __future__ import annotations

from decimal import Decimal as D

import psycopg
import pytest

from tests.ledger import SOL, USDC, Ledger


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def test_gain_is_proceeds_less_average_cost_of_what_is_sold(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "1")
    ledger.buy("A", "100", "0.5")
    position = ledger.held("A")
    assert position["remaining_amount"] == 150
    assert position["purchase_price"] == D("0.006666666666666667")
    ledger.sell("A", "50", "0.75")
    ledger.sell("A", "100", "2")
    assert ledger.gains() == [D("0.5"), D("0.416666666666666667"), D("1.333333333333333333")]
    assert sum(ledger.gains()) == D("2.25")
    assert ledger.balance() == D("1002.25")
    assert ledger.position("A") is None
    assert [swap["closes_position"] for swap in ledger.swaps()] == [False, False, True]
    assert ledger.swaps()[-1]["position_profit_sol"] == D("2.25")
    assert ledger.swaps()[-1]["position_invested_sol"] == D("1.5")


def test_fees_join_the_cost_of_buys_and_reduce_the_proceeds_of_sales(ledger: Ledger) -> None:
    ledger.buy("A", "100", "10", fee="0.1")
    ledger.buy("A", "100", "5", fee="0.05")
    ledger.sell("A", "50", "10", fee="0.1")
    assert sum(ledger.gains()) == D("6.1125")
    ledger.buy("A", "50", "4", fee="0.04")
    ledger.sell("A", "120", "10.8", fee="0.108")
    assert sum(ledger.gains()) == D("7.563")
    position = ledger.held("A")
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (80, D("6.161"))


def test_what_rounding_takes_from_one_release_the_next_one_gets(ledger: Ledger) -> None:
    ledger.buy("A", "3", "1")
    for _ in range(3):
        ledger.sell("A", "1", "0.5")
    assert [swap["cost_basis_sol"] for swap in ledger.swaps()] == [
        D("0.333333333333333333"),
        D("0.333333333333333334"),
        D("0.333333333333333333"),
    ]
    assert sum(ledger.gains()) == D("0.5")


def test_a_burn_loses_its_cost(ledger: Ledger) -> None:
    ledger.buy("A", "1000", "1")
    ledger.burn("A", "400")
    ledger.sell("A", "600", "0.9")
    assert ledger.gains() == [D("-0.4"), D("0.3")]
    burn = ledger.swaps()[0]
    assert (burn["sale_price"], burn["proceeds_sol"], burn["proceeds_usd"]) == (0, 0, 0)
    assert (burn["close_reason"], burn["profit_loss_usd"]) == ("burn", -40)


def test_a_withdrawal_takes_its_cost_without_a_gain(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.withdraw("A", "40")
    ledger.sell("A", "60", "0.9")
    assert ledger.gains() == [D("0.3")]
    taken = ledger.rows("select * from agent_token_withdrawals")
    assert [(row["amount"], row["cost_basis_sol"], row["cost_basis_usd"]) for row in taken] == [(40, D("0.4"), 40)]


def test_a_deposited_token_costs_its_value_on_arrival(ledger: Ledger) -> None:
    ledger.deposit("A", "100", value="2")
    ledger.sell("A", "100", "1.5")
    assert ledger.gains() == [D("-0.5")]
    assert ledger.swaps()[0]["gain_usd"] == -50


def test_a_token_to_token_swap_sells_one_and_buys_the_other_at_its_value(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.swap("A", "100", "B", "10", value="1.4")
    ledger.sell("B", "10", "1.2")
    assert [(swap["token_address"], swap["gain_sol"]) for swap in ledger.swaps()] == [
        ("A", D("0.4")),
        ("B", D("-0.2")),
    ]
    assert ledger.balance() == D("1000.2")


def test_the_fee_of_a_token_to_token_swap_reduces_the_proceeds_of_what_is_sold(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.swap("A", "100", "B", "10", value="1.4", fee="0.1")
    ledger.sell("B", "10", "1.2")
    assert ledger.gains() == [D("0.3"), D("-0.2")]
    assert ledger.balance() == D("1000.1")


def test_amounts_beyond_a_million_millions_are_exact(ledger: Ledger) -> None:
    ledger.buy("A", "6270767154619", "9.583587")
    ledger.sell("A", "6270767154619", "15.285886")
    assert ledger.gains() == [D("5.702299")]


def test_crumbs_close_their_position_and_pass_to_the_next(ledger: Ledger) -> None:
    first = ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    crumbs = ledger.held("A")
    assert (crumbs["is_dust"], crumbs["remaining_amount"], crumbs["id"]) == (True, D("0.5"), first)
    closing = ledger.swaps()[0]
    assert (closing["closes_position"], closing["position_profit_sol"]) == (True, D("1.0000005"))
    second = ledger.buy("A", "10", "1")
    position = ledger.held("A")
    assert (position["id"], position["is_dust"], position["dca_count"]) == (second, False, 0)
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (D("10.5"), D("1.0000005"))


def test_what_is_just_above_dust_keeps_its_position_open(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999998.999999", "2")
    position = ledger.held("A")
    assert not position["is_dust"]
    assert not ledger.swaps()[0]["closes_position"]


def test_crumbs_that_are_sold_end_no_second_trade(ledger: Ledger) -> None:
    ledger.buy("A", "1000000", "1")
    ledger.sell("A", "999999.5", "2")
    ledger.sell("A", "0.5", "0.1")
    assert [swap["closes_position"] for swap in ledger.swaps()] == [True, False]
    assert ledger.gains() == [D("1.0000005"), D("0.0999995")]
    assert ledger.position("A") is None


def test_a_position_that_ends_with_a_withdrawal_is_closed_by_its_last_sale(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "0.8")
    ledger.withdraw("A", "50")
    sale = ledger.swaps()[0]
    assert sale["closes_position"]
    assert (sale["position_profit_sol"], sale["position_invested_sol"]) == (D("0.3"), 1)


def test_a_position_that_ends_with_a_withdrawal_and_no_sale_is_no_trade(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    ledger.withdraw("A", "100")
    assert ledger.swaps() == []
    assert ledger.position("A") is None


def test_buys_after_the_first_are_dca_and_deposits_are_not(ledger: Ledger) -> None:
    opener = ledger.deposit("A", "10", value="1")
    first = ledger.buy("A", "10", "1")
    second = ledger.buy("A", "10", "1")
    ledger.deposit("A", "10", value="1")
    third = ledger.buy("A", "10", "1")
    position = ledger.held("A")
    assert (position["id"], position["purchase_transaction_id"]) == (opener, opener)
    assert (position["dca_count"], position["dca_transaction_ids"]) == (2, [second, third])
    assert position["last_dca_time"] == ledger.fact(third)["transaction_time"]
    assert [ledger.fact(each)["is_dca"] for each in (opener, first, second, third)] == [False, False, True, True]
    assert position["total_invested_sol"] == 5


def test_only_positions_opened_by_a_buy_of_no_quote_token_are_managed(ledger: Ledger) -> None:
    ledger.buy("A", "10", "1")
    ledger.deposit("B", "10", value="1")
    ledger.buy(USDC, "100", "1")
    managed = {mint: (ledger.position(mint) or {})["managed"] for mint in ("A", "B", USDC)}
    assert managed == {"A": True, "B": False, USDC: False}


def test_fees_of_deposits_withdrawals_and_burns_are_an_expense(ledger: Ledger) -> None:
    ledger.deposit(SOL, "10", fees_sol="0.001")
    ledger.deposit("A", "10", value="1", fees_sol="0.002")
    ledger.withdraw(SOL, "5", fees_sol="0.003")
    ledger.withdraw("A", "5", fees_sol="0.004", fees_usd="0.4")
    ledger.burn(SOL, "0.1", fees_sol="0.005")
    ledger.burn("A", "5", fees_sol="0.006", fees_usd="0.6")
    assert ledger.balance() == D("1004.879")
    assert ledger.gains() == [D("-0.5")]


def test_a_fee_is_judged_net_with_its_own_row(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    ledger.deposit("A", "10", value="1")
    ledger.sell("A", "10", "2", fee="0.5")
    assert ledger.balance() == D("1.5")


def test_gains_in_usd_use_the_value_at_each_leg_s_time(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", value_usd="150")
    ledger.sell("A", "100", "1", value_usd="120")
    swap = ledger.swaps()[0]
    assert (swap["gain_sol"], swap["gain_usd"]) == (0, -30)


def test_fees_in_usd_are_at_the_transaction_s_own_rate(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "3", fee="0.01", value_usd="100")
    assert ledger.fact(buy)["fees_usd"] == D("0.333333333333333333")
    position = ledger.held("A")
    assert position["cost_basis_usd"] == D("100.333333333333333333")


def test_the_signal_of_the_opening_transaction_is_the_position_s(ledger: Ledger) -> None:
    signals = [
        row["id"]
        for row in ledger.rows(
            "insert into trading_signals (token_address, signal_type, signal_strength)"
            " values ('A', 'buy', 3), ('A', 'buy', 4) returning id"
        )
    ]
    ledger.buy("A", "100", "1", signal_id=signals[0])
    ledger.buy("A", "100", "1", signal_id=signals[1])
    ledger.sell("A", "200", "3", close_reason="take_profit")
    swap = ledger.swaps()[0]
    assert (swap["signal_id"], swap["close_reason"]) == (signals[0], "take_profit")


def test_a_row_without_a_wallet_moves_nothing(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", wallet_address=None)
    assert ledger.balance() == 1000
    assert ledger.rows("select * from agent_positions") == []


def test_many_rows_of_one_statement_are_folded_in_the_order_of_time(ledger: Ledger) -> None:
    """The sale stands before its buy in the statement, but not in time."""
    ledger.db.execute(
        """
        insert into agent_transactions (
            agent_id, wallet_address, transaction_type, transaction_time, transaction_value_usd,
            input_mint, input_amount, output_mint, output_amount
        )
        values
        (%(agent)s, %(wallet)s, 'SWAP', '2026-01-03', 200, 'A', 100, %(sol)s, 2),
        (%(agent)s, %(wallet)s, 'SWAP', '2026-01-02', 100, %(sol)s, 1, 'A', 100),
        (%(agent)s, %(wallet)s, 'SWAP', '2026-01-02', 300, %(sol)s, 3, 'B', 100)
        """,
        {"agent": ledger.agent, "wallet": ledger.wallet, "sol": SOL},
    )
    assert ledger.gains() == [1]
    assert ledger.balance() == 998
    assert ledger.position("B") is not None


def test_a_late_row_is_folded_in_its_place(ledger: Ledger) -> None:
    """A buy that arrives after the sale that follows it in time raises the cost of that sale."""
    ledger.buy("A", "100", "1", transaction_time="2026-01-05T10:00Z")
    sale = ledger.sell("A", "100", "2", transaction_time="2026-01-05T12:00Z")
    made_at = ledger.swaps()[0]["created_at"]
    ledger.db.commit()
    late = ledger.buy("A", "100", "3", transaction_time="2026-01-05T11:00Z")
    assert ledger.gains() == [0]
    position = ledger.held("A")
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (100, 2)
    assert ledger.fact(late)["is_dca"]
    assert [(swap["id"], swap["created_at"]) for swap in ledger.swaps()] == [(sale, made_at)]


def test_a_late_row_that_uncovers_a_later_sale_is_refused(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1", transaction_time="2026-01-05T10:00Z")
    ledger.sell("A", "100", "2", transaction_time="2026-01-05T12:00Z")
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.withdraw("A", "1", transaction_time="2026-01-05T11:00Z")
    assert refusal.value.sqlstate == "TB003"
    assert ledger.gains() == [1]


@pytest.mark.parametrize("place", [-5, -1, 0])
def test_a_place_in_the_order_that_was_given_by_hand_may_be_any_number(db: psycopg.Connection, place: int) -> None:
    ledger = Ledger(db)
    db.execute(
        """
        insert into agent_transactions (
            agent_id, wallet_address, transaction_type, transaction_time, input_mint, input_amount, output_mint,
            output_amount, value_usd, ledger_order
        )
        overriding system value values (%s, %s, 'SWAP', %s, %s, 1, 'A', 100, 100, %s)
        """,
        [ledger.agent, ledger.wallet, ledger.now, SOL, place],
    )
    position = ledger.held("A")
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (100, 1)
