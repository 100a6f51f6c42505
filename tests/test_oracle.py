"""The worked cases of the accounting rules, the laws over real files, and shortfalls worked by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle import (
    SOL,
    Airdrops,
    Prices,
    Refused,
    Sale,
    Shortfall,
    Transaction,
    Type,
    Wallet,
    book_lines,
    book_rows,
    check_laws,
    exact,
    fold,
    main,
    parse_number,
    parse_time,
    plain,
    read_files,
    read_prices,
    round18,
    total_gain,
    utc,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SWAPS = DATA / "solana_swaps_3JoV_cielo.csv"
EVENTS = DATA / "solana_other_events_3JoV_cielo.csv"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data is not at {DATA}")

START = datetime(2025, 4, 27, 23, 1, 47, tzinfo=UTC)
WALLET = "wallet"
SWAP_HEADER = (
    "wallet_address,transaction_hash,transaction_time,input_mint,input_symbol,input_amount,"
    "output_mint,output_symbol,output_amount,fee_sol,value_usd,source"
)
EVENT_HEADER = "wallet_address,transaction_hash,transaction_time,event_type,direction,mint,amount,value_usd"


class Ledger:
    """Facts of one wallet that starts with 100 SOL; SOL is worth 2 USD throughout."""

    def __init__(self) -> None:
        self.facts: list[Transaction] = []
        self.deposit(SOL, "100", "100")

    def post(
        self,
        kind: Type,
        given: tuple[str, str],
        got: tuple[str, str] = ("", "0"),
        value: str = "0",
        fee: str = "0",
    ) -> None:
        """Add a fact, a second after the last."""
        number = len(self.facts)
        self.facts.append(
            Transaction(
                id=f"t{number}",
                wallet=WALLET,
                type=kind,
                time=START + timedelta(seconds=number),
                input_mint=given[0],
                input_amount=Decimal(given[1]),
                output_mint=got[0],
                output_amount=Decimal(got[1]),
                fees_sol=Decimal(fee),
                value_sol=Decimal(value),
                value_usd=2 * Decimal(value),
                fees_usd=2 * Decimal(fee),
            )
        )

    def deposit(self, token: str, amount: str, value: str) -> None:
        self.post("DEPOSIT", (token, amount), value=value)

    def withdraw(self, token: str, amount: str) -> None:
        self.post("WITHDRAWAL", (token, amount))

    def burn(self, token: str, amount: str, fee: str = "0") -> None:
        self.post("BURN", (token, amount), fee=fee)

    def buy(self, amount: str, sol: str, fee: str = "0", token: str = "A") -> None:
        self.post("SWAP", (SOL, sol), (token, amount), sol, fee)

    def sell(self, amount: str, sol: str, fee: str = "0", token: str = "A") -> None:
        self.post("SWAP", (token, amount), (SOL, sol), sol, fee)

    def wallet(self) -> Wallet:
        """Fold, and check the laws on the way."""
        books = fold(self.facts)
        assert check_laws(books, self.facts) == []
        return books[WALLET]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def gains(wallet: Wallet) -> list[str]:
    return [plain(sale.gain_sol) for sale in wallet.sales]


def closing(sale: Sale) -> tuple[bool, Decimal | None, Decimal | None]:
    return sale.closes_position, sale.position_gain_sol, sale.position_invested_sol


def test_case_a(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.sell("50", "1")
    ledger.buy("100", "0.5")
    position = ledger.wallet().positions["A"]
    with exact():
        price = round18(position.cost_sol / position.held)
    assert (plain(position.held), plain(price)) == ("150", "0.006666666666666667")
    assert position.dca_ids == ["t3"]

    ledger.sell("50", "0.75")
    ledger.sell("100", "2")
    wallet = ledger.wallet()
    assert gains(wallet) == ["0.5", "0.416666666666666667", "1.333333333333333333"]
    assert [sale.closes_position for sale in wallet.sales] == [False, False, True]
    assert closing(wallet.sales[-1]) == (True, Decimal("2.25"), Decimal("1.5"))
    assert wallet.positions == {}
    assert total_gain({WALLET: wallet}) == (Decimal("2.25"), Decimal("4.5"))


def test_case_b(ledger: Ledger) -> None:
    ledger.buy("100", "10", "0.1")
    ledger.buy("100", "5", "0.05")
    ledger.sell("50", "10", "0.1")
    assert ledger.wallet().positions["A"].realized_sol == Decimal("6.1125")
    ledger.buy("50", "4", "0.04")
    ledger.sell("120", "10.8", "0.108")
    position = ledger.wallet().positions["A"]
    assert position.realized_sol == Decimal("7.563")
    assert (position.held, position.cost_sol, position.cost_usd) == (Decimal(80), Decimal("6.161"), Decimal("12.322"))
    assert position.dca_ids == ["t2", "t4"]


def test_case_c(ledger: Ledger) -> None:
    ledger.buy("3", "1")
    for _ in range(3):
        ledger.sell("1", "0.5")
    wallet = ledger.wallet()
    third = "0.333333333333333333"
    assert [plain(sale.released_sol) for sale in wallet.sales] == [third, "0.333333333333333334", third]
    assert total_gain({WALLET: wallet})[0] == Decimal("0.5")


def test_case_d(ledger: Ledger) -> None:
    ledger.buy("1000", "1")
    ledger.burn("A", "400")
    ledger.sell("600", "0.9")
    wallet = ledger.wallet()
    assert gains(wallet) == ["-0.4", "0.3"]
    assert [sale.is_burn for sale in wallet.sales] == [True, False]
    assert closing(wallet.sales[1]) == (True, Decimal("-0.1"), Decimal(1))


def test_case_e(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.withdraw("A", "40")
    ledger.sell("60", "0.9")
    wallet = ledger.wallet()
    assert gains(wallet) == ["0.3"]
    assert wallet.withdrawn["A"][0] == Decimal("0.4")


def test_case_f(ledger: Ledger) -> None:
    ledger.deposit("A", "100", "2")
    assert not ledger.wallet().positions["A"].managed
    ledger.sell("100", "1.5")
    assert gains(ledger.wallet()) == ["-0.5"]


def test_case_g(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.post("SWAP", ("A", "100"), ("B", "10"), "1.4")
    ledger.sell("10", "1.2", token="B")
    wallet = ledger.wallet()
    assert [(sale.token, plain(sale.gain_sol)) for sale in wallet.sales] == [("A", "0.4"), ("B", "-0.2")]


def test_case_k(ledger: Ledger) -> None:
    ledger.buy("6270767154619", "9.583587")
    ledger.sell("6270767154619", "15.285886")
    assert gains(ledger.wallet()) == ["5.702299"]


def test_case_n(ledger: Ledger) -> None:
    ledger.buy("1000000", "1")
    ledger.sell("999999.5", "2")
    assert ledger.wallet().positions["A"].is_dust
    ledger.buy("10", "1")
    wallet = ledger.wallet()
    assert closing(wallet.sales[0]) == (True, Decimal("1.0000005"), Decimal(1))
    position = wallet.positions["A"]
    expected = Decimal("10.5"), Decimal("1.0000005")
    assert (position.held, position.cost_sol) == (position.purchase_amount, position.invested_sol) == expected
    assert (position.id, position.dca_ids, position.is_dust) == ("t3", [], False)


def test_fee_between_tokens_reduces_the_proceeds_only(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.post("SWAP", ("A", "100"), ("B", "10"), "1.4", fee="0.1")
    wallet = ledger.wallet()
    assert gains(wallet) == ["0.3"]
    assert wallet.positions["B"].cost_sol == Decimal("1.4")
    assert wallet.balances[SOL] == Decimal("98.9")


def test_fees_and_sol_burned_are_expenses(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.burn(SOL, "2", fee="0.5")
    ledger.burn("A", "100", fee="0.25")
    wallet = ledger.wallet()
    assert gains(wallet) == ["-1"]
    assert wallet.balances[SOL] == Decimal("96.25")


def test_a_deposit_is_no_buy(ledger: Ledger) -> None:
    ledger.deposit("A", "10", "1")
    ledger.buy("10", "1")
    ledger.deposit("A", "10", "1")
    ledger.buy("10", "1")
    position = ledger.wallet().positions["A"]
    assert (position.id, position.first_buy_id, position.dca_ids) == ("t1", "t2", ["t4"])
    assert not position.managed


def test_quote_tokens_are_not_managed(ledger: Ledger) -> None:
    usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
    ledger.buy("100", "1", token=usdc)
    ledger.buy("100", "1")
    positions = ledger.wallet().positions
    assert (positions[usdc].managed, positions["A"].managed) == (False, True)


def test_a_withdrawal_that_closes_flags_the_last_sale(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.sell("20", "0.5")
    ledger.sell("20", "0.5")
    ledger.withdraw("A", "60")
    wallet = ledger.wallet()
    assert [sale.closes_position for sale in wallet.sales] == [False, True]
    assert closing(wallet.sales[1]) == (True, Decimal("0.6"), Decimal(1))


def test_a_withdrawal_without_sales_is_neither_won_nor_lost(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.withdraw("A", "100")
    wallet = ledger.wallet()
    assert (wallet.sales, wallet.positions) == ([], {})


def test_crumbs_sold_after_closing_close_nothing(ledger: Ledger) -> None:
    ledger.buy("1000000", "1")
    ledger.sell("999999", "2")
    ledger.sell("1", "0.5")
    first, crumbs = ledger.wallet().sales
    assert closing(first) == (True, Decimal("1.000001"), Decimal(1))
    assert closing(crumbs) == (False, None, None)
    assert (crumbs.position_id, crumbs.gain_sol) == (first.position_id, Decimal("0.499999"))


def test_crumbs_pass_to_a_deposit_too(ledger: Ledger) -> None:
    ledger.buy("1000000", "1")
    ledger.sell("999999", "2")
    ledger.deposit("A", "9", "0")
    position = ledger.wallet().positions["A"]
    assert (position.id, position.managed, position.held, position.cost_sol) == (
        "t3",
        False,
        Decimal(10),
        Decimal("1e-6"),
    )


def test_dust_is_a_millionth_and_no_more(ledger: Ledger) -> None:
    ledger.buy("1000000", "1")
    ledger.sell("999998.999999999999999999", "1")
    assert not ledger.wallet().positions["A"].is_dust
    ledger.sell("0.000000000000000001", "1")
    wallet = ledger.wallet()
    assert wallet.positions["A"].is_dust
    assert [sale.closes_position for sale in wallet.sales] == [False, True]


def test_overselling_is_refused_with_nothing_changed(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    wallet = ledger.wallet()
    before = book_lines({WALLET: wallet})
    ledger.sell("100.000001", "1")
    with pytest.raises(Refused, match="insufficient_holding"):
        wallet.apply(ledger.facts[-1])
    assert book_lines({WALLET: wallet}) == before


def test_arrival_in_any_order_gives_the_same_books(ledger: Ledger) -> None:
    ledger.buy("100", "1")
    ledger.sell("50", "1")
    ledger.buy("100", "0.5")
    assert fold(reversed(ledger.facts)) == fold(ledger.facts)


def test_laws_find_what_is_wrong(ledger: Ledger) -> None:
    ledger.buy("3", "1")
    ledger.sell("1", "0.5")
    books = fold(ledger.facts)
    with exact():
        books[WALLET].positions["A"].cost_sol += Decimal("1e-18")
    assert [law.split()[1:3] for law in check_laws(books, ledger.facts)] == [["law", "3:"], ["law", "4:"]]
    assert any("law 1" in law for law in check_laws(fold(ledger.facts[1:]), ledger.facts[1:]))
    assert check_laws({}, ledger.facts) != []


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        ("0.0000000000000000005", "0.000000000000000001"),
        ("-0.0000000000000000005", "-0.000000000000000001"),
        ("0.00000000000000000049999", "0"),
        ("99999999999999999999.9999999999999999994", "99999999999999999999.999999999999999999"),
    ],
)
def test_round18(number: str, rounded: str) -> None:
    assert plain(round18(Decimal(number))) == rounded


def test_plain() -> None:
    numbers = ["0", "-0", "-0.000", "1e3", "1E-18", "10.500", "100", "-2.50"]
    assert [plain(Decimal(number)) for number in numbers] == [
        *("0", "0", "0", "1000", "0.000000000000000001", "10.5", "100", "-2.5")
    ]


def test_utc() -> None:
    texts = ["2025-04-27T23:01:47Z", "2025-04-28T01:01:47.500+02:00", "2025-04-27T23:01:10.000Z"]
    expected = ["2025-04-27T23:01:47Z", "2025-04-27T23:01:47.5Z", "2025-04-27T23:01:10Z"]
    assert [utc(parse_time(text)) for text in texts] == expected


@pytest.mark.parametrize("text", ["2025-04-27", "2025-04-27T23:01:47", "2025-13-27T23:01:47Z", "now", ""])
def test_times_without_date_clock_and_offset_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="invalid_time"):
        parse_time(text)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", ".5", "1.", " 1", "NaN", "Infinity", "1_0", "٣", "1.0" + "0" * 18]
)
def test_numbers_that_are_not_plain_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="invalid_number"):
        parse_number(text)


def test_numbers_of_more_than_20_digits_are_refused() -> None:
    assert plain(parse_number("9" * 20 + "." + "9" * 18)) == "9" * 20 + "." + "9" * 18
    with pytest.raises(Refused, match="amount_out_of_range"):
        parse_number("1" + "0" * 20)


# ---- Files and shortfalls. Rows are written short: seconds, then the columns that matter. ---------------------------

Run = Callable[..., tuple[list[str], list[tuple[int, str]]]]


def swap(second: int, given: str, amount: str, got: str, output: str, fee: str = "", usd: str = "") -> str:
    return f"w,h{second},2025-01-01T00:00:{second:02}Z,{given},,{amount},{got},,{output},{fee},{usd},test"


def event(second: int, direction: str, mint: str, amount: str, usd: str = "", kind: str = "transfer") -> str:
    return f"w,h{second},2025-01-01T00:00:{second:02}Z,{kind},{direction},{mint},{amount},{usd}"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Book rows of swaps and events; give the lines of the books (without wallet) and the refused lines."""

    def book(
        swaps: list[str],
        events: list[str] | None = None,
        price: str | None = "2",
        shortfall: Shortfall = "refuse",
        airdrops: Airdrops = "zero",
    ) -> tuple[list[str], list[tuple[int, str]]]:
        files = []
        for name, header, lines in (("events", EVENT_HEADER, events or []), ("swaps", SWAP_HEADER, swaps)):
            path = tmp_path / f"{name}.csv"
            path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
            files.append(str(path))
        rows, refused, _ = read_files(files)
        booked = book_rows(rows, read_prices(price), shortfall, airdrops)
        books = fold(booked.transactions)
        assert check_laws(books, booked.transactions) == []
        lines_of_books = [line.replace("\tw\t", " ").replace("\t", " ") for line in book_lines(books)]
        return lines_of_books, [(refusal.line, refusal.reason) for refusal in [*refused, *booked.refused]]

    return book


