"""What agents do by themselves, attacked: by figures that fit nowhere, others' ids, roles that may not ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.ledger import SOL, Ledger, acting_as, checksums, value
from tests.sql.test_cascades import new_live_wallet

Db = psycopg.Connection[Any]

LEAST, MOST = "0.000000000000000001", "99999999999999999999.999999999999999999"
"""The ends of what amounts and prices can be."""

MODES = ["fixed", "exponential", "zones"]


def observe(db: Db, token: str, sol: str, usd: str | None = None, seconds: int = 0) -> None:
    """A price of the feed, so many seconds before now."""
    price = {
        "tokenAddress": token,
        "observedAt": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(),
        "priceSol": sol,
        **({} if usd is None else {"priceUsd": usd}),
    }
    with acting_as(db, "feed"):
        db.execute("select book.record_prices(%s)", [json.dumps([price])])


def sol_price(db: Db) -> None:
    db.execute(
        "insert into token_prices (token_address, source, observed_at, price_sol, price_usd)"
        " values (%s, 'feed', now(), 1, 100)",
        [SOL],
    )


def recent(ledger: Ledger) -> Ledger:
    """The same wallet, whose next trades are of the last hours."""
    ledger.now = datetime.now(UTC) - timedelta(hours=12)
    return ledger


def call(ledger: Ledger, function: str, *arguments: Any, user: UUID | None = None) -> Any:
    """The document that a function of the book answers to the wallet's user, now."""
    places = ", ".join(["%s"] * len(arguments))
    stated = [json.dumps(each) if isinstance(each, dict) else each for each in arguments]
    with acting_as(ledger.db, "api", user or ledger.user):
        # What a token that is flagged does is one row, and no document.
        column = "row_to_json(f)" if function == "flag_dead_token" else "document"
        return value(ledger.db, f"select {column} from book.{function}({places}, clock_timestamp()) as f", *stated)


def refused(ledger: Ledger, function: str, *arguments: Any, user: UUID | None = None) -> str:
    """The SQLSTATE of a call that is refused and changes nothing."""
    before = checksums(ledger.db)
    with pytest.raises(psycopg.Error) as refusal, ledger.db.transaction():
        call(ledger, function, *arguments, user=user)
    ledger.db.execute("reset role")
    assert checksums(ledger.db) == before
    return str(refusal.value.sqlstate)


# One user's figures


def test_a_position_whose_sale_fits_nowhere_fails_alone(db: Db) -> None:
    """Else whoever books absurd amounts of a token would stop its prices, and everybody's protection with them."""
    sol_price(db)
    absurd, other = recent(Ledger(db)), recent(Ledger(db))
    absurd.buy("A", "9" * 20, "1")
    other.buy("A", "1", "100")
    observe(db, "A", "30")
    assert other.position("A") is None
    assert absurd.position("A") is not None
    assert other.swaps()[0]["close_reason"] == "stop_loss"
    # The other one is rich beyond any stop; when the price falls again it is to sell, which fits nowhere.
    observe(db, "A", "2")
    (action,) = absurd.rows("select * from position_actions where wallet_address = %s", absurd.wallet)
    assert (action["rule"], action["status"], action["transaction_id"]) == ("stop_loss", "failed", None)
    assert action["error"]


def test_a_signal_whose_purchase_fits_nowhere_fails_alone(db: Db) -> None:
    sol_price(db)
    rich, other = recent(Ledger(db)), recent(Ledger(db))
    rich.deposit(SOL, "9" * 19, value_usd="1")
    config = {
        "purchaseLimits": {"maxPurchasePerToken": "9" * 19},
        "positionCalculator": {
            "positionSizes": {"large": {"min": "9" * 19, "max": "9" * 19}},
            "randomization": {"enabled": False},
        },
    }
    db.execute("update agents set trading_config = %s where id = %s", [json.dumps(config), rich.agent])
    db.execute("update agents set automated_trading_simulation = true")
    observe(db, "A", "0.000000000000000001")
    db.execute("insert into trading_signals (token_address, signal_type, signal_strength) values ('A', 'buy', 5)")
    statuses = dict(db.execute("select agent_id, status from signal_executions").fetchall())
    assert statuses == {rich.agent: "failed", other.agent: "success"}
    assert other.position("A") is not None


