"""What no row of a table may be: for each rule the row that breaks it, and the one at its border, which is accepted.

Also that no row brings together what belongs to different agents or users, and that no number is NaN or infinite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql

from tests import server
from tests.ledger import Ledger, checksums, new_agent, new_user

SOL = "So11111111111111111111111111111111111111112"
MINT = "MintMintMintMintMintMintMintMintMintMintpump"
OTHER_MINT = "OtherMintOtherMintOtherMintOtherMintOtherpump"
ADDRESS = "1" * 32
SIMULATION = "sim_" + "0" * 28
BCRYPT = "$2b$12$" + "a" * 53
HASH = "\\x" + "ab" * 32
OTHER_HASH = "\\x" + "cd" * 32
LEAST = "0.000000000000000001"
MOST = "99999999999999999999.999999999999999999"

Row = Mapping[str, str | None]
"""Columns and what is written into them, as PostgreSQL reads it from text."""


def uuid(number: int) -> str:
    return str(UUID(int=number))


USER, AGENT, KEY, BUY, SALE, WITHDRAWAL, BALANCE, SNAPSHOT, EXECUTION, ELSE, SESSION = (uuid(n) for n in range(1, 12))
ORDER, ACTION = uuid(12), uuid(13)

# fmt: off
SUMS = [
    "transactions", "volume_sol", "volume_usd", "fees_sol", "fees_usd", "expenses_sol", "expenses_usd",
    "deposits_sol", "deposits_usd", "withdrawals_sol", "withdrawals_usd", "swaps", "proceeds_sol",
    "proceeds_usd", "cost_sol", "cost_usd", "trades_won", "trades_drawn", "trades_lost", "wins_sol",
    "losses_sol", "squares_sol", "trades_profit_usd", "invested_sol", "invested_usd", "trades_with_return",
    "returns_percent", "holding_seconds", "won_holding_seconds", "lost_holding_seconds",
]
# fmt: on
"""The columns of wallet_totals that add up."""

VALID: dict[str, Row] = {
    "users": {"id": USER, "email": "ann@example.org"},
    "api_keys": {
        "id": KEY,
        "user_id": USER,
        "name": "key",
        "key_hash": BCRYPT,
        "key_prefix": "nex_12345678",
    },
    "bi_logins": {"login": "reader", "user_id": USER},
    "sessions": {
        "id": SESSION,
        "user_id": USER,
        "remember_me": "false",
        "created_at": "2026-01-01T00:00:00Z",
        "access_hash": HASH,
        "access_expires_at": "2026-01-01T00:15:00Z",
        "refresh_hash": HASH,
        "refresh_expires_at": "2026-01-02T00:00:00Z",
    },
    "request_counts": {"bucket": HASH, "requests": "1", "ends_at": "2026-01-01T00:01:00Z"},
    "agents": {"id": AGENT, "user_id": USER, "name": "agent"},
    "agent_wallets": {
        "wallet_address": SIMULATION,
        "agent_id": AGENT,
        "wallet_type": "simulation",
        "user_id": USER,
    },
    "trading_signals": {"id": "1", "token_address": MINT, "signal_type": "buy", "signal_strength": "3"},
    "token_prices": {
        "token_address": MINT,
        "source": "feed",
        "observed_at": "2026-01-01T00:00:00Z",
        "price_sol": "0.01",
        "price_usd": "1",
    },
    "settings": {"only_row": "true"},
    "event_outbox": {
        "user_id": USER,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "kind": "transactions",
        "change": "booked",
        "subject_id": SALE,
    },
    "events": {
        "sequence": "1",
        "user_id": USER,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "kind": "transactions",
        "change": "booked",
        "subject_id": SALE,
        "created_at": "2026-01-01T00:00:00Z",
    },
    "event_numbering": {"only_row": "true"},
    "agent_transactions": {
        "id": SALE,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "transaction_type": "SWAP",
        "transaction_time": "2026-01-02T00:00:00Z",
        "input_mint": MINT,
        "input_amount": "40",
        "output_mint": SOL,
        "output_amount": "1",
        "value_sol": "1",
        "value_usd": "100",
        "transaction_value_usd": "100",
        "fees_sol": "0.001",
        "fees_usd": "0.1",
        "fees": "0.001",
        "recorded_by": "login tester",
    },
    "agent_balances": {
        "id": BALANCE,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "token_address": MINT,
        "token_symbol": "MINT",
        "balance": "60",
        "last_updated": "2026-01-02T00:00:00Z",
        "last_transaction_time": "2026-01-02T00:00:00Z",
        "last_ledger_order": "2",
    },
    "agent_positions": {
        "id": BUY,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "token_address": MINT,
        "token_symbol": "MINT",
        "purchase_transaction_id": BUY,
        "purchase_price": "0.01",
        "purchase_amount": "100",
        "remaining_amount": "60",
        "invested_sol": "1",
        "total_invested_sol": "1",
        "invested_usd": "100",
        "cost_basis_sol": "0.6",
        "cost_basis_usd": "60",
        "buy_count": "1",
        "managed": "true",
        "created_at": "2026-01-01T00:00:00Z",
    },
    "agent_historical_swaps": {
        "id": SALE,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "token_address": MINT,
        "token_symbol": "MINT",
        "amount": "40",
        "purchase_price": "0.01",
        "sale_price": "0.025",
        "change_percent": "150",
        "cost_basis_sol": "0.4",
        "cost_basis_usd": "40",
        "proceeds_sol": "1",
        "proceeds_usd": "100",
        "profit_loss_sol": "0.6",
        "profit_loss_usd": "60",
        "purchase_time": "2026-01-01T00:00:00Z",
        "sale_time": "2026-01-02T00:00:00Z",
        "purchase_transaction_id": BUY,
        "sale_transaction_id": SALE,
        "position_id": BUY,
    },
    "agent_token_withdrawals": {
        "id": WITHDRAWAL,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "token_address": MINT,
        "position_id": BUY,
        "amount": "1",
        "cost_basis_sol": "0.01",
        "cost_basis_usd": "1",
        "withdrawn_at": "2026-01-03T00:00:00Z",
    },
    "wallet_totals": {
        "agent_id": AGENT,
        "user_id": USER,
        "wallet_address": SIMULATION,
        "token_address": MINT,
        "day": "2026-01-02",
        **dict.fromkeys(SUMS, "1"),
    },
    "wallet_audits": {
        "wallet_address": SIMULATION,
        "agent_id": AGENT,
        "user_id": USER,
        "audited_at": "2026-01-03T00:00:00Z",
        "facts": "3",
        "voids": "1",
        "violations": "0",
    },
    "ledger_seals": {
        "wallet_address": SIMULATION,
        "number": "2",
        "agent_id": AGENT,
        "user_id": USER,
        "sealed_at": "2026-01-03T00:00:00Z",
        "settled_before": "2026-01-02T23:00:00Z",
        "facts_so_far": "2",
        "voids_so_far": "1",
        "fact_ids": f"{{{BUY},{SALE}}}",
        "fact_digests": f"{{{ELSE},{ELSE}}}",
        "void_ids": f"{{{BUY}}}",
        "void_digests": f"{{{ELSE}}}",
        "previous_hash": HASH,
        "hash": HASH,
    },
    "job_runs": {
        "job": "audit_wallets",
        "at": "2026-01-02T00:00:00Z",
        "since": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-02T00:05:00Z",
        "renewed_at": "2026-01-02T00:05:01Z",
        "finished_at": "2026-01-02T00:05:02Z",
        "outcome": "done",
    },
    "agent_balance_snapshots": {
        "id": SNAPSHOT,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "user_id": USER,
        "snapshot_timestamp": "2026-01-02T00:00:00Z",
        "portfolio_balance_sol": "1.6",
        "sol_balance": "1",
        "positions_value_sol": "0.6",
        "unrealized_pnl_sol": "0",
    },
    "signal_executions": {
        "id": EXECUTION,
        "signal_id": "1",
        "agent_id": AGENT,
        "status": "success",
        "transaction_id": BUY,
    },
    "trade_orders": {
        "id": ORDER,
        "user_id": USER,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "token_address": MINT,
        "token_symbol": "MINT",
        "side": "sell",
        "reason": "take_profit",
        "position_id": BUY,
        "amount": "60",
        "price_sol": "0.02",
        "created_at": "2026-01-02T00:00:00Z",
        "expires_at": "2026-01-02T00:02:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
    },
    "position_actions": {
        "id": ACTION,
        "user_id": USER,
        "agent_id": AGENT,
        "wallet_address": SIMULATION,
        "token_address": MINT,
        "position_id": BUY,
        "rule": "take_profit",
        "status": "success",
        "price_sol": "0.02",
        "amount": "40",
        "transaction_id": SALE,
        "decided_at": "2026-01-02T00:00:00Z",
    },
    "dead_tokens": {
        "token_address": MINT,
        "user_id": USER,
        "evidence": "its liquidity is gone",
        "flagged_at": "2026-01-03T00:00:00Z",
    },
}
"""A row of each table that breaks no rule."""

# Changes that make another valid row.
A_BUY: Row = {"input_mint": SOL, "input_amount": "1", "output_mint": MINT, "output_amount": "100"}
TOKEN_TO_TOKEN: Row = {"output_mint": OTHER_MINT, "output_amount": "10"}
ONE_SIDED: Row = {"output_mint": None, "output_amount": None}
A_DEPOSIT: Row = {"transaction_type": "DEPOSIT", **ONE_SIDED}
A_WITHDRAWAL: Row = {"transaction_type": "WITHDRAWAL", **ONE_SIDED}
A_BURN: Row = {"transaction_type": "BURN", **ONE_SIDED}
A_LIVE_WALLET: Row = {"wallet_type": "live", "wallet_address": ADDRESS}
OF_SOL: Row = {"token_address": SOL, "price_sol": "1"}
DCA: Row = {
    "dca_count": "1",
    "buy_count": "2",
    "dca_transaction_ids": f"{{{ELSE}}}",
    "last_dca_time": "2026-01-01T00:00:00Z",
}
A_KNOWN_PRICE: Row = {"sol_usd_price": LEAST, "sol_usd_price_source": "feed", "sol_usd_price_age": "0"}
NO_VOIDS: Row = {"void_ids": "{}", "void_digests": "{}"}
THE_POSITION_S_SUMS: Row = {
    "position_invested_sol": "1",
    "position_invested_usd": "100",
    "position_profit_sol": "0",
    "position_profit_usd": "0",
}
THE_END: Row = {"position_closed_at": "2026-01-02T00:00:00Z", "position_closed_by": SALE}
A_CLOSING_SALE: Row = {"closes_position": "true", **THE_POSITION_S_SUMS, **THE_END}
A_CLOSING_WITHDRAWAL: Row = {
    "closes_position": "true",
    **THE_POSITION_S_SUMS,
    "position_purchase_amount": "1",
    "position_buy_count": "1",
}
A_VOID: Row = {"voided_at": "2026-01-03T00:00:00Z", "void_reason": "why", "voided_by": "login tester"}
A_RUN: Row = {"outcome": "running", "finished_at": None}
A_FAILED_RUN: Row = {"outcome": "failed", "error_code": "57014", "error": "its time was over"}
A_LOST_RUN: Row = {"outcome": "lost", "error": "its process was gone"}
A_FAILURE: Row = {"status": "failed", "transaction_id": None}
A_PENDING_EXECUTION: Row = {"status": "pending", "transaction_id": None}
A_SIGNAL_S_ORDER: Row = {"side": "buy", "reason": "signal", "position_id": None, "signal_id": "1"}
A_CLAIM: Row = {"status": "claimed", "claimed_by": "executor", "claimed_until": "2026-01-02T00:00:30Z"}
A_FAILED_ORDER: Row = {**A_CLAIM, "status": "failed", "error": "no route"}
A_PENDING_LOOK: Row = {"rule": None, "status": "pending", "amount": None, "transaction_id": None}
A_FAILED_ACTION: Row = {"status": "failed", "transaction_id": None, "reason": "amount_out_of_range", "error": "why"}

NO_TOKEN_NO_DAY: Row = {"token_address": None, "day": None}

BLANKS = ["", " ", "\t", "\n"]
NOT_MINTS = [*BLANKS, " A", "A B", "A\n", "A\x7f"]
NOT_NAMES = [*BLANKS, "a\nb", "a\x01"]


@dataclass(frozen=True)
class Rule:
    """Changes of a valid row that break the rule, and it alone; and those at its border, that do not."""

    broken: Sequence[Row]
    kept: Sequence[Row]


def values(column: str, *texts: str | None, **others: str | None) -> list[Row]:
    """One change for each text."""
    return [{column: text, **others} for text in texts]


RULES: dict[str, dict[str, Rule]] = {
    "users": {
        "email_is_an_address": Rule(
            values("email", "", "ann", "@example.org", "ann@", "an n@example.org", "a@b@c", "ann@example.org\n"),
            values("email", "a@b"),
        ),
        "password_hash_is_bcrypt": Rule(
            values("password_hash", "secret", BCRYPT[:-1], BCRYPT + "a", BCRYPT.replace("2b", "2x"), BCRYPT[:-1] + "*"),
            values("password_hash", None, *(BCRYPT.replace("2b", kind) for kind in ("2a", "2b", "2y"))),
        ),
        "failed_login_attempts_is_not_negative": Rule(
            values("failed_login_attempts", "-1"), values("failed_login_attempts", "0")
        ),
    },
    "api_keys": {
        "key_hash_is_bcrypt": Rule(values("key_hash", "", "nex_12345678", BCRYPT[:-1]), values("key_hash", BCRYPT)),
        "key_prefix_has_12_characters": Rule(
            values("key_prefix", "", "nex_1234567", "key_12345678", "nex_1234567*"),
            values("key_prefix", "nex_12345678", "nex_aZ0_-123"),
        ),
        "name_is_not_blank": Rule(values("name", *NOT_NAMES), values("name", "x", "x" * 100)),
        "scopes_are_known": Rule(
            values("scopes", "{root}", "{signals,root}", "{NULL}", "{Signals}"),
            values("scopes", "{}", "{signals,agents,positions,balances,transactions,history,trade,full_access,feed}"),
        ),
    },
    "sessions": {
        "access_hash_is_sha256": Rule(
            values("access_hash", "\\x", "\\x" + "ab" * 31, "\\x" + "ab" * 33), values("access_hash", OTHER_HASH)
        ),
        "refresh_hash_is_sha256": Rule(
            values("refresh_hash", "\\x", "\\x" + "ab" * 31, "\\x" + "ab" * 33), values("refresh_hash", OTHER_HASH)
        ),
        "times_are_in_order": Rule(
            [
                *values("created_at", "2026-01-01T00:15:00Z", "-infinity"),
                *values("access_expires_at", "2026-01-02T00:00:00.000001Z", "2026-01-01T00:00:00Z"),
                *values("refresh_expires_at", "infinity", "2026-01-01T00:14:59Z"),
            ],
            [
                *values("created_at", "2026-01-01T00:14:59.999999Z"),
                *values("access_expires_at", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00.000001Z"),
            ],
        ),
    },
    "request_counts": {
        "bucket_is_sha256": Rule(
            values("bucket", "\\x", "\\x" + "ab" * 31, "\\x" + "ab" * 33), values("bucket", OTHER_HASH)
        ),
        "requests_is_positive": Rule(values("requests", "0", "-1"), values("requests", "1")),
        "ends_at_is_finite": Rule(
            values("ends_at", "infinity", "-infinity"), values("ends_at", "1970-01-01T00:00:00Z")
        ),
    },
    "agents": {
        "name_is_not_blank": Rule(values("name", *NOT_NAMES), values("name", "x", "x" * 255)),
        "trading_config_is_an_object": Rule(
            values("trading_config", "null", "[]", "1", '"text"'), values("trading_config", None, "{}")
        ),
        "trading_mode_is_simulation_or_live": Rule(
            values("trading_mode", "", "paper", "Live"), values("trading_mode", "simulation", "live")
        ),
        "simulation_slippage_bps_is_0_to_5000": Rule(
            values("simulation_slippage_bps", "-1", "5001"), values("simulation_slippage_bps", "0", "5000")
        ),
        "simulation_fee_lamports_is_0_to_1_sol": Rule(
            values("simulation_fee_lamports", "-1", "1000000001"), values("simulation_fee_lamports", "0", "1000000000")
        ),
    },
    "agent_wallets": {
        "wallet_address_fits_its_type": Rule(
            [
                *values("wallet_address", ADDRESS, SIMULATION[:-1], "sim_" + "0" * 27 + "*", "sim-" + "0" * 28),
                *values("wallet_address", SIMULATION, "1" * 31, "0" * 32, "1" * 31 + "l", wallet_type="live"),
            ],
            [
                *values("wallet_address", SIMULATION, "sim_" + "aZ0_-" * 8),
                *values("wallet_address", "1" * 32, "z" * 44, wallet_type="live"),
            ],
        ),
        "wallet_type_is_simulation_or_live": Rule(
            values("wallet_type", "", "paper", "Live", wallet_address=ADDRESS), [{}, A_LIVE_WALLET]
        ),
    },
    "trading_signals": {
        "signal_strength_is_1_to_5": Rule(
            values("signal_strength", "0", "6", "-1"), values("signal_strength", "1", "5")
        ),
        "source_is_not_blank": Rule(values("source", *NOT_NAMES), values("source", None, "x")),
        "signal_type_is_not_blank": Rule(values("signal_type", *NOT_NAMES), values("signal_type", "x")),
        "symbol_is_printable": Rule(values("symbol", "\n", "A\tB"), values("symbol", None, "$ A", "ß" * 50)),
        "token_address_is_a_mint": Rule(values("token_address", *NOT_MINTS), values("token_address", "A", "A" * 255)),
        "market_cap_usd_is_not_negative": Rule(
            values("market_cap_usd", f"-{LEAST}", "NaN"), values("market_cap_usd", None, "0", MOST)
        ),
        "liquidity_usd_is_not_negative": Rule(
            values("liquidity_usd", f"-{LEAST}", "NaN"), values("liquidity_usd", None, "0", MOST)
        ),
        "holder_count_is_not_negative": Rule(values("holder_count", "-1"), values("holder_count", None, "0")),
    },
    "token_prices": {
        "observed_at_is_finite": Rule(
            values("observed_at", "infinity", "-infinity"), values("observed_at", "1970-01-01T00:00:00Z")
        ),
        "prices_are_positive": Rule(
            [
                *values("price_sol", "0", f"-{LEAST}", "NaN"),
                *values("price_usd", "0", f"-{LEAST}", "NaN"),
                *values("price_sol", "0", "NaN", price_usd=None),
            ],
            [*values("price_sol", LEAST, MOST), *values("price_usd", LEAST, MOST, None)],
        ),
        "sol_costs_one_sol": Rule(
            [
                *values("price_sol", "0.999999999999999999", "1.000000000000000001", token_address=SOL),
                {**OF_SOL, "price_usd": None},
            ],
            [OF_SOL],
        ),
        "source_is_not_blank": Rule(values("source", *NOT_NAMES), values("source", "x")),
        "token_address_is_a_mint": Rule(values("token_address", *NOT_MINTS), values("token_address", "A")),
    },
    "event_outbox": {
        "change_is_a_name": Rule(values("change", "", "Booked", "a b", "booked\n"), values("change", "x")),
        "kind_has_its_subject": Rule(
            [
                *values("kind", "", "agents", "Transactions"),
                {"user_id": None},
                {"kind": "positions", "user_id": None},
                {"subject_id": None},
                {"kind": "positions", "subject_id": None, "token_address": MINT},
                {"kind": "signals", "subject_id": SALE},
                {"kind": "prices", "subject_id": SALE},
            ],
            [
                *values("kind", "positions", "orders"),
                {"kind": "signals", "subject_id": None, "signal_id": "1"},
                {"user_id": None, "kind": "signals", "signal_id": "1"},
                {"user_id": None, "kind": "prices", "token_address": MINT},
            ],
        ),
    },
    "event_numbering": {
        "has_one_row": Rule(values("only_row", "false"), values("only_row", "true")),
        "pruned_is_at_most_last": Rule(
            [{"pruned_sequence": "1"}, {"pruned_sequence": "-1"}, {"last_sequence": "-1"}],
            [{"pruned_sequence": "1", "last_sequence": "1"}],
        ),
    },
    "settings": {
        "has_one_row": Rule(values("only_row", "false"), values("only_row", "true")),
        "price_source_is_not_blank": Rule(values("price_source", *NOT_NAMES), values("price_source", "x")),
        "price_max_age_is_positive": Rule(
            values("price_max_age", "0", "-1 microsecond"), values("price_max_age", "1 microsecond")
        ),
        "dust_ratio_is_at_least_0_and_below_1": Rule(
            values("dust_ratio", f"-{LEAST}", "1", "NaN", "Infinity", "-Infinity"),
            values("dust_ratio", "0", "0.999999999999999999"),
        ),
        "price_retention_is_a_day_to_a_century": Rule(
            values("price_retention", "23:59:59.999999", "100 years 1 microsecond", "-1 day"),
            values("price_retention", "1 day", "100 years", None),
        ),
        "event_retention_is_an_hour_to_a_century": Rule(
            values("event_retention", "59:59.999999", "100 years 1 microsecond", "-1 day"),
            values("event_retention", "1 hour", "100 years", None),
        ),
        "simulation_starting_sol_is_positive": Rule(
            values("simulation_starting_sol", "0", f"-{LEAST}", "NaN"), values("simulation_starting_sol", LEAST, MOST)
        ),
        "quote_tokens_has_no_null": Rule(
            values("quote_tokens", "{NULL}", "{A,NULL}"), values("quote_tokens", "{}", "{A}")
        ),
        "order_lifetime_is_10_seconds_to_a_day": Rule(
            values("order_lifetime", "9.999999 seconds", "24:00:00.000001", "-1 day"),
            values("order_lifetime", "10 seconds", "1 day"),
        ),
    },
    "agent_transactions": {
        "recorded_by_is_printable": Rule(values("recorded_by", *NOT_NAMES), values("recorded_by", "x", "key 1")),
        "voided_by_is_printable": Rule(
            values("voided_by", *NOT_NAMES, voided_at="2026-01-03T00:00:00Z", void_reason="why"),
            values("voided_by", "x", voided_at="2026-01-03T00:00:00Z", void_reason="why"),
        ),
        "void_has_time_reason_and_author": Rule(
            [*({**A_VOID, column: None} for column in A_VOID), *({column: A_VOID[column]} for column in A_VOID)],
            [{}, A_VOID],
        ),
        "void_reason_is_1_to_500_printable_characters": Rule(
            [{**A_VOID, "void_reason": reason} for reason in ("", " ", "A\nB", "x" * 501)],
            [{**A_VOID, "void_reason": reason} for reason in ("x", "ß" * 500)],
        ),
        "corrects_is_another_transaction": Rule(values("corrects", SALE), values("corrects", None, ELSE)),
        "input_mint_is_a_mint": Rule(values("input_mint", None, *NOT_MINTS), values("input_mint", "A", "A" * 255)),
        "input_amount_is_positive": Rule(
            values("input_amount", None, "0", f"-{LEAST}", "NaN"), values("input_amount", LEAST, MOST)
        ),
        "output_mint_is_a_mint_of_a_swap": Rule(
            [
                *values("output_mint", None, *NOT_MINTS),
                *values("transaction_type", "DEPOSIT", "WITHDRAWAL", "BURN", output_amount=None),
            ],
            [{}, TOKEN_TO_TOKEN, A_DEPOSIT, A_WITHDRAWAL, A_BURN],
        ),
        "output_amount_is_positive_in_a_swap": Rule(
            [
                *({**A_BUY, **change} for change in values("output_amount", None, "0", f"-{LEAST}", "NaN")),
                *values("transaction_type", "DEPOSIT", "WITHDRAWAL", "BURN", output_mint=None),
            ],
            [*({**A_BUY, **change} for change in values("output_amount", LEAST, MOST)), A_DEPOSIT],
        ),
        "output_mint_is_not_the_input_mint": Rule(
            values("output_mint", MINT), values("output_mint", MINT.lower(), OTHER_MINT)
        ),
        "input_symbol_is_printable": Rule(
            values("input_symbol", "\n", "A\tB", "A\x01"), values("input_symbol", None, "$ A", "ß" * 20)
        ),
        "output_symbol_is_printable": Rule(
            values("output_symbol", "\n", "A\tB"), values("output_symbol", None, "$ A", "ß" * 20)
        ),
        "input_price_is_not_negative": Rule(
            values("input_price", f"-{LEAST}", "NaN"), values("input_price", None, "0", MOST)
        ),
        "output_price_is_not_negative": Rule(
            values("output_price", f"-{LEAST}", "NaN"), values("output_price", None, "0", MOST)
        ),
        "fees_sol_is_not_negative": Rule(
            [{"fees_sol": text, "fees": text} for text in ("-0.00000001", "NaN")]
            + values("fees_sol", f"-{LEAST}", fees="0"),
            values("fees_sol", "0", fees="0"),
        ),
        "fees_usd_is_not_negative": Rule(values("fees_usd", f"-{LEAST}", "NaN"), values("fees_usd", "0")),
        "fees_is_fees_sol_rounded": Rule(
            [
                *values("fees", None, "0.00100001", "0.00099999"),
                *values("fees_sol", "0.001000005", fees="0.001"),
            ],
            [
                *values("fees_sol", "0.000999995", "0.001000004999999999", fees="0.001"),
                *values("fees_sol", "0", "0.000000004999999999", fees=None),
            ],
        ),
        "value_sol_is_not_negative": Rule(
            [{**TOKEN_TO_TOKEN, **change} for change in values("value_sol", f"-{LEAST}", "NaN")],
            [{**TOKEN_TO_TOKEN, **change} for change in values("value_sol", "0", MOST)],
        ),
        "value_sol_is_the_sol_leg": Rule(
            [
                *values("value_sol", "0.999999999999999999", "1.000000000000000001"),
                {**A_BUY, "value_sol": "0.999999999999999999"},
                {**A_DEPOSIT, "input_mint": SOL, "input_amount": "2"},
            ],
            [{}, A_BUY, {**A_DEPOSIT, "input_mint": SOL, "input_amount": "1"}, {**A_BURN, "value_sol": "0"}],
        ),
        "value_is_unknown_only_in_a_withdrawal": Rule(
            [
                {"value_is_unknown": "true"},
                {**A_DEPOSIT, "value_is_unknown": "true"},
                {**A_BURN, "value_is_unknown": "true"},
            ],
            [{}, {**A_WITHDRAWAL, "value_is_unknown": "true"}],
        ),
        "sol_usd_price_source_is_not_blank": Rule(
            [{**A_KNOWN_PRICE, **change} for change in values("sol_usd_price_source", *NOT_NAMES)],
            [{}, A_KNOWN_PRICE],
        ),
        "value_usd_is_not_negative": Rule(
            [{"value_usd": text, "transaction_value_usd": text} for text in ("-0.00000001", "NaN")]
            + values("value_usd", f"-{LEAST}", transaction_value_usd="0"),
            values("value_usd", "0", transaction_value_usd="0"),
        ),
        "transaction_value_usd_is_value_usd_rounded": Rule(
            [
                *values("transaction_value_usd", "99.99999999", "100.00000001", "NaN"),
                *values("value_usd", "100.000000005", "99.999999994999999999"),
            ],
            values("value_usd", "100.000000004999999999", "99.999999995"),
        ),
        "sol_usd_price_has_its_source_and_age": Rule(
            [
                *({**A_KNOWN_PRICE, column: None} for column in A_KNOWN_PRICE),
                *({column: A_KNOWN_PRICE[column]} for column in A_KNOWN_PRICE),
                *({**A_KNOWN_PRICE, **change} for change in values("sol_usd_price", "0", f"-{LEAST}", "NaN")),
                {**A_KNOWN_PRICE, "sol_usd_price_age": "-1 microsecond"},
            ],
            [{}, A_KNOWN_PRICE],
        ),
        "slippage_is_a_number": Rule(
            values("slippage", "NaN"), values("slippage", None, "-999999.9999", "999999.9999")
        ),
        "price_impact_is_a_number": Rule(
            values("price_impact", "NaN"), values("price_impact", None, "-999999.9999", "999999.9999")
        ),
        "transaction_time_is_finite": Rule(
            values("transaction_time", "infinity", "-infinity"), values("transaction_time", "1970-01-01T00:00:00Z")
        ),
        "destination_address_is_of_a_withdrawal": Rule(
            [
                {"destination_address": ADDRESS},
                {**A_DEPOSIT, "destination_address": ADDRESS},
                {**A_BURN, "destination_address": ADDRESS},
                *({**A_WITHDRAWAL, **change} for change in values("destination_address", *NOT_MINTS)),
            ],
            [{}, A_WITHDRAWAL, {**A_WITHDRAWAL, "destination_address": "A"}],
        ),
        "transaction_hash_is_printable": Rule(
            values("transaction_hash", *NOT_MINTS), values("transaction_hash", None, "A", "A" * 255)
        ),
        "leg_is_positive": Rule(values("leg", "0", "-1"), values("leg", "1", "32767")),
        "close_reason_is_printable": Rule(
            values("close_reason", *NOT_NAMES), values("close_reason", None, "x", "stop_loss")
        ),
        "origin_is_known": Rule(
            values("origin", "", "psql", "API"),
            values("origin", "direct", "api", "import", "import_shortfall", "simulation"),
        ),
    },
    "agent_balances": {
        "balance_is_a_plain_number_not_below_zero": Rule(
            values("balance", "", "-1", "-0", "+1", "01", "00", "1.", ".5", "1.10", "0.0", "1e3", "1 ", " 1", "1\n")
            + values("balance", "0.0000000000000000001", "NaN", "Infinity", "1,000", "one"),
            values("balance", "0", LEAST, "10", MOST, "1" + "0" * 40),
        ),
    },
    "agent_positions": {
        "id_is_its_purchase_transaction_id": Rule(values("id", ELSE), [{}]),
        "sol_is_no_position": Rule(values("token_address", SOL), values("token_address", SOL.lower())),
        "remaining_amount_is_positive": Rule(
            values("remaining_amount", "0", f"-{LEAST}"), values("remaining_amount", LEAST)
        ),
        "purchase_amount_covers_remaining_amount": Rule(
            values("purchase_amount", "59.999999999999999999", "NaN"), values("purchase_amount", "60", MOST)
        ),
        "purchase_price_is_not_negative": Rule(
            values("purchase_price", f"-{LEAST}", "NaN"), values("purchase_price", "0", MOST)
        ),
        "cost_basis_sol_is_not_negative": Rule(values("cost_basis_sol", f"-{LEAST}"), values("cost_basis_sol", "0")),
        "cost_basis_usd_is_not_negative": Rule(values("cost_basis_usd", f"-{LEAST}"), values("cost_basis_usd", "0")),
        "invested_sol_covers_cost_basis_sol": Rule(
            [
                {"invested_sol": "0.599999999999999999", "total_invested_sol": "0.6"},
                {"invested_sol": "NaN", "total_invested_sol": "NaN"},
            ],
            [{"invested_sol": "0.6", "total_invested_sol": "0.6"}],
        ),
        "invested_usd_covers_cost_basis_usd": Rule(
            values("invested_usd", "59.999999999999999999", "NaN"), values("invested_usd", "60", MOST)
        ),
        "total_invested_sol_is_invested_sol_rounded": Rule(
            [*values("total_invested_sol", "0.99999999", "1.00000001", "NaN"), *values("invested_sol", "1.000000005")],
            values("invested_sol", "0.999999995", "1.000000004999999999"),
        ),
        "realized_profit_is_a_number": Rule(
            [{"realized_profit_sol": "NaN"}, {"realized_profit_usd": "NaN"}],
            [{"realized_profit_sol": f"-{MOST}", "realized_profit_usd": MOST}],
        ),
        "dca_count_counts_dca_transaction_ids": Rule(
            [{**DCA, **change} for change in values("dca_transaction_ids", "{}", "{NULL}", f"{{{ELSE},{SALE}}}")],
            [{}, DCA],
        ),
        "buy_count_is_not_negative": Rule(values("buy_count", "-1"), values("buy_count", "0")),
        "dca_count_is_buys_after_the_first": Rule(
            [{"buy_count": "2"}, {**DCA, "buy_count": "0"}, {**DCA, "buy_count": "1"}, {**DCA, "buy_count": "3"}],
            [{"buy_count": "0"}, {"buy_count": "1"}, DCA],
        ),
        "last_dca_time_comes_with_dca": Rule(
            [{"last_dca_time": "2026-01-01T00:00:00Z"}, {**DCA, "last_dca_time": None}], [{}, DCA]
        ),
        "last_dca_time_is_not_before_opening": Rule(
            [{**DCA, "last_dca_time": "2025-12-31T23:59:59.999999Z"}],
            [{**DCA, "last_dca_time": "2026-01-01T00:00:00Z"}],
        ),
        "current_stop_loss_percentage_is_minus_100_up": Rule(
            values("current_stop_loss_percentage", "-100.01", "NaN"),
            values("current_stop_loss_percentage", None, "-100", "999.99"),
        ),
        "peak_price_is_positive": Rule(
            values("peak_price", "0", f"-{LEAST}", "NaN"), values("peak_price", None, LEAST, MOST)
        ),
        "lowest_price_is_positive": Rule(
            values("lowest_price", "0", f"-{LEAST}", "NaN"), values("lowest_price", None, LEAST, MOST)
        ),
        "lowest_price_is_not_above_peak_price": Rule(
            values("lowest_price", "1.000000000000000001", peak_price="1"), values("lowest_price", "1", peak_price="1")
        ),
        "stop_loss_price_is_not_negative": Rule(
            values("stop_loss_price", f"-{LEAST}", "NaN"), values("stop_loss_price", None, "0", MOST)
        ),
        "take_profit_base_is_positive": Rule(
            values("take_profit_base", "0", f"-{LEAST}", "NaN"), values("take_profit_base", None, LEAST, MOST)
        ),
        "take_profit_levels_done_is_not_negative": Rule(
            values("take_profit_levels_done", "-1"), values("take_profit_levels_done", "0")
        ),
        "moon_bag_amount_is_not_negative": Rule(
            values("moon_bag_amount", f"-{LEAST}", "NaN"), values("moon_bag_amount", None, "0", MOST)
        ),
        "quiet_prices_are_not_negative": Rule(
            [*values("quiet_from", f"-{LEAST}", "NaN"), *values("quiet_to", f"-{LEAST}", "NaN")],
            [*values("quiet_from", None, "0", MOST), *values("quiet_to", None, "0", MOST)],
        ),
    },
    "agent_historical_swaps": {
        "id_is_its_sale_transaction_id": Rule(values("id", ELSE), [{}]),
        "position_id_is_its_purchase": Rule(values("position_id", ELSE), [{}]),
        "sol_is_not_sold": Rule(values("token_address", SOL), values("token_address", SOL.lower())),
        "amount_is_positive": Rule(values("amount", "0", f"-{LEAST}", "NaN"), values("amount", LEAST, MOST)),
        "purchase_price_is_not_negative": Rule(
            values("purchase_price", f"-{LEAST}", "NaN"), values("purchase_price", "0", MOST)
        ),
        "sale_price_is_not_negative": Rule(values("sale_price", f"-{LEAST}", "NaN"), values("sale_price", "0", MOST)),
        "cost_basis_is_not_negative": Rule(
            [
                {"cost_basis_sol": f"-{LEAST}", "profit_loss_sol": "1"},
                {"cost_basis_sol": "NaN", "profit_loss_sol": "NaN"},
                {"cost_basis_usd": f"-{LEAST}", "profit_loss_usd": "100"},
                {"cost_basis_usd": "NaN", "profit_loss_usd": "NaN"},
            ],
            [
                {"cost_basis_sol": "0", "profit_loss_sol": "1"},
                {"cost_basis_usd": "0", "profit_loss_usd": "100"},
            ],
        ),
        "proceeds_are_numbers": Rule(
            [
                {"proceeds_sol": "NaN", "profit_loss_sol": "NaN"},
                {"proceeds_usd": "NaN", "profit_loss_usd": "NaN"},
            ],
            [
                {"proceeds_sol": "-0.001", "profit_loss_sol": "-0.401"},
                {"proceeds_usd": "-0.1", "profit_loss_usd": "-40.1"},
            ],
        ),
        "change_percent_is_a_number": Rule(
            values("change_percent", "NaN"), values("change_percent", "-999999.9999", "999999.9999")
        ),
        "profit_loss_sol_is_its_gain_rounded": Rule(
            [*values("profit_loss_sol", "0.59999999", "0.60000001", "NaN"), *values("proceeds_sol", "1.000000005")],
            [
                *values("proceeds_sol", "0.999999995", "1.000000004999999999"),
                {"proceeds_sol": "0.399999995", "profit_loss_sol": "-0.00000001"},
            ],
        ),
        "profit_loss_usd_is_its_gain_rounded": Rule(
            [*values("profit_loss_usd", "59.99999999", "60.00000001", "NaN"), *values("proceeds_usd", "100.000000005")],
            values("proceeds_usd", "99.999999995", "100.000000004999999999"),
        ),
        "sale_is_not_before_purchase": Rule(
            values("sale_time", "2025-12-31T23:59:59.999999Z"), values("sale_time", "2026-01-01T00:00:00Z")
        ),
        "closing_one_carries_its_position": Rule(
            [
                {"closes_position": "true", **THE_END},
                THE_POSITION_S_SUMS,
                *({**A_CLOSING_SALE, column: None} for column in THE_POSITION_S_SUMS),
                *({column: "0"} for column in THE_POSITION_S_SUMS),
            ],
            [{}, A_CLOSING_SALE],
        ),
        "position_closed_is_of_the_closing_one": Rule(
            [
                {"closes_position": "true", **THE_POSITION_S_SUMS},
                THE_END,
                *({**A_CLOSING_SALE, column: None} for column in THE_END),
                *({column: value} for column, value in THE_END.items()),
            ],
            [{}, A_CLOSING_SALE, {**A_CLOSING_SALE, "position_closed_by": ELSE}],
        ),
        "position_is_not_closed_before_its_sale": Rule(
            [{**A_CLOSING_SALE, "position_closed_at": "2026-01-01T23:59:59.999999Z"}],
            [A_CLOSING_SALE, {**A_CLOSING_SALE, "position_closed_at": "2026-01-09T00:00:00Z"}],
        ),
        "position_counts_are_of_the_closing_one": Rule(
            [{"position_purchase_amount": "1"}, {"position_buy_count": "1"}],
            [{}, A_CLOSING_SALE, {**A_CLOSING_SALE, "position_purchase_amount": "1", "position_buy_count": "1"}],
        ),
        "position_purchase_amount_is_positive": Rule(
            [{**A_CLOSING_SALE, "position_purchase_amount": amount} for amount in ("0", f"-{LEAST}", "NaN")],
            [{**A_CLOSING_SALE, "position_purchase_amount": amount} for amount in (None, LEAST, MOST)],
        ),
        "position_buy_count_is_not_negative": Rule(
            [{**A_CLOSING_SALE, "position_buy_count": "-1"}], [{**A_CLOSING_SALE, "position_buy_count": "0"}]
        ),
        "position_sums_are_numbers": Rule(
            [{**A_CLOSING_SALE, column: "NaN"} for column in THE_POSITION_S_SUMS],
            [
                {**A_CLOSING_SALE, **change}
                for change in values("position_profit_sol", f"-{MOST}", MOST, position_profit_usd=f"-{MOST}")
            ],
        ),
    },
    "agent_token_withdrawals": {
        "amount_is_positive": Rule(values("amount", "0", f"-{LEAST}", "NaN"), values("amount", LEAST, MOST)),
        "cost_basis_is_not_negative": Rule(
            [*values("cost_basis_sol", f"-{LEAST}", "NaN"), *values("cost_basis_usd", f"-{LEAST}", "NaN")],
            [{"cost_basis_sol": "0", "cost_basis_usd": "0"}],
        ),
        "sol_has_no_cost": Rule(values("token_address", SOL), values("token_address", SOL.lower())),
        "closing_one_carries_its_position": Rule(
            [
                {"closes_position": "true"},
                {**A_CLOSING_WITHDRAWAL, "closes_position": "false"},
                *(
                    {**A_CLOSING_WITHDRAWAL, column: None}
                    for column in A_CLOSING_WITHDRAWAL
                    if column != "closes_position"
                ),
                *({column: "1"} for column in A_CLOSING_WITHDRAWAL if column != "closes_position"),
            ],
            [{}, A_CLOSING_WITHDRAWAL],
        ),
        "position_purchase_amount_is_positive": Rule(
            [{**A_CLOSING_WITHDRAWAL, "position_purchase_amount": amount} for amount in ("0", f"-{LEAST}", "NaN")],
            [{**A_CLOSING_WITHDRAWAL, "position_purchase_amount": amount} for amount in (LEAST, MOST)],
        ),
        "position_buy_count_is_not_negative": Rule(
            [{**A_CLOSING_WITHDRAWAL, "position_buy_count": "-1"}],
            [{**A_CLOSING_WITHDRAWAL, "position_buy_count": "0"}],
        ),
        "position_sums_are_numbers": Rule(
            [
                {**A_CLOSING_WITHDRAWAL, column: "NaN"}
                for column in A_CLOSING_WITHDRAWAL
                if column.endswith(("_sol", "_usd"))
            ],
            [{**A_CLOSING_WITHDRAWAL, "position_profit_sol": f"-{MOST}", "position_profit_usd": f"-{MOST}"}],
        ),
    },
    "wallet_totals": {
        "a_token_s_row_is_of_a_day": Rule(values("day", None), [{}, {"token_address": None}, NO_TOKEN_NO_DAY]),
        "sums_are_numbers": Rule(
            [{column: number} for column in ("volume_sol", "losses_sol") for number in ("NaN", "Infinity", "-Infinity")]
            + [{"wins_sol": "Infinity", "losses_sol": "-Infinity"}],
            values("losses_sol", f"-{MOST}", MOST),
        ),
    },
    "wallet_audits": {
        "audited_at_is_finite": Rule(values("audited_at", "infinity", "-infinity"), [{}]),
        "facts_include_the_voided": Rule(values("voids", "-1", "4"), values("voids", "0", "3")),
        "first_violation_comes_with_violations": Rule(
            [
                {"violations": "-1", "first_violation": "law 1"},
                {"violations": "1"},
                {"first_violation": "law 1"},
            ],
            [{}, {"violations": "1", "first_violation": "law 1"}],
        ),
    },
    "job_runs": {
        "job_is_a_name": Rule(values("job", "", "A", "jobs.a", "1a", "a\n"), values("job", "a", "a_1")),
        "at_is_finite": Rule(values("at", "infinity"), [{}]),
        "since_is_before_at": Rule(
            values("since", "2026-01-02T00:00:00Z", "infinity"),
            values("since", None, "-infinity", "2026-01-01T23:59:59.999999Z"),
        ),
        "times_are_in_order": Rule(
            [
                *values("started_at", "2026-01-02T00:05:02Z", "-infinity"),
                *values("renewed_at", "2026-01-02T00:05:03Z"),
                *values("finished_at", "infinity"),
            ],
            [
                *values("started_at", "2026-01-02T00:05:01Z"),
                *values("renewed_at", "2026-01-02T00:05:00Z", "2026-01-02T00:05:02Z"),
            ],
        ),
        "outcome_is_known": Rule(values("outcome", "", "Done", "begun"), [{}, A_FAILED_RUN, A_LOST_RUN, A_RUN]),
        "finished_at_comes_with_its_end": Rule(
            [{"finished_at": None}, {**A_FAILED_RUN, "finished_at": None}, {"outcome": "running"}],
            [A_FAILED_RUN, A_RUN],
        ),
        "error_comes_with_a_failure": Rule(
            [{"error": "x"}, {**A_RUN, "error": "x"}, {**A_FAILED_RUN, "error": None}, {**A_LOST_RUN, "error": None}],
            [A_FAILED_RUN, A_LOST_RUN],
        ),
        "error_code_comes_with_a_failure": Rule(
            [{"error_code": "57014"}, {**A_LOST_RUN, "error_code": "57014"}, {**A_FAILED_RUN, "error_code": None}],
            [A_FAILED_RUN, A_LOST_RUN],
        ),
        "counts_are_not_negative": Rule(
            [*values("steps", "-1"), *values("rows_done", "-1")], [*values("steps", "0"), *values("rows_done", "0")]
        ),
    },
    "ledger_seals": {
        "number_counts_from_1": Rule(
            values("number", "0", "-1"), [{}, {"number": "1", "previous_hash": None}, {"number": "3"}]
        ),
        "sealed_at_is_finite": Rule(values("sealed_at", "infinity"), [{}]),
        "settled_before_is_not_after_sealed_at": Rule(
            values("settled_before", "2026-01-03T00:00:00.000001Z", "-infinity"),
            values("settled_before", "2026-01-03T00:00:00Z"),
        ),
        "fact_ids_have_their_digests": Rule(
            [
                {"fact_ids": f"{{{BUY}}}"},
                {"fact_digests": f"{{{ELSE}}}"},
                {"fact_ids": f"{{{BUY},NULL}}"},
                {"fact_digests": f"{{{ELSE},NULL}}"},
            ],
            [{}, {"fact_ids": "{}", "fact_digests": "{}"}],
        ),
        "void_ids_have_their_digests": Rule(
            [
                {"void_ids": "{}"},
                {"void_digests": "{}"},
                {"void_ids": "{NULL}"},
                {"void_digests": "{NULL}"},
            ],
            [{}, NO_VOIDS],
        ),
        "covers_something": Rule(
            [{**NO_VOIDS, "fact_ids": "{}", "fact_digests": "{}"}],
            [NO_VOIDS, {"fact_ids": "{}", "fact_digests": "{}"}],
        ),
        "so_far_counts_its_own": Rule(
            [{"facts_so_far": "1"}, {"voids_so_far": "0"}],
            [{}, {"facts_so_far": "3", "voids_so_far": "2"}],
        ),
        "hash_is_sha256": Rule(values("hash", "\\x", HASH + "00", HASH[:-2]), [{}]),
        "previous_hash_is_missing_in_the_first": Rule(
            [
                {"previous_hash": None},
                {"number": "1"},
                {"previous_hash": HASH[:-2]},
            ],
            [{}, {"number": "1", "previous_hash": None}],
        ),
    },
    "agent_balance_snapshots": {
        "snapshot_timestamp_is_a_full_hour": Rule(
            values("snapshot_timestamp", "2026-01-02T00:00:00.000001Z", "2026-01-02T00:30:00Z", "infinity", "-infinity")
            + values("snapshot_timestamp", "2026-01-02T12:00:00+05:30"),
            values("snapshot_timestamp", "2026-01-02T05:30:00+05:30", "1969-12-31T23:00:00Z"),
        ),
        "positions_value_sol_is_not_negative": Rule(
            values("positions_value_sol", "-0.00000001", portfolio_balance_sol="0.99999999"),
            values("positions_value_sol", "0", portfolio_balance_sol="1"),
        ),
        "unrealized_pnl_sol_is_a_number": Rule(
            values("unrealized_pnl_sol", "NaN"), values("unrealized_pnl_sol", "-999999999999.99999999")
        ),
        "unpriced_positions_is_not_negative": Rule(
            values("unpriced_positions", "-1"), values("unpriced_positions", "0", "1")
        ),
        "unpriced_cost_sol_is_of_unpriced": Rule(
            [
                *values("unpriced_cost_sol", f"-{LEAST}", "NaN", unpriced_positions="1"),
                *values("unpriced_cost_sol", LEAST),
            ],
            [{}, *values("unpriced_cost_sol", "0", LEAST, MOST, unpriced_positions="1")],
        ),
        "portfolio_is_sol_and_positions": Rule(
            values("portfolio_balance_sol", "1.59999998", "1.60000002", "NaN"),
            [
                *values("portfolio_balance_sol", "1.59999999", "1.60000001"),
                {"sol_balance": "-1", "portfolio_balance_sol": "-0.4"},
            ],
        ),
    },
    "signal_executions": {
        "status_is_known": Rule(
            values("status", "", "done", "Success", transaction_id=None),
            [{}, *values("status", "failed", "skipped", "pending", transaction_id=None)],
        ),
        "transaction_id_is_of_a_success": Rule(
            values("status", "failed", "skipped", "pending"), [{}, {"transaction_id": None}, A_FAILURE]
        ),
        "reason_is_of_a_failure": Rule(
            [{"reason": "no_wallet"}, {**A_PENDING_EXECUTION, "reason": "no_wallet"}],
            [{}, A_PENDING_EXECUTION, *values("status", "failed", "skipped", transaction_id=None, reason="no_wallet")],
        ),
        "size_sol_is_positive": Rule(
            values("size_sol", "0", f"-{LEAST}", "NaN"), values("size_sol", None, LEAST, MOST)
        ),
        "error_is_not_of_a_success": Rule(
            [{"error": "no route"}, {"error": ""}], [{}, {**A_FAILURE, "error": "no route"}, A_FAILURE]
        ),
    },
    "trade_orders": {
        "side_is_buy_or_sell": Rule(values("side", "", "Sell", "swap"), [{}, A_SIGNAL_S_ORDER]),
        "reason_is_of_its_side": Rule(
            [
                *values("reason", "", "signal", "dca", "dead_token"),
                *({**A_SIGNAL_S_ORDER, "reason": reason} for reason in ("", "take_profit", "stop_loss", "stale_trade")),
            ],
            [
                *values("reason", "stop_loss", "take_profit", "stale_trade", "manual"),
                *({**A_SIGNAL_S_ORDER, "reason": reason} for reason in ("signal", "manual", "dca")),
            ],
        ),
        "amount_is_positive": Rule(values("amount", "0", f"-{LEAST}", "NaN"), values("amount", LEAST, MOST)),
        "price_sol_is_positive": Rule(values("price_sol", "0", f"-{LEAST}", "NaN"), values("price_sol", LEAST, MOST)),
        "max_price_impact_is_0_to_1": Rule(
            values("max_price_impact", f"-{LEAST}", f"1{LEAST[1:]}", "NaN", "Infinity"),
            values("max_price_impact", None, "0", "1"),
        ),
        "levels_done_is_not_negative": Rule(values("levels_done", "-1"), values("levels_done", None, "0")),
        "moon_bag_amount_is_not_negative": Rule(
            values("moon_bag_amount", f"-{LEAST}", "NaN"), values("moon_bag_amount", None, "0", MOST)
        ),
        "status_is_known": Rule(
            values("status", "", "done", "Pending"),
            [{}, A_CLAIM, {**A_CLAIM, "status": "filled"}, A_FAILED_ORDER, {"status": "expired"}],
        ),
        "claim_comes_with_its_end": Rule(
            [
                {"claimed_by": "executor"},
                {"claimed_until": "2026-01-02T00:00:30Z"},
                *values("status", "claimed", "filled"),
                {**A_CLAIM, "claimed_by": None},
                {**A_CLAIM, "claimed_until": None},
            ],
            [{}, A_CLAIM, {**A_CLAIM, "status": "filled"}, {**A_CLAIM, "status": "expired"}, {"status": "expired"}],
        ),
        "claimed_by_is_printable": Rule(
            [{**A_CLAIM, "claimed_by": name} for name in NOT_NAMES], [{**A_CLAIM, "claimed_by": "x"}]
        ),
        "error_is_not_blank": Rule(
            [{**A_FAILED_ORDER, "error": text} for text in BLANKS],
            [{**A_FAILED_ORDER, "error": text} for text in ("x", "no\nroute")],
        ),
        "error_is_of_its_end": Rule(
            [
                {"error": "no route"},
                {**A_CLAIM, "error": "no route"},
                {**A_CLAIM, "status": "filled", "error": "no route"},
                {**A_FAILED_ORDER, "error": None},
            ],
            [{}, A_FAILED_ORDER, {"status": "expired"}, {"status": "expired", "error": "nobody took it"}],
        ),
        "expires_at_is_after_created_at": Rule(
            values("expires_at", "2026-01-02T00:00:00Z", "infinity", "-infinity"),
            values("expires_at", "2026-01-02T00:00:00.000001Z"),
        ),
    },
    "position_actions": {
        "rule_is_known": Rule(
            values("rule", "", "manual", "Stop_loss"),
            values("rule", "stop_loss", "take_profit", "stale_trade", "dca", "dead_token"),
        ),
        "status_is_known": Rule(
            values("status", "", "claimed", "Success"),
            [
                {},
                A_PENDING_LOOK,
                {"status": "ordered", "transaction_id": None},
                A_FAILED_ACTION,
                {**A_FAILED_ACTION, "status": "skipped"},
            ],
        ),
        "pending_ones_have_no_rule_yet": Rule(
            [{"rule": None}, {**A_PENDING_LOOK, "rule": "stop_loss"}], [{}, A_PENDING_LOOK]
        ),
        "reason_comes_with_its_failure": Rule(
            [
                {"reason": "balance_too_low"},
                {**A_FAILED_ACTION, "reason": None},
                {**A_FAILED_ACTION, "status": "skipped", "reason": None},
                {**A_PENDING_LOOK, "reason": "balance_too_low"},
            ],
            [{}, A_FAILED_ACTION, {**A_FAILED_ACTION, "status": "skipped"}, A_PENDING_LOOK],
        ),
        "prices_are_positive": Rule(
            [
                *values("price_sol", "0", f"-{LEAST}", "NaN"),
                *values("highest_price_sol", "0.019999999999999999", "NaN"),
                *values("lowest_price_sol", "0.020000000000000001", "0", f"-{LEAST}", "NaN"),
            ],
            [
                {"price_sol": None},
                {"highest_price_sol": "0.02", "lowest_price_sol": "0.02"},
                {"highest_price_sol": MOST, "lowest_price_sol": LEAST},
            ],
        ),
        "amount_is_positive": Rule(values("amount", "0", f"-{LEAST}", "NaN"), values("amount", None, LEAST, MOST)),
        "attempts_is_positive": Rule(values("attempts", "0", "-1"), values("attempts", "1")),
    },
    "dead_tokens": {
        "token_address_is_a_mint": Rule(values("token_address", *NOT_MINTS), values("token_address", "A", "A" * 255)),
        "sol_does_not_die": Rule(values("token_address", SOL), values("token_address", SOL.lower())),
        "evidence_is_not_blank": Rule(values("evidence", *BLANKS), values("evidence", "x", " a\nb ")),
    },
}
"""Table, then the name of the constraint without the table's, which it begins with."""

