"""What all lists have in common: filters, sorts, search, pages, counts and CSV, from one whitelist."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from app.answers import EXPORTS
from tests.app.conftest import BASE, Trader, go_live, make_person, make_trader, new_order, record_prices
from tests.app.test_resources import follow
from tests.ledger import SOL, value


@pytest.fixture
def busy(trader: Trader) -> Trader:
    """A trader with some of everything, ties and awkward texts among it."""
    ledger = trader.ledger
    for number, (token, sol) in enumerate([("A", "3"), ("B", "0.5"), ("C", "1"), ("D", "0.123456789012345678")]):
        at = f"2026-02-0{number + 1}T00:00:00.5Z"
        ledger.buy(token, "100", "1", transaction_time=at, output_symbol="=1+1" if token == "B" else token)
        ledger.sell(token, "50", sol, transaction_time=at)
        ledger.sell(token, "25", sol, transaction_time=at)
    ledger.db.commit()
    return trader


@pytest.fixture
def busier(busy: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str) -> Trader:
    """And trades that have ended, signals that were acted on, rules that sold, and orders of another agent."""
    ledger = busy.ledger
    for token in "AB":
        ledger.sell(token, "25", "1", transaction_time="2026-02-05T00:00:00Z")
    for token in "EF":
        ledger.buy(token, "100", "1", transaction_time="2026-02-06T00:00:00Z")
    ledger.db.execute(
        "insert into trading_signals (token_address, signal_type, signal_strength, source, user_id)"
        " values ('A', 'buy', 3, '=cmd', %(user)s), ('B', 'buy', 5, null, %(user)s), ('C', 'buy', 5, null, null)",
        {"user": ledger.user},
    )
    ledger.db.commit()
    record_prices(ledger.db, E="0.001", F="0.001")
    # A position with a price would grow older from one read to the next.
    ledger.db.execute("update agents set automated_trading_simulation = false")
    live = go_live(make_trader(client, db, database_url, user=ledger.user))
    for token in "GH":
        new_order(live, token)
    return busy


def lists(db: psycopg.Connection) -> dict[str, dict[str, Any]]:
    with db.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        found = cursor.execute("select * from api.lists").fetchall()
    db.rollback()
    return {row["request"]: row for row in found}


def path_of(name: str, trader: Trader) -> str:
    """The path of a list, with what it cannot do without."""
    agent = trader.ledger.agent
    swap = trader.ledger.swaps()[0]["id"]
    signal = value(trader.ledger.db, "select min(id) from trading_signals where user_id = %s", trader.ledger.user)
    trader.ledger.db.rollback()
    return {
        "list_agents": "/agents?",
        "list_api_keys": "/api-keys?",
        "list_balances": "/agent-balances?",
        "list_balances_at": f"/agent-balances?agentId={agent}&at=2026-02-03T12:00:00Z",
        "list_historical_swaps": "/agent-historical-swaps?",
        "list_positions": f"/agent-positions/{agent}?",
        "list_transactions": "/agent-transactions?",
        "list_wallets": f"/wallets/agent/{agent}?",
        "breakdown": f"/agents/{agent}/breakdown?by=token",
        "list_position_actions": f"/agent-positions/{agent}/actions?",
        "list_trade_orders": "/trade-orders?",
        "list_executions_of_signal": f"/trading-signals/{signal}/executions?",
        "list_signal_executions": "/signal-executions?",
        "list_trades": f"/agents/{agent}/trades?",
        "list_trading_signals": "/trading-signals?",
        "wallet_statement": f"/wallets/{trader.ledger.wallet}/statement?",
        "explain_swap": f"/agent-historical-swaps/{swap}/explain?",
    }[name]


def rows_of_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def as_cell(value: Any) -> str:
    """A value of JSON as a cell of a CSV file that PostgreSQL writes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(value) + "}"
    if (isinstance(value, str) and value[:1] in "=+@") or re.match(r"-\D", str(value)):
        return f"'{value}"
    return str(value)