def test_shortfall_refused(run: Run) -> None:
    rows = [swap(1, SOL, "1", "A", "10"), swap(2, SOL, "5", "A", "10"), swap(3, "A", "11", SOL, "3")]
    rows.append(swap(4, "A", "10", SOL, "3"))
    books, refused = run(rows, [event(0, "in", SOL, "2"), event(5, "out", "A", "1")])
    assert refused == [(3, "insufficient_balance"), (4, "insufficient_holding"), (3, "insufficient_holding")]
    assert books == [
        "balance A 0",
        f"balance {SOL} 4",
        "swap A 2025-01-01T00:00:04Z h4 10 1 3 2 2 6 4",
    ]


def test_shortfall_of_sol_is_deposited_net_of_the_fee(run: Run) -> None:
    # 1.25 is missing for the buy; the sale of an empty SOL balance pays its own fee.
    rows = [swap(1, SOL, "1", "A", "10", fee="0.25"), swap(2, "A", "5", SOL, "3", fee="0.5")]
    books, refused = run(rows, shortfall="deposit")
    assert refused == []
    assert books == [
        "balance A 5",
        f"balance {SOL} 2.5",
        "position A 5 0.625 1.25",
        "swap A 2025-01-01T00:00:02Z h2 5 0.625 2.5 1.875 1.25 5 3.75",
    ]