def test_usd_that_fit_nowhere_fail_a_trade_alone(db: Db) -> None:
    """By the token's own ratio, where the SOL/USD price is unknown."""
    rich, other = recent(Ledger(db)), recent(Ledger(db, sol="2000"))
    rich.buy("A", "100000000", "1")
    other.buy("A", "1", "1000")
    observe(db, "A", "1000", usd="1000000", seconds=1)
    observe(db, "A", "100", usd="100000")
    outcomes = db.execute("select wallet_address, status from position_actions").fetchall()
    assert sorted(outcomes) == sorted([(rich.wallet, "failed"), (other.wallet, "success")])


# What requests say


@pytest.fixture
def live(db: Db) -> Ledger:
    """A live wallet that holds A, B and E; an executor is at the sale of A, and that of E waits for one."""
    sol_price(db)
    wallet = new_live_wallet(recent(Ledger(db)))
    wallet.buy("A", "100", "1")
    wallet.buy("B", "100", "1")
    wallet.buy("E", "100", "1")
    for token in "ABCE":
        observe(db, token, "0.01")
    close(wallet, "A")
    call(wallet, "claim_orders", wallet.user, {"executor": "mine"}, None)
    close(wallet, "E")
    return wallet


def close(wallet: Ledger, token: str, key: UUID | None = None, **request: Any) -> Any:
    position = wallet.held(token)
    return call(wallet, "close_position", wallet.user, wallet.agent, position["id"], request, key)


def claimed_order(wallet: Ledger) -> UUID:
    return value(
        wallet.db, "select id from trade_orders where wallet_address = %s and status = 'claimed'", wallet.wallet
    )


FIELDS: dict[str, dict[str, Any]] = {
    "claim_orders": {"executor": "mine", "agentId": None, "limit": 10, "leaseSeconds": 30},
    "fill_order": {
        "transactionHash": "hash",
        "outputAmount": "1",
        "inputAmount": "100",
        "feesSol": "0.001",
        "valueUsd": "100",
        "transactionTime": "2026-01-02T00:00:00Z",
        "slippage": "0.1",
        "priceImpact": "0.1",
    },
    "fail_order": {"error": "no route"},
    "close_position": {"priceSol": "0.01"},
    "execute_trade": {"agentId": None, "tokenAddress": "C", "symbol": "C", "amountSol": "1"},
    "flag_dead_token": {"tokenAddress": "A", "evidence": "it is gone"},
}
NUMBERS = {"outputAmount", "inputAmount", "feesSol", "valueUsd", "slippage", "priceImpact", "priceSol", "amountSol"}
INTEGERS = {"limit", "leaseSeconds"}
NO_NUMBERS = ["NaN", "Infinity", "-1e5000", "1e5000", "1" + "0" * 25, "0." + "0" * 18 + "1", "one", "", "0x1"]
NO_TEXTS: list[Any] = ["", "x" * 1001]
NO_VALUES: list[Any] = [[], {}, True, ["1"], {"a": 1}]


def request_of(wallet: Ledger, function: str, **changes: Any) -> tuple[Any, ...]:
    """The arguments of a function, of the wallet's own, with a request that is valid but for the changes."""
    agent = str(wallet.agent)
    request = {field: agent if field == "agentId" else each for field, each in FIELDS[function].items()} | changes
    position = wallet.held("B")
    return {
        "claim_orders": (wallet.user, request, None),
        "fill_order": (wallet.user, claimed_order(wallet), request),
        "fail_order": (wallet.user, claimed_order(wallet), request),
        "close_position": (wallet.user, wallet.agent, position["id"], request, None),
        "execute_trade": (wallet.user, request, None),
        "flag_dead_token": (wallet.user, request),
    }[function]