def test_every_list_can_be_sorted_and_paged_by_all_that_it_says(busier: Trader, db: psycopg.Connection) -> None:
    person = make_person(busier.client, db, busier.ledger.user)  # who reaches every list
    for name, row in lists(db).items():
        path = path_of(name, busier)
        whole = person.get(f"{path}&limit=1000").json
        assert whole, name
        for field in row["sorts"]:
            for sign in ("", "-"):
                found = follow(person, f"{path}&sort={sign}{field}&limit=2")
                assert sorted(map(str, found)) == sorted(map(str, whole)), (name, field)
                values = [each[field] for each in found]
                assert None not in values, (name, field)
                if any(re.fullmatch(r"-?[\d.]+", str(value)) for value in values):
                    values = [Decimal(value) for value in values]
                assert values == sorted(values, reverse=sign == "-"), (name, sign, field)
        assert person.get(path).json == person.get(f"{path}&sort={row['default_sort']}").json, name


def test_the_csv_of_every_list_has_the_digits_of_its_json(busier: Trader, db: psycopg.Connection) -> None:
    person = make_person(busier.client, db, busier.ledger.user)
    for name in lists(db):
        path = path_of(name, busier)
        answered = person.get(f"{path}&limit=1000").json
        response = person.get(path, headers={"Accept": "text/csv"})
        assert response.mimetype == "text/csv", name
        rows = rows_of_csv(response.get_data(as_text=True))
        assert rows == [
            {
                field: row[field] if isinstance(value, dict) else as_cell(value)
                for (field, value), row in zip(document.items(), [row] * len(document), strict=True)
            }
            for document, row in zip(answered or [], rows, strict=True)
        ], name
        assert "no-store" in response.headers.get("Cache-Control", "no-store")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/agents/{agent}/breakdown?by=token&walletAddress=x", 404),
        ("/agents/{agent}/breakdown?by=token&from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 400),
        ("/agent-historical-swaps/00000000-0000-4000-8000-000000000000/explain", 404),
        ("/agent-transactions?limit=0", 400),
    ],
)
def test_what_is_refused_as_json_is_refused_as_csv(trader: Trader, path: str, status: int) -> None:
    """Also where it is found out with the first row."""
    for accept in ("application/json", "text/csv"):
        answer = trader.client.get(
            BASE + path.format(agent=trader.ledger.agent), headers={"X-API-Key": trader.key, "Accept": accept}
        )
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), accept


def test_more_files_than_a_process_sends_at_a_time_wait_outside(busy: Trader) -> None:
    headers = {"X-API-Key": busy.key, "Accept": "text/csv"}
    open_files = [busy.client.get(f"{BASE}/agent-transactions", headers=headers) for _ in range(EXPORTS)]
    refused = busy.client.get(f"{BASE}/agent-transactions", headers=headers)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    for each in open_files:
        each.close()
    assert busy.client.get(f"{BASE}/agent-transactions", headers=headers).status_code == 200


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_neutralised(busy: Trader) -> None:
    response = busy.client.get(
        f"{BASE}/agent-transactions?tokenAddress=B", headers={"X-API-Key": busy.key, "Accept": "text/csv"}
    )
    symbols = {row["outputSymbol"] for row in rows_of_csv(response.get_data(as_text=True))}
    assert symbols == {"'=1+1", "SOL"}


def test_the_same_read_has_the_same_digits_in_json_csv_and_psql(busy: Trader, db: psycopg.Connection) -> None:
    pairs = [
        (
            "/agent-historical-swaps",
            "gainSol",
            "select proceeds_sol - cost_basis_sol from agent_historical_swaps where id = %s",
        ),
        ("/agent-transactions", "valueSol", "select value_sol from agent_transactions where id = %s"),
        (
            f"/agent-positions/{busy.ledger.agent}",
            "costBasisSol",
            "select cost_basis_sol from agent_positions where id = %s",
        ),
        ("/agent-balances", "balance", "select balance::numeric from agent_balances where id = %s"),
    ]
    for path, field, query in pairs:
        answered = busy.get(path).json or []
        text = busy.client.get(BASE + path, headers={"X-API-Key": busy.key, "Accept": "text/csv"}).text
        cells = {row["id"]: row[field] for row in rows_of_csv(text)}
        assert answered
        for document in answered:
            (stored,) = db.execute(query, [document["id"]]).fetchone() or (None,)
            assert Decimal(document[field]) == stored
            assert cells[document["id"]] == document[field]
    db.rollback()


