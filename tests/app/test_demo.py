"""The demo: made by the engine, the same every time, and only in an empty database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from app.commands.demo import demo
from app.database import queries
from app.demo import demo_api_key, make_demo
from app.settings import Settings, SetupError

UNTIL = datetime(2026, 1, 31, tzinfo=UTC)

FACTS = """
    select count(*), min(transaction_time)::text, max(transaction_time)::text, md5(string_agg(
        concat_ws('|', agent_id, wallet_address, transaction_type, transaction_time at time zone 'UTC', input_mint,
            input_amount, output_mint, output_amount, fees_sol, value_sol, value_usd, close_reason),
        ';' order by agent_id, transaction_time, input_mint, output_mint
    ))
    from agent_transactions
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"TRADEBOOK_DATA_DIR": str(tmp_path / "data")})


def test_the_demo_is_what_the_engine_makes_and_the_same_every_time(db: psycopg.Connection, database_url: str) -> None:
    make_demo(database_url, days=6, until=UNTIL)
    first = db.execute(FACTS).fetchone()
    assert first is not None
    assert first[0] > 200
    assert (first[1], first[2][:10]) == ("2026-01-25 00:00:00+00", "2026-01-31")
    assert {reason for (reason,) in db.execute("select distinct close_reason from agent_historical_swaps")} == {
        "stop_loss",
        "take_profit",
        "stale_trade",
        "dead_token",
    }
    assert db.execute("select count(*) > 0 from agent_transactions where is_dca").fetchone() == (True,)
    assert {status for (status,) in db.execute("select distinct status from signal_executions")} == {
        "success",
        "skipped",
    }
    assert db.execute("select count(distinct trading_config) from agents").fetchone() == (7,)
    db.execute("delete from users")
    db.execute("delete from trading_signals")
    db.execute("delete from token_prices")
    db.execute("select setval('trading_signals_id_seq', 1, false)")
    db.execute("set time zone 'Asia/Tokyo'")
    db.commit()
    make_demo(database_url, days=6, until=UNTIL)
    again = db.execute(FACTS).fetchone()
    assert again is not None
    assert again[3] == first[3]


def test_the_demo_has_a_snapshot_of_each_wallet_for_every_hour(db: psycopg.Connection, database_url: str) -> None:
    make_demo(database_url, days=2, agents=3, until=UNTIL)
    rows = db.execute(
        "select wallet_address, count(*), min(snapshot_timestamp)::text, max(snapshot_timestamp)::text"
        " from agent_balance_snapshots group by 1"
    ).fetchall()
    assert [row[1:] for row in rows] == [(49, "2026-01-29 00:00:00+00", "2026-01-31 00:00:00+00")] * 3


def test_a_demo_that_was_broken_off_is_made_anew(
    db: psycopg.Connection, database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[int] = []

    def break_off(connection: psycopg.Connection, *, until: datetime, days: int, day: int) -> None:
        if day == 2:
            raise KeyboardInterrupt
        played.append(day)

    with monkeypatch.context() as broken:
        broken.setattr(queries, "play_demo", break_off)
        with pytest.raises(KeyboardInterrupt):
            make_demo(database_url, days=2, agents=2, until=UNTIL)
    assert played == [1]
    assert demo_api_key(settings, database_url) is None
    assert make_demo(database_url, days=2, agents=2, until=UNTIL)
    assert db.execute("select email from users").fetchall() == [("demo@tradebook.example",)]
    assert db.execute("select count(*) from agent_transactions where origin = 'simulation'").fetchone() > (2,)


def test_a_database_with_users_gets_no_demo(
    db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.execute("insert into users (email) values ('a@example.org')")
    db.commit()
    assert not make_demo(database_url, days=2)
    assert db.execute("select count(*) from agent_transactions").fetchone() == (0,)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(SetupError, match="The database has users"):
        CliRunner().invoke(demo, ["--days", "2"], catch_exceptions=False)


def test_the_command_makes_as_many_agents_and_days_as_one_likes(
    db: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    told = CliRunner().invoke(demo, ["--days", "2", "--agents", "10"], catch_exceptions=False)
    assert told.output == "10 agents have traded for 2 days. See: tradebook report\n"
    names = [name for (name,) in db.execute("select name from agents order by created_at")]
    assert (len(names), names[0], names[8:]) == (10, "Careful", ["Careful 2", "Steady 2"])
    hours = "select now() - max(snapshot_timestamp) < interval '61 minutes' from agent_balance_snapshots"
    assert db.execute(hours).fetchone() == (True,)
    for wrong in (["--days", "0"], ["--until", "2026-01-31T00:30"], ["--until", "2999-01-01"], ["--until", "soon"]):
        assert CliRunner().invoke(demo, wrong).exit_code == 2


def test_the_demo_s_key_works_and_is_kept_in_a_private_file(
    database_url: str, tmp_path: Path, client: FlaskClient, settings: Settings
) -> None:
    assert demo_api_key(settings, database_url) is None
    make_demo(database_url, days=2, agents=4)
    key = demo_api_key(settings, database_url)
    assert key is not None
    assert demo_api_key(settings, database_url) == key
    assert (tmp_path / "data" / "demo_api_key").stat().st_mode & 0o777 == 0o600
    agents = client.get("/api/v1/agents", headers={"X-API-Key": key}).json
    assert agents is not None
    assert [agent["name"] for agent in agents] == ["Reckless", "Eager", "Steady", "Careful"]


def test_a_lost_key_file_gets_a_new_key(database_url: str, settings: Settings) -> None:
    make_demo(database_url, days=2, agents=1)
    key = demo_api_key(settings, database_url)
    (settings.data_dir / "demo_api_key").unlink()
    assert demo_api_key(settings, database_url) not in (None, key)
