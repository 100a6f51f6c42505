"""`tradebook report`: what a person reads of an agent, also where there is little to tell."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from app.commands.report import BLOCKS, amount, duration, gain, percent, report, sparkline
from app.demo import make_demo
from app.settings import SetupError
from tests.ledger import Ledger, value

Db = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def _on_its_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(report, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.output.splitlines()]
    assert max(map(len, lines)) <= 80, result.output
    assert "\x1b" not in result.output
    return "\n".join(lines)


def told(text: str, name: str) -> str:
    """What is said on the line of that name, in one line."""
    lines = iter(text.splitlines())
    words = [next(line for line in lines if line.startswith(name)).removeprefix(name).strip()]
    for line in lines:
        if not line.startswith("  "):
            break
        words.append(line.strip())
    return " ".join(words)


def test_several_agents_are_listed_and_one_is_shown_whole(database_url: str, db: Db) -> None:
    make_demo(database_url, days=6, agents=4, until=datetime(2026, 1, 31, tzinfo=UTC))
    every = shown()
    assert {line.split()[0] for line in every.splitlines()[2:6]} == {"Careful", "Steady", "Eager", "Reckless"}
    assert every.endswith("More about one of them: tradebook report --agent NAME")
    one = shown("--agent", "Careful")
    row = db.execute(
        "select trades, trades_won, trades_lost, realized_gain_sol from report.performance_by_agent"
        " where agent_name = 'Careful'"
    ).fetchall()[0]
    assert told(one, "Trades").startswith(f"{row[0]} closed: {row[1]} won, {row[2]} lost (")
    assert told(one, "Gain").startswith(f"{row[3]:+.4f} SOL realized")
    held = value(
        db,
        "select round(sum(portfolio_sol), 4) from report.portfolio"
        " where agent_id = (select id from agents where name = 'Careful')",
    )
    assert told(one, "Now").startswith(f"{held} SOL (")
    trades = one.split("Best and worst trades\n")[1].split("\n\n")[0].splitlines()
    assert len(trades) == 7
    gains = [Decimal(line.split()[1]) for line in trades[1:]]
    assert gains == sorted(gains, reverse=True)
    assert (gains[0], gains[-1]) == tuple(
        round(each, 4)
        for each in db.execute(
            "select max(profit_sol), min(profit_sol) from report.trades"
            " where agent_id = (select id from agents where name = 'Careful')"
        ).fetchall()[0]
    )
    assert "\nBy token\n" in one
    assert "\nBy the reason of closing\n" in one


def test_a_period_has_only_what_happened_in_it(database_url: str) -> None:
    make_demo(database_url, days=6, agents=4, until=datetime(2026, 1, 31, tzinfo=UTC))
    recent = shown("--agent", "Careful", "--period", "24h")
    assert recent.startswith("Careful, the last 24 hours\n")
    assert told(recent, "Gain") == "nothing happened in this period"
    assert told(recent, "Trades") == "none was closed"
    assert "By token" not in recent
    assert re.match(r"9\d\.\d{4} SOL \(", told(recent, "Now"))


def test_without_agents_wallets_trades_or_prices_it_says_so(db: Db) -> None:
    assert shown() == "There is no agent yet."
    ledger = Ledger(db, sol=None)
    db.commit()
    empty = shown()
    assert told(empty, "Now") == "0.0000 SOL, no open position"
    assert told(empty, "Gain") == "nothing happened in this period"
    assert told(empty, "Equity").startswith("no snapshot in this period")
    ledger.deposit("A", "5", "2")
    db.commit()
    unpriced = told(shown(), "Now")
    assert unpriced == (
        "0.0000 SOL: 0.0000 SOL and 1 open position;"
        " 1 holding (dust included) without a price, in none of these values, cost 2.0000"
    )
    db.execute("delete from agent_wallets")
    db.commit()
    assert told(shown(), "Now") == "no wallet"


def test_one_trade_only_draws_or_only_dust_are_no_error(db: Db) -> None:
    ledger = Ledger(db)
    ledger.buy("A", "100", "1")
    ledger.sell("A", "100", "1")
    db.commit()
    text = shown()
    assert told(text, "Trades") == "1 closed: 0 won, 1 drawn, 0 lost (0.0 % won); on average 0.0000 SOL"
    assert "\nThe trade\n" in text
    ledger.buy("B", "100", "1")
    ledger.sell("B", "99.99999", "3")
    db.commit()
    assert "2 closed: 1 won, 1 drawn" in shown()


def test_a_single_snapshot_is_no_course(db: Db) -> None:
    ledger = Ledger(db)
    ledger.snapshots(1)
    db.commit()
    assert told(shown(), "Equity") == "2.0000 SOL on 2026-01-02, by the only snapshot in this period"


def test_a_fee_is_told_once(db: Db) -> None:
    ledger = Ledger(db)
    ledger.deposit("A", "100", "1", fees_sol="0.25")
    ledger.sell("A", "100", "2", "0.5")
    db.commit()
    assert told(shown(), "Gain") == "+0.5000 SOL realized; fees 0.7500 SOL; expenses in no gain 0.2500 SOL"


def test_equity_is_drawn_from_the_snapshots(db: Db) -> None:
    ledger = Ledger(db)
    ledger.snapshots(30)
    db.commit()
    equity = told(shown(), "Equity")
    assert equity.startswith("▄▄ 2.0000 SOL on 2026-01-02, 2.0000 on 2026-01-03; between 2.0000 and 2.0000")


def test_a_user_s_report_is_of_his_agents(db: Db) -> None:
    ledgers = [Ledger(db), Ledger(db)]
    db.execute("update agents set name = 'theirs' where id = %s", [ledgers[1].agent])
    db.commit()
    email = value(db, "select email from users where id = %s", ledgers[0].user)
    db.commit()
    assert shown("--user", email).startswith("agent, all time\n")
    with pytest.raises(SetupError, match="There is no agent theirs"):
        shown("--user", email, "--agent", "theirs")
    with pytest.raises(SetupError, match="There is no user nobody"):
        shown("--user", "nobody")


def test_a_sparkline_shows_the_course() -> None:
    assert sparkline([Decimal(n) for n in range(8)]) == BLOCKS
    assert sparkline([Decimal(1), Decimal(3), Decimal(2)]) == "▁█▅"
    assert sparkline([Decimal(5)]) == "▄"
    many = sparkline([Decimal(n) for n in range(1000)], most=8)
    assert many == BLOCKS


def test_numbers_are_rounded_for_the_eye() -> None:
    assert [amount(Decimal(text)) for text in ("1234.56789", "0", "0.00001234", "-2")] == [
        "1,234.5679",
        "0.0000",
        "0.000012",
        "-2.0000",
    ]
    assert [gain(Decimal(text)) for text in ("1", "0", "-1")] == ["+1.0000", "0.0000", "-1.0000"]
    assert [percent(None), percent(Decimal("33.333")), percent(Decimal(5), sign="+")] == ["-", "33.3 %", "+5.0 %"]
    assert [duration(n) for n in (0, 40, 125, 90000, 86400)] == ["0s", "40s", "2m 5s", "1d 1h", "1d"]