def test_rows_are_counted_where_that_is_asked(busy: Trader) -> None:
    def total(query: str, prefer: str | None = "count=exact") -> str | None:
        headers = {"X-API-Key": busy.key} | ({"Prefer": prefer} if prefer else {})
        return busy.client.get(f"{BASE}/agent-transactions?{query}", headers=headers).headers.get("X-Total-Count")

    assert total("limit=1") == "13"
    assert total("limit=1&offset=12") == "13"
    assert total("tokenAddress=A&limit=1") == "3"
    assert total("limit=1", prefer=None) is None
    assert total("limit=1", prefer="return=minimal") is None


def test_a_cursor_goes_on_under_the_same_filters_and_order_only(busy: Trader) -> None:
    first = busy.get("/agent-transactions?limit=1&sort=transactionTime&tokenAddress=A")
    link = re.fullmatch(r"<(.+)>; rel=\"next\"", first.headers["Link"])
    assert link is not None
    assert "sort=transactionTime" in link[1]
    assert "tokenAddress=A" in link[1]
    cursor = re.search(r"cursor=([^&]+)", link[1])
    assert cursor is not None
    for query in ("", "&sort=createdAt&limit=1", "&offset=1&sort=transactionTime"):
        refused = busy.get(f"/agent-transactions?cursor={cursor[1]}{query}")
        assert refused.status_code == 400, query
    assert "Link" not in busy.get("/agent-transactions?limit=13").headers


def test_an_offset_leaves_rows_out(busy: Trader) -> None:
    whole = busy.get("/agent-transactions").json or []
    assert busy.get("/agent-transactions?offset=5&limit=3").json == whole[5:8]
    assert busy.get("/agent-transactions?offset=100").json == []
    assert "cursor" in busy.get("/agent-transactions?offset=5&limit=3").headers["Link"]


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/agent-transactions", "search=sol", 13),
        ("/agent-transactions", "search=1%2B1", 3),
        ("/agent-transactions", "search=%25", 0),
        ("/agent-transactions", "isDca=true", 0),
        ("/agent-transactions", "isDca=false", 13),
        ("/agent-historical-swaps", "tokenSymbol=A", 2),
        ("/agent-historical-swaps", "minProfitLossUsd=0", 6),
        ("/agent-historical-swaps", "maxProfitLossUsd=0", 2),
        ("/agent-historical-swaps", "minProfitLossUsd=0&maxProfitLossUsd=0", 0),
        (
            "/agent-historical-swaps",
            "startPurchaseTime=2026-02-02T00:00:00.5Z&endPurchaseTime=2026-02-03T00:00:00.5Z",
            2,
        ),
        ("/agent-historical-swaps", "startSaleTime=2026-02-02T00:00:00.5%2B00:00", 6),
        ("/agent-historical-swaps", "endSaleTime=2026-02-02T01:00:00.5+01:00", 2),
        ("/agent-historical-swaps", "closeReason=stop_loss", 0),
        ("/agent-historical-swaps", "signalId=1", 0),
    ],
)
def test_filters_keep_to_their_bounds(busy: Trader, path: str, query: str, found: int) -> None:
    response = busy.get(f"{path}?{query}")
    assert response.status_code == 200, response.text
    assert len(response.json or []) == found