@pytest.mark.parametrize("function", FIELDS)
def test_a_request_that_is_as_it_should_be_is_done(live: Ledger, function: str) -> None:
    changes = {"transactionTime": datetime.now(UTC).isoformat()} if function == "fill_order" else {}
    before = checksums(live.db)
    assert call(live, function, *request_of(live, function, **changes))
    assert checksums(live.db) != before


@pytest.mark.parametrize(("function", "field"), [(name, field) for name, fields in FIELDS.items() for field in fields])
def test_a_request_with_a_value_that_is_none_is_refused_and_changes_nothing(
    live: Ledger, function: str, field: str
) -> None:
    wrong = list(NO_VALUES)
    if field in NUMBERS:
        wrong += NO_NUMBERS
    elif field in INTEGERS:
        wrong += ["NaN", 0, -1, 10**25, 1.5, "x"]
    elif field == "agentId":
        wrong += ["", "x", str(uuid4())]
    elif field == "transactionTime":
        wrong += ["", "now", "infinity", "2026-13-01T00:00:00Z", "9999999-01-01T00:00:00Z"]
    else:
        wrong += NO_TEXTS if field == "symbol" else [*NO_TEXTS, " ", "\n"]
    for each in wrong:
        state = refused(live, function, *request_of(live, function, **{field: each}))
        # A rule of the table, at the last.
        assert state[:2] == "TB" or (state, each) in {("23514", " "), ("23514", "\n")}, (field, each, state)


@pytest.mark.parametrize("function", FIELDS)
def test_a_request_that_is_no_object_or_holds_a_zero_byte_is_refused(live: Ledger, function: str) -> None:
    arguments = request_of(live, function)
    place = next(n for n, each in enumerate(arguments) if isinstance(each, dict))
    for text in ("null", "[]", "1", '"x"', '{"x": 1}', "{" + f'"{next(iter(FIELDS[function]))}": "a\\u0000b"' + "}"):
        state = refused(live, function, *arguments[:place], text, *arguments[place + 1 :])
        assert state[:2] in ("TB", "22"), (text, state)


# Whose


@pytest.mark.parametrize("function", FIELDS)
def test_another_user_s_agent_order_or_position_is_as_one_that_does_not_exist(
    db: Db, live: Ledger, function: str
) -> None:
    thief = Ledger(db)
    mine = request_of(live, function)
    # As himself with another's ids, and with another's name.
    assert refused(live, function, *mine, user=thief.user) == "TB007"
    for owner in (thief.user, None, uuid4()):
        if function == "flag_dead_token" and owner == thief.user:
            continue
        assert refused(live, function, owner, *mine[1:], user=thief.user) == "TB007"
        assert refused(live, function, owner, *mine[1:]) == "TB007"


def test_a_user_flags_a_token_of_his_own_positions_alone(db: Db, live: Ledger) -> None:
    other = recent(Ledger(db))
    other.buy("A", "100", "1")
    with acting_as(db, "api", other.user):
        burned = value(
            db,
            "select burned from book.flag_dead_token(%s, %s, clock_timestamp())",
            other.user,
            json.dumps({"tokenAddress": "A", "evidence": "it is gone"}),
        )
    assert burned == 1
    assert (other.position("A"), live.position("A") is None) == (None, False)


def test_the_operator_flags_for_everyone_and_for_nobody_else(db: Db, live: Ledger) -> None:
    request = json.dumps({"tokenAddress": "A", "evidence": "it is gone"})
    flag = "select burned from book.flag_dead_token(%s, %s, clock_timestamp())"
    for owner in (live.user, uuid4()):
        # The setting is the user's, as anyone could make it.
        with pytest.raises(psycopg.Error) as refusal, db.transaction(), acting_as(db, "feed", live.user):
            db.execute(flag, [owner, request])
        assert refusal.value.sqlstate == "TB007"
        db.execute("reset role")
    with acting_as(db, "feed"):
        assert value(db, flag, None, request) == 1
    assert live.position("A") is None


