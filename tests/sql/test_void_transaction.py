"""book.void_transaction: a fact that was wrong stays, marked, and everything is as if it had never been."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D
from uuid import uuid4

import psycopg
import pytest

from tests.ledger import SOL, START, Ledger, acting_as, checksums

TEN, ELEVEN, NOON = (START + timedelta(days=1, hours=hour) for hour in (10, 11, 12))


@pytest.fixture
def ledger(db: psycopg.Connection) -> Ledger:
    return Ledger(db)


def derived(ledger: Ledger) -> list[tuple[object, ...]]:
    """Every derived row of the wallet but for what a machine stamps, and what rules remember of prices."""
    rows = []
    of_rules = "'{peak_price,lowest_price,take_profit_base}'::text[]"
    for table in ("agent_balances", "agent_positions", "agent_historical_swaps", "agent_token_withdrawals"):
        stamps = "'{id,created_at,updated_at,last_updated,last_transaction_time,last_ledger_order}'::text[]"
        rows += ledger.db.execute(
            f"select (to_jsonb(t) - {stamps} - {of_rules})::text from {table} as t"
            " where to_jsonb(t) ->> 'balance' is distinct from '0' order by 1"
        ).fetchall()
    return rows


def test_a_buy_that_arrives_late_changes_the_gain_of_the_sale_after_it(ledger: Ledger) -> None:
    """Case I of the accounting."""
    ledger.buy("A", "100", "1", transaction_time=TEN)
    ledger.sell("A", "100", "2", transaction_time=NOON)
    ledger.buy("A", "100", "3", transaction_time=ELEVEN)
    assert ledger.gains() == [0]
    position = ledger.held("A")
    assert (position["remaining_amount"], position["cost_basis_sol"]) == (100, 2)
    assert ledger.swaps()[0]["closes_position"] is False


def test_a_void_of_the_late_buy_leaves_what_was_before_it_came(ledger: Ledger) -> None:
    """Case J."""
    ledger.buy("A", "100", "1", transaction_time=TEN)
    ledger.sell("A", "100", "2", transaction_time=NOON)
    before = derived(ledger)
    late = ledger.buy("A", "100", "3", transaction_time=ELEVEN)
    assert derived(ledger) != before
    document = ledger.void(late)
    assert derived(ledger) == before
    assert ledger.gains() == [1]
    assert ledger.position("A") is None
    assert (document["voidReason"], document["voidedBy"][:6]) == ("it was wrong", "login ")


def test_a_sale_before_its_buy_is_refused_alone_and_booked_after_it_or_with_it(ledger: Ledger) -> None:
    """Case H."""
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.sell("A", "100", "2", transaction_time=NOON)
    assert refusal.value.sqlstate == "TB003"
    both = [
        ledger.request(inputMint="A", inputAmount="100", outputMint=SOL, outputAmount="2",
                       transactionTime=NOON.isoformat()),
        ledger.request(transactionTime=TEN.isoformat()),
    ]  # fmt: skip
    assert [row["is_replayed"] for row in ledger.record(*both)] == [False, False]
    assert ledger.gains() == [1]


def test_a_buy_that_a_later_sale_needs_cannot_be_voided(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "1")
    ledger.sell("A", "100", "2")
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.void(buy)
    assert refusal.value.sqlstate == "TB003"
    assert checksums(ledger.db) == before


def test_a_deposit_whose_sol_is_spent_cannot_be_voided(db: psycopg.Connection) -> None:
    ledger = Ledger(db, sol=None)
    deposit = ledger.deposit(SOL, "10")
    ledger.buy("A", "100", "6")
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.void(deposit)
    assert refusal.value.sqlstate == "TB002"
    assert ledger.balance() == 4


@pytest.mark.parametrize("kind", ["buy", "sell", "burn", "withdraw", "deposit", "swap", "sol"])
def test_voiding_the_last_fact_of_each_kind_undoes_it_whole(ledger: Ledger, kind: str) -> None:
    ledger.buy("A", "100", "1", fee="0.01")
    ledger.buy("B", "100", "1")
    ledger.sell("A", "30", "1", fee="0.02")
    before = derived(ledger)
    last = {
        "buy": lambda: ledger.buy("A", "50", "3", fee="0.01"),
        "sell": lambda: ledger.sell("A", "70", "3", fee="0.01"),
        "burn": lambda: ledger.burn("A", "70"),
        "withdraw": lambda: ledger.withdraw("A", "70"),
        "deposit": lambda: ledger.deposit("A", "10", "2", value_usd="7"),
        "swap": lambda: ledger.swap("A", "70", "B", "10", value="3", fee="0.01"),
        "sol": lambda: ledger.withdraw(SOL, "3"),
    }[kind]()
    assert derived(ledger) != before
    ledger.void(last)
    assert derived(ledger) == before


def test_a_withdrawal_that_no_longer_ends_its_position_takes_the_end_from_the_sale_before(ledger: Ledger) -> None:
    """The sale that closes a position which ends with a withdrawal lies before the facts that are folded again."""
    ledger.buy("A", "100", "1")
    ledger.sell("A", "50", "1")
    ledger.withdraw("A", "50")
    assert [swap["closes_position"] for swap in ledger.swaps()] == [True]
    late = ledger.deposit("A", "10", "1", transaction_time=ledger.now - timedelta(minutes=30))
    assert [swap["closes_position"] for swap in ledger.swaps()] == [False]
    ledger.void(late)
    assert [swap["closes_position"] for swap in ledger.swaps()] == [True]


def test_the_same_void_again_changes_nothing_and_another_reason_is_refused(ledger: Ledger) -> None:
    buy = ledger.buy("A", "100", "1")
    first = ledger.void(buy)
    before = checksums(ledger.db)
    assert ledger.void(buy) == first
    assert checksums(ledger.db) == before
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        ledger.void(buy, "something else")
    assert refusal.value.sqlstate == "TB008"
    assert checksums(ledger.db) == before


@pytest.mark.parametrize("reason", [None, "", " ", "x" * 501, "a\nb"])
def test_a_void_without_a_reason_is_refused(ledger: Ledger, reason: str | None) -> None:
    buy = ledger.buy("A", "100", "1")
    with pytest.raises(psycopg.errors.CheckViolation), ledger.db.transaction():
        ledger.db.execute("select book.void_transaction(%s, %s)", [buy, reason])
    assert ledger.balance("A") == 100


def test_what_does_not_exist_cannot_be_voided(ledger: Ledger) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        ledger.void(uuid4())
    assert refusal.value.sqlstate == "TB007"
    ledger.db.rollback()


def test_a_record_that_moves_nothing_can_be_voided(ledger: Ledger) -> None:
    record = ledger.buy("A", "100", "1", wallet_address=None)
    assert ledger.void(record)["voidedAt"] is not None
    assert ledger.balance() == 1000


def test_a_leg_that_was_voided_can_be_booked_again(ledger: Ledger) -> None:
    wrong = ledger.buy("A", "100", "1", transaction_hash="signature")
    ledger.void(wrong)
    ledger.buy("A", "100", "2", transaction_hash="signature")
    assert ledger.balance() == 998


def test_the_stop_loss_state_stays_with_a_position_that_gets_another_opener(ledger: Ledger) -> None:
    first = ledger.buy("A", "100", "1")
    second = ledger.buy("A", "100", "1")
    with acting_as(ledger.db, "book"):
        ledger.db.execute("update agent_positions set peak_price = 3, lowest_price = 0.5")
    ledger.void(first)
    position = ledger.held("A")
    assert (position["id"], position["peak_price"], position["lowest_price"]) == (second, 3, D("0.5"))


def test_a_position_that_a_void_opens_again_has_its_peak_from_the_prices_since(ledger: Ledger) -> None:
    ledger.buy("A", "100", "1")
    opened = ledger.now
    sale = ledger.sell("A", "100", "1")
    for hours, price in ((-1, "9"), (1, "5"), (2, "0.5"), (3, "2")):
        ledger.db.execute(
            "insert into token_prices (token_address, source, observed_at, price_sol) values ('A', 'feed', %s, %s)",
            [opened + timedelta(hours=hours), price],
        )
    ledger.void(sale)
    position = ledger.held("A")
    assert (position["peak_price"], position["lowest_price"]) == (5, D("0.5"))


def buffers(ledger: Ledger, statement: str, *parameters: object) -> int:
    """Shared buffers that a statement touches, its triggers and functions included; undone afterwards."""
    with ledger.db.transaction(force_rollback=True):
        (plan,) = ledger.db.execute(f"explain (analyze, buffers, format json) {statement}", parameters).fetchone() or ()
    top = plan[0]["Plan"]
    assert isinstance(top["Shared Hit Blocks"], int)
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"])


def test_a_void_costs_what_the_later_rows_of_its_token_cost(db: psycopg.Connection) -> None:
    """Not what stands before it: 16 times the history costs what the longer list of DCA buys does."""
    costs = []
    for length in (50, 800):
        ledger = Ledger(db)
        row = (
            "insert into agent_transactions (agent_id, wallet_address, transaction_type, transaction_time, input_mint,"
            " input_amount, output_mint, output_amount, value_usd)"
            " select %s, %s, 'SWAP', %s + n * interval '1 minute', %s, 0.001, 'A', 1, 0.1 from generate_series(1, %s) n"
        )
        db.execute(row, [ledger.agent, ledger.wallet, START, SOL, length])
        ledger.now = START + timedelta(days=2)
        recent = [ledger.buy("A", "1", "0.001") if n % 2 else ledger.sell("A", "0.5", "0.001") for n in range(20)]
        db.commit()
        db.autocommit = True
        db.execute("vacuum analyze")
        db.autocommit = False
        # The first time in a session, plans are made too.
        costs.append(min(buffers(ledger, "select book.void_transaction(%s, 'wrong')", recent[3]) for _ in range(3)))
    few, many = costs
    assert many < few * 2, costs


def test_a_sale_of_crumbs_is_not_taken_for_the_last_one_of_its_position(ledger: Ledger) -> None:
    """The position before a void has ended, and crumbs of it have been sold since."""
    ledger.buy("A", "1000000", "1")
    sale = ledger.sell("A", "999999.5", "2")
    ledger.sell("A", "0.2", "0.1")
    ledger.void(ledger.withdraw("A", "0.1"))
    position = ledger.held("A")
    assert (position["last_sale_transaction_id"], position["is_dust"]) == (sale, True)