def test_what_a_filter_says_is_never_sql(busy: Trader) -> None:
    """Whatever is in it: quotes, formats, the names of parameters."""
    for text in ("'", "';select 1;--", "%s", "%1$s", "$1", "{owner}", "\\", "' or true or '", '"', "$$"):
        for path in ("/agent-transactions", "/agent-historical-swaps"):
            for accept in ("application/json", "text/csv"):
                response = busy.client.get(
                    BASE + path,
                    query_string={"search": text, "tokenAddress": text},
                    headers={"X-API-Key": busy.key, "Accept": accept},
                )
                assert response.status_code == 200, (path, text)
                assert response.json == [] if accept == "application/json" else response.text.count("\n") == 1


def test_a_file_is_in_the_time_zone_that_is_asked(busy: Trader) -> None:
    path = f"{BASE}/agent-historical-swaps/export"

    def times(**query: str) -> set[str]:
        response = busy.client.get(path, query_string=query, headers={"X-API-Key": busy.key})
        assert response.headers["Content-Disposition"] == 'attachment; filename="agent-historical-swaps.csv"'
        return {row["saleTime"] for row in rows_of_csv(response.text)}

    assert "2026-02-01T00:00:00.5Z" in times()
    assert "2026-02-01T01:00:00.5+01:00" in times(timezone="Europe/Madrid")
    assert "2026-01-31T19:00:00.5-05:00" in times(timezone="America/New_York")
    for zone in ("Nowhere/City", "XYZ+3", "' or true", ""):
        refused = busy.client.get(path, query_string={"timezone": zone}, headers={"X-API-Key": busy.key})
        assert refused.status_code == 400, zone
        assert (refused.json or {})["errors"][0]["pointer"] == "/timezone"


def test_a_balance_is_asked_for_an_instant(busy: Trader) -> None:
    agent = busy.ledger.agent

    def held(at: str) -> dict[str, str]:
        rows = busy.get(f"/agent-balances?agentId={agent}&at={at}").json or []
        return {row["tokenAddress"]: row["balance"] for row in rows}

    assert held("2026-02-01T00:00:00.5Z") == {SOL: "1005", "A": "25"}
    assert held("2026-02-01T00:00:00.4Z") == {SOL: "1000"}
    now = {row["tokenAddress"]: row["balance"] for row in busy.get("/agent-balances").json or []}
    assert held("2030-01-01T00:00:00Z") == now
    assert (busy.get("/agent-balances?at=2026-02-01T00:00:00Z").json or {})["errors"][0]["pointer"] == "/agentId"


def test_lists_are_read_in_read_only_transactions_and_head_works(busy: Trader) -> None:
    head = busy.client.head(f"{BASE}/agent-transactions", headers={"X-API-Key": busy.key})
    assert (head.status_code, head.data) == (200, b"")
    options = busy.client.options(f"{BASE}/agent-transactions")
    assert options.status_code == 200
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_every_list_of_a_key_without_its_scope_is_refused(
    client: FlaskClient, db: psycopg.Connection, database_url: str, busier: Trader
) -> None:
    other = make_trader(client, db, database_url, scopes=("feed",))
    for name in lists(db):
        assert other.get(path_of(name, busier)).status_code == 403, name


@pytest.mark.parametrize(
    ("function", "request_name"),
    [
        ("transaction_from_json", "record_transaction"),
        ("price_from_json", "record_prices"),
        ("check_chain_balances", "chain_balance"),
    ],
)
def test_a_request_of_the_catalog_says_what_the_function_takes(
    db: psycopg.Connection, function: str, request_name: str
) -> None:
    """Those have the fields in their text: they are on the way of every trade, or of ten thousand items."""
    text = value(db, "select prosrc from pg_proc where proname = %s", function)
    known, required = re.findall(r"array\[(.*?)\]", text, flags=re.S)[:2]
    rows = db.execute("select field, is_required from api.request_fields where request = %s", [request_name]).fetchall()
    assert {field for field, _ in rows} == set(re.findall(r"'(\w+)'", known))
    assert {field for field, is_required in rows if is_required} == set(re.findall(r"'(\w+)'", required))
    assert json.dumps(rows)