def test_shortfall_of_a_token_comes_at_the_value_of_the_row(run: Run) -> None:
    # 10 for 1; selling 30 for 6 lacks 20, worth 4: released 1 + 4, so that only the 10 bought make a gain. The fee
    # does not lower the value of what is deposited.
    rows = [swap(1, SOL, "1", "A", "10"), swap(2, "A", "30", SOL, "6", fee="0.5", usd="18")]
    books, refused = run(rows, [event(0, "in", SOL, "1")], shortfall="deposit")
    assert refused == []
    # The USD proceeds are 18 - 0.5 * 18 / 6, the cost is 2 for the buy and 4 * 2 for the deposit.
    assert books == [
        "balance A 0",
        f"balance {SOL} 5.5",
        "swap A 2025-01-01T00:00:02Z h2 30 5 5.5 0.5 10 16.5 6.5",
    ]


def test_shortfall_of_a_token_and_of_the_fee_between_tokens(run: Run) -> None:
    # 9 USD at 2 are 4.5 SOL; a third of the 30 sold is missing: 1.5 SOL. The fee of 0.25 SOL is missing as well.
    rows = [swap(1, "A", "30", "B", "7", fee="0.25", usd="9")]
    books, refused = run(rows, [event(0, "in", "A", "20")], shortfall="deposit")
    assert refused == []
    assert books == [
        "balance A 0",
        "balance B 7",
        f"balance {SOL} 0",
        "position B 7 4.5 9",
        "swap A 2025-01-01T00:00:01Z h1 30 1.5 4.25 2.75 3 8.5 5.5",
    ]