@pytest.mark.parametrize("role", ["api", "bi"])
def test_no_user_calls_what_acts_for_everyone(db: Db, live: Ledger, role: str) -> None:
    for statement in (
        "select book.apply_rules(array['A'], clock_timestamp())",
        "select book.apply_rules(array['A'], clock_timestamp(), array[%(wallet)s])",
        "select book.act_on_pending(clock_timestamp())",
        "select book.act_on_signal(1, clock_timestamp())",
        "select book.expire_orders(clock_timestamp())",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(), acting_as(db, role, live.user):
            db.execute(statement, {"wallet": live.wallet})
        db.execute("reset role")


def test_the_helpers_of_those_functions_change_nothing_by_themselves(db: Db, live: Ledger) -> None:
    """They run with the rights of who calls them, and only the book writes what is derived."""
    order = claimed_order(live)
    position = live.held("B")
    before = checksums(db)
    for statement in (
        "select book.end_orders(array[%(order)s], now())",
        "select book.order_sale(p, gen_random_uuid(), 1, now()) from agent_positions as p",
        "select book.store_actions(array(select book.review_positions(array['B'], null, now())), '{}', now())",
        "select book.put_off_reviews(array['B'], array[%(wallet)s], '{}', now(), '{}')",
        "select book.supersede_orders(array[%(order)s], 'x', now())",
        "select book.order_purchases(s, array[%(wallet)s], 1, now()) from trading_signals as s",
        "select book.peaks_from_prices(array[%(position)s])",
        "update trade_orders set status = 'expired'",
        "delete from position_actions",
        "insert into dead_tokens (token_address, evidence, flagged_at) values ('A', 'x', now())",
    ):
        stated = {"order": order, "wallet": live.wallet, "position": position["id"]}
        try:
            with db.transaction(), acting_as(db, "api", live.user):
                db.execute(statement, stated)
        except psycopg.Error as error:
            assert error.sqlstate in ("42501", "TB014"), statement
        db.execute("reset role")
    assert checksums(db) == before


# Keys of repeats


def test_another_user_s_key_of_a_repeat_is_no_repeat_and_tells_nothing(db: Db, live: Ledger) -> None:
    thief = new_live_wallet(recent(Ledger(db)))
    thief.buy("B", "100", "1")
    key = uuid4()
    sold = close(live, "B", key)
    call(live, "claim_orders", live.user, {"executor": "mine"}, uuid4())
    of_claim = uuid4()
    close(thief, "B")
    mine = call(thief, "claim_orders", thief.user, {"executor": "thief"}, of_claim)
    assert [order["agentId"] for order in mine] == [str(thief.agent)]
    assert call(live, "claim_orders", live.user, {"executor": "mine"}, of_claim) == []
    assert sold["order"]["id"] == str(key)
    # The ids of his order and of his transactions are taken, and of what is not said.
    other = recent(Ledger(db))
    other.buy("D", "1", "1")
    position = other.held("D")
    buy = {"agentId": str(other.agent), "tokenAddress": "C"}
    for taken in (key, value(db, "select id from agent_transactions where user_id = %s limit 1", live.user)):
        for outcome in (
            refused_or_made(other, "execute_trade", other.user, buy, taken),
            refused_or_made(other, "close_position", other.user, other.agent, position["id"], {"priceSol": "1"}, taken),
        ):
            assert not {word for word in (str(live.agent), live.wallet, str(live.user)) if word in outcome}


def refused_or_made(ledger: Ledger, function: str, *arguments: Any) -> str:
    """All that a call tells, either way."""
    try:
        with ledger.db.transaction():
            return repr(call(ledger, function, *arguments))
    except psycopg.Error as error:
        ledger.db.execute("reset role")
        assert str(error.sqlstate)[:2] in ("TB", "23"), error
        return repr([error.diag.message_primary, error.diag.message_detail, error.diag.message_hint])


@pytest.mark.parametrize("kind", ["simulation", "live"])
def test_a_key_that_was_used_for_something_else_is_refused(db: Db, kind: str) -> None:
    """Else the answer would say that another position was sold."""
    sol_price(db)
    ledger = recent(Ledger(db))
    wallet = new_live_wallet(ledger) if kind == "live" else ledger
    bought = wallet.buy("A", "100", "1")
    wallet.buy("B", "100", "1")
    part = wallet.sell("B", "1", "0.01")
    observe(db, "A", "0.01")
    key = uuid4()
    sold = close(wallet, "A", key)
    again = (wallet.user, wallet.agent, bought, {}, key)
    assert call(wallet, "close_position", *again) == sold
    position = wallet.held("B")
    for taken in (key, bought, part):
        other = (wallet.user, wallet.agent, position["id"], {"priceSol": "1"}, taken)
        assert refused(wallet, "close_position", *other) == "TB008"


def test_no_figures_and_no_valid_config_make_the_rules_fail(db: Db) -> None:
    """A rule that failed at one position would stop the prices of its token for everyone."""
    custom = {"mode": "custom"}
    configs: list[dict[str, Any]] = [
        {},
        *({"stopLoss": {"mode": mode, "defaultPercentage": least}} for mode in MODES for least in ("-100", "0")),
        {
            "stopLoss": custom
            | {"trailingLevels": [{"change": MOST, "stopLoss": "1000"}, {"change": LEAST, "stopLoss": LEAST}]}
        },
        {
            "takeProfit": custom
            | {
                "enabled": True,
                "levels": [{"targetPercent": "1", "sellPercent": "1"}, {"targetPercent": "10000", "sellPercent": "49"}],
                "moonBag": {"enabled": True, "triggerPercent": "1", "retainPercent": "50"},
            },
        },
        {"stopLoss": {"enabled": False}, "staleTrade": {"minProfitPercent": f"-{MOST}", "maxProfitPercent": MOST}},
        {
            "purchaseLimits": {"minimumAgentBalance": "0.1", "maxPurchasePerToken": MOST},
            "stopLoss": {"enabled": False},
            "staleTrade": {"minHoldTimeMinutes": 2147483647},
            "dca": custom | {"enabled": True, "levels": [{"dropPercent": "-1", "buyPercent": "500"}]},
        },
    ]
    db.execute("create temporary table configs as select %s::jsonb as config", [json.dumps(configs)])
    wrong = db.execute(
        """
        with numbers (n) as (values (%(least)s::numeric(38, 18)), (1), (100000), (%(most)s))

        select c.config, p.remaining_amount, p.cost_basis_sol, p.peak_price, k.price, v
        from configs, jsonb_array_elements(configs.config) as c (config)
        cross join numbers as remaining (n)
        cross join numbers as cost (n)
        cross join numbers as peak (n)
        cross join numbers as k (price)
        cross join lateral jsonb_populate_record(null::agent_positions, jsonb_build_object(
            'managed', true, 'is_dust', false, 'remaining_amount', remaining.n, 'cost_basis_sol', cost.n,
            'peak_price', peak.n, 'lowest_price', %(least)s, 'take_profit_base', %(most)s, 'take_profit_levels_done', 0,
            'dca_count', 0, 'created_at', '2026-01-01T00:00:00Z'
        )) as p
        cross join lateral book.judge_position(
            p, book.trading_rules(book.stored_trading_config(c.config)), true, null, power(10::numeric, 40), k.price,
            greatest(k.price, peak.n), k.price, '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z'
        ) as v
        where
            -- Without an amount it is a DCA buy that there is no SOL for.
            coalesce(v.amount, case when v.rule <> 'dca' then 0 end) not between %(least)s and %(most)s
            or v.rule in ('stop_loss', 'take_profit', 'stale_trade') and v.amount > remaining.n
            or v.stop_loss_price not between 0 and %(most)s
            or v.stop_percent not between -100 and 999.99
            or v.moon_bag not between 0 and %(most)s
        """,
        {"least": LEAST, "most": MOST},
    ).fetchall()
    assert wrong == []
