"""The resources over HTTP: what they answer, page by page, and that each user sees his own rows only."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.app.conftest import BASE, Person, Trader, make_person, make_trader
from tests.app.test_bad_input import CASES, UNREADABLE, buy
from tests.ledger import SOL, new_agent


def follow(trader: Trader | Person, path: str) -> list[dict[str, Any]]:
    """All rows of a list, by its Link headers."""
    rows: list[dict[str, Any]] = []
    url: str | None = BASE + path
    while url is not None:
        response = trader.get(url.removeprefix(BASE))
        assert response.status_code == 200, response.get_data(as_text=True)
        rows += response.json or []
        link = re.fullmatch(r'<(.+)>; rel="next"', response.headers.get("Link", ""))
        url = link[1] if link else None
    return rows


def test_health_needs_no_key(client: FlaskClient) -> None:
    response = client.get(f"{BASE}/health")
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["status"] == "ok"


def test_an_agent_is_made_with_its_simulation_wallet(person: Person) -> None:
    made = person.post("/agents", {"name": "Momentum"})
    assert made.status_code == 201
    agent = made.json
    assert agent is not None
    assert (agent["name"], agent["tradingMode"]) == ("Momentum", "simulation")
    assert person.get(f"/agents/{agent['id']}").json == agent
    wallets = person.get(f"/wallets/agent/{agent['id']}").json
    assert wallets is not None
    assert [wallet["walletType"] for wallet in wallets] == ["simulation"]
    assert re.fullmatch(r"sim_[0-9a-f]{32}", wallets[0]["walletAddress"])


def test_a_live_wallet_is_assigned_once(person: Person) -> None:
    agent = (person.post("/agents", {"name": "Momentum"}).json or {})["id"]
    wallet = {"agentId": agent, "walletAddress": "W" * 44, "walletType": "live"}
    assert person.post("/wallets/assign", wallet).status_code == 201
    assert person.post("/wallets/assign", wallet).status_code == 409


def test_a_transaction_is_answered_as_it_is_stored_with_exact_strings(trader: Trader) -> None:
    body = buy(trader, inputAmount="0.123456789012345678", feesSol="0.000005001", valueUsd="18.5")
    posted = trader.post("/agent-transactions", body)
    assert posted.status_code == 201
    booked = posted.json
    assert booked is not None
    assert {name: booked[name] for name in body} == body
    assert (booked["valueSol"], booked["fees"], booked["inputSymbol"]) == ("0.123456789012345678", "0.000005", "SOL")
    assert trader.get(f"/agent-transactions/{booked['id']}").json == booked
    position = (trader.get(f"/agent-positions/{trader.ledger.agent}").json or [])[0]
    assert position["costBasisSol"] == "0.123461790012345678"
    balances = trader.get(f"/agent-balances?agentId={trader.ledger.agent}").json or []
    assert {each["tokenAddress"]: each["balance"] for each in balances} == {"A": "100", SOL: "999.876538209987654322"}


def test_the_same_id_again_answers_the_first_result_and_changes_nothing(trader: Trader) -> None:
    body = buy(trader, id=str(uuid4()))
    first = trader.post("/agent-transactions", body)
    second = trader.post("/agent-transactions", body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (None, "true")
    assert trader.ledger.balance() == 999


def test_the_same_signature_again_answers_the_first_result(trader: Trader) -> None:
    body = buy(trader, transactionHash="signature")
    first = trader.post("/agent-transactions", body).json
    assert trader.post("/agent-transactions", body).json == first
    assert trader.post("/agent-transactions", body | {"leg": 2}).json != first


def test_a_sale_shows_its_gain(trader: Trader) -> None:
    trader.post("/agent-transactions", buy(trader))
    sale = buy(trader, inputMint="A", inputAmount="50", outputMint=SOL, outputAmount="1", valueUsd="160")
    sale["transactionTime"] = "2026-01-03T00:00:00Z"
    sold = trader.post("/agent-transactions", sale).json
    assert sold is not None
    swaps = trader.get("/agent-historical-swaps").json
    assert swaps is not None
    assert [(swap["id"], swap["gainSol"], swap["gainUsd"], swap["changePercent"]) for swap in swaps] == [
        (sold["id"], "0.5", "85", "100")
    ]
    assert trader.get(f"/agent-historical-swaps/{sold['id']}").json == swaps[0]


def test_the_summary_adds_up(trader: Trader) -> None:
    ledger = trader.ledger
    ledger.db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol) values ('A', 'feed', now(), 0.03)"
    )
    for token, sol in [("B", "3"), ("C", "0.5"), ("D", "1")]:
        ledger.buy(token, "100", "1")
        ledger.sell(token, "100", sol)
    ledger.buy("A", "100", "1")
    ledger.buy("E", "100", "1")
    ledger.db.commit()
    summary = trader.get(f"/agents/{ledger.agent}/performance").json
    expected = {
        "agentId": str(ledger.agent),
        "walletAddress": None,
        "solBalance": "999.5",
        "positionsValueSol": "3",
        "portfolioBalanceSol": "1002.5",
        "realizedProfitLossSol": "1.5",
        "realizedProfitLossUsd": "150",
        "unrealizedProfitLossSol": "2",
        "totalProfitLossSol": "3.5",
        "totalSwaps": 3,
        "totalClosedTrades": 3,
        "wonTrades": 1,
        "drawnTrades": 1,
        "lostTrades": 1,
        "winRate": "33.333333333333333333",
        "averageReturn": "50",
        "totalOpenPositions": 2,
        "unpricedPositions": 1,
        "unpricedCostSol": "1",
        "expectancySol": "0.5",
        "profitFactor": "4",
    }
    assert {name: summary[name] for name in expected} == expected
    one_wallet = trader.get(f"/agents/{ledger.agent}/performance?walletAddress={ledger.wallet}").json
    for found in (summary, one_wallet):
        assert float(found.pop("oldestPriceSeconds")) > 0
    assert one_wallet == summary | {"walletAddress": ledger.wallet}


def test_the_summary_of_an_agent_that_never_traded_has_no_rates(person: Person) -> None:
    agent = (person.post("/agents", {"name": "new"}).json or {})["id"]
    summary = person.get(f"/agents/{agent}/performance").json or {}
    assert (summary["winRate"], summary["averageReturn"], summary["totalProfitLossSol"]) == (None, None, "0")


def test_the_summary_of_a_wallet_that_the_agent_has_not_is_refused(trader: Trader) -> None:
    answer = trader.get(f"/agents/{trader.ledger.agent}/performance?walletAddress=mistyped")
    problem = answer.json or {}
    assert (answer.status_code, problem["errors"][0]["pointer"]) == (404, "/walletAddress")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("path", ["/agents", "/agent-transactions", "/agent-historical-swaps"])
def test_pages_hold_every_row_once_newest_first(trader: Trader, path: str, limit: int) -> None:
    """Ties in time among them."""
    for _ in range(3):
        new_agent(trader.ledger.db, trader.ledger.user)
        trader.ledger.buy("A", "10", "1", transaction_time="2026-02-01T00:00:00Z")
        trader.ledger.sell("A", "5", "1", transaction_time="2026-02-01T00:00:00Z")
    trader.ledger.db.commit()
    whole = trader.get(path).json
    assert whole is not None
    assert len(whole) == {"/agents": 4, "/agent-transactions": 7, "/agent-historical-swaps": 3}[path]
    assert follow(trader, f"{path}?limit={limit}") == whole
    times = [row.get("transactionTime") or row.get("saleTime") or row["createdAt"] for row in whole]
    assert times == sorted(times, reverse=True)


def test_transactions_are_filtered(trader: Trader) -> None:
    ledger = trader.ledger
    ledger.buy("A", "10", "1")
    sale = ledger.sell("A", "5", "1")
    ledger.withdraw("A", "5")
    ledger.db.commit()
    at = ledger.fact(sale)["transaction_time"].isoformat().replace("+00:00", "Z")
    ledger.db.rollback()

    def kinds(query: str) -> list[str]:
        return [row["transactionType"] for row in trader.get(f"/agent-transactions?{query}").json or []]

    assert kinds("transactionType=SWAP") == ["SWAP", "SWAP"]
    assert kinds("tokenAddress=A") == ["WITHDRAWAL", "SWAP", "SWAP"]
    assert kinds(f"startTime={at}") == ["WITHDRAWAL", "SWAP"]
    assert kinds(f"endTime={at}") == ["SWAP", "DEPOSIT"]
    assert kinds(f"agentId={uuid4()}") == []
    assert kinds(f"walletAddress={ledger.wallet}&limit=1") == ["WITHDRAWAL"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=nonsense", "cursor"),
        ("agentId=1", "agentId"),
        ("startTime=yesterday", "startTime"),
        ("startTime=2026-01-01T00:00:00", "startTime"),
        ("transactionType=GIFT", "transactionType"),
        ("walletAdress=x", "walletAdress"),
        ("tokenAddress=%00", "tokenAddress"),
    ],
)
def test_a_wrong_parameter_is_named(trader: Trader, query: str, pointer: str) -> None:
    response = trader.get(f"/agent-transactions?{query}")
    assert response.status_code == 400
    assert [error["pointer"] for error in (response.json or {})["errors"]] == [f"/{pointer}"]


def test_another_user_s_rows_are_not_there(
    trader: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    other = make_trader(client, db, database_url)
    bought = other.ledger.buy("A", "100", "1")
    sold = other.ledger.sell("A", "50", "1")
    db.commit()
    agent = other.ledger.agent
    for path in [
        f"/agents/{agent}",
        f"/agents/{agent}/performance",
        f"/agent-transactions/{bought}",
        f"/agent-historical-swaps/{sold}",
        f"/wallets/agent/{agent}",
        f"/agent-positions/{agent}",
    ]:
        assert other.get(path).status_code == 200
        assert trader.get(path).status_code == 404
    for path in [
        f"/agent-transactions?agentId={agent}",
        f"/agent-transactions?walletAddress={other.ledger.wallet}",
        f"/agent-balances?agentId={agent}",
        f"/agent-historical-swaps?agentId={agent}",
    ]:
        assert other.get(path).json != []
        assert trader.get(path).json == []
    assert [row["id"] for row in trader.get("/agents").json or []] == [str(trader.ledger.agent)]
    wallet = {"agentId": str(agent), "walletAddress": "W" * 44, "walletType": "live"}
    person = make_person(trader.client, trader.ledger.db, trader.ledger.user)
    assert person.post("/wallets/assign", wallet).status_code == 404


@pytest.mark.parametrize(
    ("scope", "reaches"),
    [
        ("agents", {"/agents"}),
        ("transactions", {"/agent-transactions"}),
        ("history", {"/agent-historical-swaps"}),
        ("full_access", {"/agents", "/agent-transactions", "/agent-historical-swaps"}),
        ("feed", set()),
    ],
)
def test_a_key_reaches_what_its_scopes_say(
    client: FlaskClient, db: psycopg.Connection, database_url: str, scope: str, reaches: set[str]
) -> None:
    trader = make_trader(client, db, database_url, scopes=(scope,))
    paths = ["/agents", "/agent-transactions", "/agent-historical-swaps"]
    answers = {path: trader.get(path) for path in paths}
    assert {path for path in paths if answers[path].status_code == 200} == reaches
    assert {answer.status_code for answer in answers.values()} <= {200, 403}
    assert trader.post("/agents", {"name": "x"}).status_code == 403


def test_a_key_works_as_a_bearer_token_until_it_is_deleted(trader: Trader, db: psycopg.Connection) -> None:
    headers = {"Authorization": f"Bearer {trader.key}"}
    assert trader.client.get(f"{BASE}/agents", headers=headers).status_code == 200
    db.execute("delete from api_keys")
    db.commit()
    assert trader.client.get(f"{BASE}/agents", headers=headers).status_code == 401


def test_a_key_that_shares_its_first_characters_with_another_is_not_taken_for_it(trader: Trader) -> None:
    assert trader.get("/agents").status_code == 200
    forged = trader.key[:12] + "x" * 24
    assert trader.client.get(f"{BASE}/agents", headers={"X-API-Key": forged}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/agents", 405), ("GET", "/problems/no", 404)]
)
def test_what_is_not_there_is_a_problem_too(client: FlaskClient, method: str, path: str, status: int) -> None:
    response = client.open(BASE + path, method=method)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")


def test_the_type_of_a_problem_is_a_page(trader: Trader) -> None:
    problem = trader.post("/agent-transactions", buy(trader, inputAmount="5000")).json or {}
    page = trader.client.get(problem["type"]).json or {}
    assert (page["name"], page["status"], page["codes"]) == ("insufficient_balance", 422, ["TB002"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outputAmount", "101"),
        ("transactionHash", "signature"),
        ("destinationAddress", "X"),
        ("closeReason", "manual"),
        ("signalId", 999999),
        ("leg", 2),
        ("inputSymbol", "SOLANA"),
        ("slippage", "0.5"),
        ("routes", {}),
        ("valueSol", "1.5"),
    ],
)
def test_a_repeat_that_says_anything_else_is_refused_by_its_field(trader: Trader, field: str, value: Any) -> None:
    body = buy(trader, id=str(uuid4()))
    assert trader.post("/agent-transactions", body).status_code == 201
    again = trader.post("/agent-transactions", body | {field: value})
    assert again.status_code == 409
    problem = again.json or {}
    assert problem["type"].endswith("/repeat_differs")
    assert [error["pointer"] for error in problem["errors"]] == [f"/{field}"]


def test_the_idempotency_key_is_the_transaction_s_id(trader: Trader) -> None:
    key = str(uuid4())
    headers = {"X-API-Key": trader.key, "Idempotency-Key": key}
    answers = [trader.client.post(f"{BASE}/agent-transactions", json=buy(trader), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [(answer.json or {})["id"] for answer in answers] == [key, key]
    assert trader.ledger.balance() == 999
    for wrong, change in [("nonsense", {}), (key, {"id": str(uuid4())})]:
        refused = trader.client.post(
            f"{BASE}/agent-transactions", json=buy(trader) | change, headers=headers | {"Idempotency-Key": wrong}
        )
        assert refused.status_code == 400


def test_another_user_s_signatures_block_and_tell_nothing(
    trader: Trader, client: FlaskClient, db: psycopg.Connection, database_url: str
) -> None:
    other = make_trader(client, db, database_url)
    for each in (other, trader):
        record = buy(each, walletAddress=None, transactionHash="public")
        assert each.post("/agent-transactions", record).status_code == 201
    assert trader.post("/agent-transactions", buy(trader, transactionHash="booked")).status_code == 201
    for signature in ("booked", "unknown"):
        spying = buy(other, walletAddress=trader.ledger.wallet, transactionHash=signature)
        assert other.post("/agent-transactions", spying).status_code == 404


@pytest.mark.parametrize("payload", ["[1e131071]", "[1e-5000]", "[" * 80 + "]" * 80])
def test_a_document_that_grows_when_it_is_written_out_is_refused(trader: Trader, payload: str) -> None:
    body = json.dumps(buy(trader)).removesuffix("}") + f', "routes": {payload}}}'
    response = trader.client.post(
        f"{BASE}/agent-transactions", data=body, content_type="application/json", headers={"X-API-Key": trader.key}
    )
    assert response.status_code == 400
    assert [error["pointer"] for error in (response.json or {})["errors"]] == ["/routes"]


def test_every_problem_of_the_readme_has_its_page(client: FlaskClient) -> None:
    for case in CASES + UNREADABLE:
        page = client.get(f"{BASE}/problems/{case.name}")
        assert (page.status_code, (page.json or {})["status"]) == (200, case.status)


def test_a_method_that_is_not_there_names_those_that_are(client: FlaskClient) -> None:
    assert client.delete(f"{BASE}/agents").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