def test_shortfall_without_a_price_is_refused_with_its_deposits(run: Run) -> None:
    rows = [swap(1, "A", "30", SOL, "3", usd="9"), swap(2, SOL, "1", "A", "10", usd="3")]
    books, refused = run(rows, price=None, shortfall="deposit")
    assert (books, refused) == ([], [(2, "value_required"), (3, "value_required")])


def test_shortfall_of_a_withdrawal_without_any_value_is_worth_nothing(run: Run) -> None:
    books, refused = run([], [event(1, "out", "A", "5")], price=None, shortfall="deposit")
    assert (books, refused) == (["balance A 0"], [])
    books, refused = run([], [event(1, "out", "A", "5", usd="10"), event(2, "in", "A", "1")], shortfall="deposit")
    assert (books, refused) == (["balance A 1", "position A 1 0 0"], [])


def test_airdrops(run: Run) -> None:
    events = [event(1, "in", "A", "3", usd="10"), event(2, "in", "B", "3"), event(3, "in", SOL, "3")]
    books, refused = run([], events)
    sol = f"balance {SOL} 3"
    assert (books, refused) == (["balance A 3", "balance B 3", sol, "position A 3 0 0", "position B 3 0 0"], [])
    books, refused = run([], events, airdrops="value")
    assert (books, refused) == (["balance A 3", sol, "position A 3 5 10"], [(3, "value_required")])
    books, refused = run([], events, price=None, airdrops="value")
    assert (books, refused) == ([], [(line, "value_required") for line in (2, 3, 4)])


