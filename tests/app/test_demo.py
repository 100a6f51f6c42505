"""The demo: made through the book, the same every time, and only in an empty database."""

from __future__ import annotations

from pathlib import Path

import psycopg
from flask.testing import FlaskClient

from app.demo import demo_api_key, make_demo
from app.settings import Settings

FACTS = """
    select count(*), min(transaction_time)::text, max(transaction_time) - min(transaction_time), md5(string_agg(
        concat_ws('|', id, agent_id, wallet_address, transaction_type, transaction_time at time zone 'UTC', input_mint,
            input_amount, output_mint, output_amount, fees_sol, value_sol, value_usd, close_reason),
        ';' order by id
    ))
    from agent_transactions
"""


def test_the_demo_is_a_month_of_trades_and_the_same_every_time(db: psycopg.Connection, database_url: str) -> None:
    make_demo(database_url)
    first = db.execute(FACTS).fetchone()
    assert first is not None
    assert first[0] > 200
    assert 28 <= first[2].days <= 30
    db.execute("delete from users")
    db.execute("delete from token_prices")
    db.execute("set time zone 'Asia/Tokyo'")
    db.commit()
    make_demo(database_url)
    again = db.execute(FACTS).fetchone()
    assert again is not None
    assert again[3] == first[3]


def test_the_demo_has_a_snapshot_of_each_wallet_for_every_hour(db: psycopg.Connection, database_url: str) -> None:
    make_demo(database_url)
    rows = db.execute(
        "select wallet_address, count(*), min(snapshot_timestamp)::text, max(snapshot_timestamp)::text"
        " from agent_balance_snapshots group by 1"
    ).fetchall()
    assert [row[1:] for row in rows] == [(721, "2026-01-01 00:00:00+00", "2026-01-31 00:00:00+00")] * 4


def test_a_database_with_users_gets_no_demo(db: psycopg.Connection, database_url: str) -> None:
    db.execute("insert into users (email) values ('a@example.org')")
    db.commit()
    make_demo(database_url)
    assert db.execute("select count(*) from agent_transactions").fetchone() == (0,)


def test_the_demo_s_key_works_and_is_kept_in_a_private_file(
    database_url: str, tmp_path: Path, client: FlaskClient
) -> None:
    settings = Settings.from_environment({"TRADEBOOK_DATA_DIR": str(tmp_path / "data")})
    assert demo_api_key(settings, database_url) is None
    make_demo(database_url)
    key = demo_api_key(settings, database_url)
    assert key is not None
    assert demo_api_key(settings, database_url) == key
    assert (tmp_path / "data" / "demo_api_key").stat().st_mode & 0o777 == 0o600
    agents = client.get("/api/v1/agents", headers={"X-API-Key": key}).json
    assert agents is not None
    assert [agent["name"] for agent in agents] == ["Reckless", "Eager", "Steady", "Careful"]


def test_a_lost_key_file_gets_a_new_key(database_url: str, tmp_path: Path) -> None:
    settings = Settings.from_environment({"TRADEBOOK_DATA_DIR": str(tmp_path)})
    make_demo(database_url)
    key = demo_api_key(settings, database_url)
    (tmp_path / "demo_api_key").unlink()
    assert demo_api_key(settings, database_url) not in (None, key)