EVERY_RULE = [(table, f"{table}_{name}", rule) for table, rules in RULES.items() for name, rule in rules.items()]

each_rule = pytest.mark.parametrize(("table", "name", "rule"), [pytest.param(*case, id=case[1]) for case in EVERY_RULE])


@pytest.fixture(scope="module")
def emptied(postgres: server.Place, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A migrated database in which only the tables' own rules hold: no trigger, no foreign key. Tests roll back."""
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute(f"create database table_rules template {template} strategy file_copy")
        try:
            with psycopg.connect(postgres.url("table_rules"), autocommit=True) as connection:
                connection.execute("set session_replication_role = replica")
                connection.execute("delete from event_numbering")
                yield connection
        finally:
            admin.execute("drop database table_rules with (force)")


def insert(db: psycopg.Connection[Any], table: str, row: Row) -> None:
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier("public", table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    db.execute(statement, list(row.values()))


def insert_alone(db: psycopg.Connection[Any], table: str, row: Row) -> None:
    """As the table's only row, and only for a moment."""
    with db.transaction(force_rollback=True):
        db.execute(sql.SQL("delete from {}").format(sql.Identifier("public", table)))
        insert(db, table, row)


def test_every_check_of_every_table_has_its_cases(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        """
        select conrelid::regclass::text, conname::text
        from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace and conrelid <> 0
        """
    )
    assert set(rows) == {(table, name) for table, name, _ in EVERY_RULE}


@each_rule
def test_a_row_that_breaks_the_rule_is_refused(
    emptied: psycopg.Connection[Any], table: str, name: str, rule: Rule
) -> None:
    assert rule.broken
    for change in rule.broken:
        with pytest.raises(errors.CheckViolation) as refusal:
            insert_alone(emptied, table, {**VALID[table], **change})
        assert refusal.value.diag.constraint_name == name, change
        # It breaks no other rule: without this one it is accepted.
        with emptied.transaction(force_rollback=True):
            emptied.execute(sql.SQL("alter table {} drop constraint {}").format(*map(sql.Identifier, (table, name))))
            insert_alone(emptied, table, {**VALID[table], **change})


@each_rule
def test_a_row_at_the_border_of_the_rule_is_accepted(
    emptied: psycopg.Connection[Any], table: str, name: str, rule: Rule
) -> None:
    assert rule.kept
    for change in rule.kept:
        insert_alone(emptied, table, {**VALID[table], **change})


# Numbers


NOT_NUMBERS = ["NaN", "Infinity", "-Infinity"]

COMPLETE: dict[str, Row] = {
    "agent_transactions": A_KNOWN_PRICE,
    "agent_historical_swaps": {**A_CLOSING_SALE, "position_buy_count": "1"},
    "agent_token_withdrawals": A_CLOSING_WITHDRAWAL,
}
"""What else a row needs so that each of its numbers may be filled."""


def numeric_columns(db: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Table and name of every column of schema public that may hold a number other than an integer."""
    return db.execute(
        """
        select
            c.relname::text,
            a.attname::text
        from pg_attribute as a
        join pg_class as c on c.oid = a.attrelid
        where
            c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            and a.atttypid in ('numeric'::regtype, 'float4'::regtype, 'float8'::regtype)
        order by c.relname, a.attnum
        """
    ).fetchall()


def test_no_column_takes_nan_or_infinity(emptied: psycopg.Connection[Any]) -> None:
    columns = numeric_columns(emptied)
    taken = []
    for table, column in columns:
        for text in NOT_NUMBERS:
            try:
                insert_alone(emptied, table, {**VALID[table], **COMPLETE.get(table, {}), column: text})
                taken.append((table, column, text))
            except (errors.CheckViolation, errors.NumericValueOutOfRange):
                continue
    assert taken == []
    assert ("agent_transactions", "input_amount") in columns


@pytest.mark.parametrize("stated", ["exact", "rounded"])
def test_a_transaction_with_nan_or_infinity_is_refused_and_changes_nothing(
    db: psycopg.Connection[Any], stated: str
) -> None:
    ledger = Ledger(db)
    worth: Row = {
        "exact": {"value_sol": "1", "value_usd": "100", "fees_sol": "0.001", "fees_usd": "0.1"},
        "rounded": {"transaction_value_usd": "100", "fees": "0.001"},
    }[stated]
    fact: Row = {
        "agent_id": str(ledger.agent),
        "wallet_address": ledger.wallet,
        "transaction_type": "SWAP",
        "transaction_time": "2026-01-02T00:00:00Z",
        **A_BUY,
        **worth,
    }
    with db.transaction(force_rollback=True):
        insert(db, "agent_transactions", fact)
    before = checksums(db)
    for table, column in numeric_columns(db):
        if table != "agent_transactions":
            continue
        for text in NOT_NUMBERS:
            with pytest.raises(psycopg.Error) as refusal, db.transaction():
                insert(db, table, {**fact, column: text})
            # The input's fault, in the words of the book, a type or a rule; never an accident inside.
            assert str(refusal.value.sqlstate)[:2] in {"TB", "22", "23"}, (column, text)
    assert checksums(db) == before


# Keys


@pytest.fixture
def tree(db: psycopg.Connection[Any]) -> Ledger:
    """A wallet with a row in every table that has an agent and a wallet; the tables' triggers are off from then on."""
    ledger = Ledger(db)
    signal = db.execute(
        # Of the past: no agent acts on it by itself.
        "insert into trading_signals (token_address, signal_type, signal_strength, created_at)"
        " values ('A', 'buy', 3, now() - interval '1 hour') returning id"
    ).fetchone()
    assert signal is not None
    buy = ledger.buy("A", "100", "1", signal_id=signal[0])
    ledger.sell("A", "50", "1")
    ledger.withdraw("A", "10")
    ledger.snapshots()
    db.execute(
        "insert into signal_executions (signal_id, agent_id, status, transaction_id, order_id)"
        " values (%s, %s, 'success', %s, %s)",
        [signal[0], ledger.agent, buy, ledger.decisions(buy, signal[0])],
    )
    db.execute("select book.seal_wallet(%s, now(), now(), 100), book.store_audit(%s, now())", [ledger.wallet] * 2)
    db.commit()
    return ledger


def tables_with(db: psycopg.Connection[Any], *columns: str) -> list[str]:
    """The tables of schema public with all these columns, but for agents and wallets themselves."""
    rows = db.execute(
        """
        select c.relname::text
        from pg_class as c
        where
            c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and c.relname not in ('agents', 'agent_wallets')
            and (
                select count(*) from pg_attribute as a
                where a.attrelid = c.oid and not a.attisdropped and a.attname = any (%s)
            ) = %s
        order by c.relname
        """,
        [list(columns), len(columns)],
    )
    return [name for (name,) in rows]


def refused_key(db: psycopg.Connection[Any], table: str, agent: UUID, change: dict[str, Any]) -> str | None:
    """Which foreign key refuses the change of the agent's rows; no trigger has a say, the audit sees nothing of it."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value)) for column, value in change.items()
    )
    name = sql.Identifier(table)
    with pytest.raises(errors.ForeignKeyViolation) as refusal, db.transaction():
        db.execute(sql.SQL("alter table {} disable trigger user").format(name))
        changed = db.execute(sql.SQL("update {} set {} where agent_id = {}").format(name, assignments, agent))
        assert changed.rowcount > 0, f"{table} has no row to try it on"
        pytest.fail(f"{table} takes {change}")
    return refusal.value.diag.constraint_name


WITHOUT_KEYS = {"event_outbox", "events"}
"""The book alone writes them, and they outlive what they tell of."""


def test_no_row_pairs_an_agent_with_the_wallet_of_another(db: psycopg.Connection[Any], tree: Ledger) -> None:
    other = Ledger(db, sol=None)
    tables = set(tables_with(db, "agent_id", "wallet_address")) - WITHOUT_KEYS
    assert "agent_transactions" in tables
    for table in tables:
        assert refused_key(db, table, tree.agent, {"wallet_address": other.wallet}) == f"{table}_wallet_address_fkey"


def test_no_row_names_another_user_than_that_of_its_agent(db: psycopg.Connection[Any], tree: Ledger) -> None:
    other = new_user(db)
    tables = set(tables_with(db, "agent_id", "user_id")) - WITHOUT_KEYS
    assert "agent_transactions" in tables
    for table in tables:
        assert refused_key(db, table, tree.agent, {"user_id": other}) == f"{table}_agent_id_fkey"


def test_no_execution_order_or_action_has_the_transaction_of_another_agent(
    db: psycopg.Connection[Any], tree: Ledger
) -> None:
    transaction = Ledger(db, sol=None).deposit("A", "1", "1")
    for table in ("signal_executions", "trade_orders", "position_actions"):
        key = refused_key(db, table, tree.agent, {"transaction_id": transaction})
        assert key == f"{table}_transaction_id_fkey"


def test_no_execution_or_action_has_the_order_of_another_agent(db: psycopg.Connection[Any], tree: Ledger) -> None:
    other = Ledger(db)
    order = other.decisions(other.buy("A", "1", "1"))
    for table in ("signal_executions", "position_actions"):
        assert refused_key(db, table, tree.agent, {"order_id": order}) == f"{table}_order_id_fkey"


def test_a_wallet_or_agent_with_a_history_cannot_change_hands(db: psycopg.Connection[Any], tree: Ledger) -> None:
    with pytest.raises(errors.ForeignKeyViolation), db.transaction():
        db.execute("update agent_wallets set agent_id = %s where wallet_address = %s", [new_agent(db), tree.wallet])
    with pytest.raises(errors.ForeignKeyViolation), db.transaction():
        db.execute("update agents set user_id = %s where id = %s", [new_user(db), tree.agent])


def test_the_book_refuses_a_transaction_of_an_agent_with_the_wallet_of_another(db: psycopg.Connection[Any]) -> None:
    ledger, other = Ledger(db), Ledger(db)
    before = checksums(db)
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        ledger.deposit("A", "1", "1", wallet_address=other.wallet)
    assert (refusal.value.sqlstate, refusal.value.diag.column_name) == ("TB007", "wallet_address")
    assert checksums(db) == before


def test_the_book_fills_the_user_of_a_transaction_whatever_was_given(db: psycopg.Connection[Any]) -> None:
    ledger = Ledger(db)
    fact = ledger.fact(ledger.deposit("A", "1", "1", user_id=new_user(db)))
    assert fact["user_id"] == ledger.user