def test_values_of_swaps(run: Run) -> None:
    start = [event(0, "in", SOL, "9", usd="9"), event(0, "in", "A", "3")]
    both_tokens = swap(1, "A", "1", "B", "1", usd="10")
    unvalued_fee = swap(2, SOL, "3", "B", "1", fee="0.1")
    fee_by_value = swap(3, SOL, "3", "C", "1", fee="0.1", usd="10")
    books, refused = run([both_tokens, unvalued_fee, fee_by_value], start, price=None)
    assert refused == [(2, "value_required"), (3, "value_required")]
    assert "position C 1 3.1 10.333333333333333333" in books
    books, refused = run([both_tokens, unvalued_fee, fee_by_value], start, price="3")
    assert refused == []
    assert "position B 2 6.433333333333333333 19.3" in books


def test_malformed_rows(run: Run) -> None:
    rows = [
        swap(1, SOL, "1", SOL, "1"),
        swap(2, SOL, "0", "A", "1"),
        swap(3, SOL, "1", "A", "0." + "0" * 18 + "1"),
        swap(4, SOL, "1" + "0" * 20, "A", "1"),
        swap(5, SOL, "1", "", "1"),
        swap(6, SOL, "1", "A", "1", fee="-1"),
        swap(7, SOL, "1", "A", "1").replace("2025-", "25-"),
    ]
    reasons = ["same_mint", "invalid_number", "invalid_number", "amount_out_of_range", "output_mint_required"]
    books, refused = run(rows, shortfall="deposit")
    assert books == []
    assert refused == list(enumerate([*reasons, "invalid_number", "invalid_time"], 2))


def test_duplicates_are_rows_of_their_own_and_files_are_merged_by_time(run: Run) -> None:
    buy = swap(3, SOL, "1", "A", "10")
    books, refused = run([buy, swap(4, "A", "15", SOL, "3"), buy], [event(3, "in", SOL, "2")])
    assert refused == []
    assert "position A 5 0.5 1" in books


def test_rows_ahead_of_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"{EVENT_HEADER}\n{event(30, 'in', SOL, '1')}\n", encoding="utf-8")
    rows, _, _ = read_files([str(path)])
    time = rows[0].time
    late, ahead = (book_rows(rows, Prices.constant(Decimal(2)), at=time - timedelta(minutes=m)) for m in (5, 6))
    assert (late.rows, ahead.rows, ahead.refused[0].reason) == (1, 0, "time_in_future")


def test_price_series(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "time,price,source\n2025-01-02T00:00:00Z,2,a\n2025-01-01T00:00:00Z,1,a\n2025-01-01T00:00:00Z,9,b\n",
        encoding="utf-8",
    )
    with pytest.raises(SystemExit, match="--series"):
        read_prices(str(path))
    with pytest.raises(SystemExit, match="no series c"):
        read_prices(str(path), "c")
    prices = read_prices(str(path), "a")
    times = ["2024-12-31T23:59:59Z", "2025-01-01T00:00:00Z", "2025-01-01T23:59:59Z", "2026-01-01T00:00:00Z"]
    assert [prices.at(parse_time(time)) for time in times] == [None, 1, 1, 2]


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.csv"
    lines = [EVENT_HEADER, event(1, "in", SOL, "1.50"), event(2, "in", "", "1"), event(3, "", "", "", kind="lp")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main([str(path), "--sol-usd", "150"]) == 0
    out, err = capsys.readouterr()
    assert out == f"balance\tw\t{SOL}\t1.5\n"
    assert err.splitlines() == [
        f"{path}:3: mint_required",
        "rows 3, booked 1, refused 1, skipped 1, shortfalls met 0",
        "gain 0 SOL, 0 USD",
    ]
    with pytest.raises(SystemExit):
        main([str(tmp_path / "absent.csv")])


@needs_data
@pytest.mark.parametrize("airdrops", ["zero", "value"])
@pytest.mark.parametrize("shortfall", ["refuse", "deposit"])
@pytest.mark.parametrize("files", [[SWAPS], [SWAPS, EVENTS], [EVENTS, SWAPS]])
def test_laws_hold_over_real_files(files: list[Path], shortfall: Shortfall, airdrops: Airdrops) -> None:
    prices = read_prices(str(DATA / "sol_usd.csv"), "cielo_swap_minute")
    rows, malformed, _ = read_files([str(path) for path in files])
    booked = book_rows(rows, prices, shortfall, airdrops)
    assert malformed == []
    assert check_laws(fold(booked.transactions), booked.transactions) == []
    assert booked.rows + len(booked.refused) == len(rows)
    if shortfall == "deposit" and airdrops == "zero":
        assert booked.refused == []
