"""The contract as data: what has to exist in schema public under these names.

A line is a column: its name and type, then `pk`, `unique` or `null` (without it, the column is not null), `= default`,
and `-> table on-delete` for a foreign key. `index` and `unique` at the start of a line are of the table; what stands in
brackets is one index or constraint over several columns.

Two readings are settled. Amounts, decimal(30,18) in the contract, are numeric(38,18); and an index may be served by
another one that begins with the same columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ENUMS = {"TransactionType": ["DEPOSIT", "WITHDRAWAL", "SWAP", "BURN"]}

TEXT = """
users
    id uuid pk
    email varchar(255) unique
    password_hash varchar(255) null
    created_at timestamptz = now()
    failed_login_attempts int = 0
    locked_until timestamptz null
    index email

api_keys
    id uuid pk
    user_id uuid -> users cascade
    name varchar(100)
    key_hash text unique
    key_prefix varchar(12)
    scopes text[] = {}
    created_at timestamptz = now()
    index user_id key_hash

agents
    id uuid pk
    user_id uuid -> users cascade
    name varchar(255)
    trading_mode varchar(20) = simulation
    automated_trading_simulation boolean = true
    automated_trading_live boolean = true
    trading_config jsonb null
    created_at timestamptz = now()
    updated_at timestamptz
    index user_id

agent_wallets
    wallet_address varchar(44) pk
    agent_id uuid -> agents cascade
    wallet_type varchar(20)
    created_at timestamptz = now()
    updated_at timestamptz
    index agent_id
    unique (agent_id wallet_type)

agent_balances
    id uuid pk
    agent_id uuid -> agents cascade
    wallet_address varchar(44) -> agent_wallets cascade
    token_address varchar(255)
    token_symbol varchar(20)
    balance text
    last_updated timestamptz
    index agent_id wallet_address (agent_id wallet_address) token_address
    unique (wallet_address token_address)

agent_positions
    id uuid pk
    agent_id uuid -> agents cascade
    wallet_address varchar(44) -> agent_wallets cascade
    token_address varchar(255)
    token_symbol varchar(20)
    purchase_transaction_id uuid unique -> agent_transactions cascade
    purchase_price decimal(30,18)
    purchase_amount decimal(30,18)
    current_stop_loss_percentage decimal(5,2) null
    peak_price decimal(30,18) null
    lowest_price decimal(30,18) null
    last_stop_loss_update timestamptz null
    dca_count int = 0
    dca_transaction_ids uuid[] = {}
    last_dca_time timestamptz null
    total_invested_sol decimal(20,8) = 0
    created_at timestamptz = now()
    updated_at timestamptz
    index agent_id token_address (agent_id wallet_address) purchase_transaction_id
    unique (agent_id wallet_address token_address)

agent_transactions
    id uuid pk
    agent_id uuid -> agents cascade
    wallet_address varchar(44) null -> agent_wallets cascade
    transaction_type TransactionType
    transaction_value_usd decimal(20,8)
    transaction_time timestamptz
    destination_address varchar(255) null
    signal_id int null -> trading_signals refuse
    fees decimal(20,8) null
    routes jsonb null
    input_mint varchar(255) null
    input_symbol varchar(20) null
    input_amount decimal(30,18) null
    input_price decimal(30,18) null
    output_mint varchar(255) null
    output_symbol varchar(20) null
    output_amount decimal(30,18) null
    output_price decimal(30,18) null
    slippage decimal(10,4) null
    price_impact decimal(10,4) null
    is_dca boolean = false
    transaction_hash varchar(255) null
    swap_payload jsonb null
    created_at timestamptz = now()
    updated_at timestamptz
    index agent_id wallet_address (agent_id wallet_address) transaction_type transaction_time signal_id
    index (agent_id transaction_time) (agent_id transaction_type)

agent_historical_swaps
    id uuid pk
    agent_id uuid -> agents cascade
    wallet_address varchar(44) null -> agent_wallets cascade
    token_address varchar(255)
    token_symbol varchar(20)
    amount decimal(30,18)
    purchase_price decimal(30,18)
    sale_price decimal(30,18)
    change_percent decimal(10,4)
    profit_loss_usd decimal(20,8)
    profit_loss_sol decimal(20,8)
    purchase_time timestamptz
    sale_time timestamptz
    purchase_transaction_id uuid null -> agent_transactions cascade
    sale_transaction_id uuid null -> agent_transactions cascade
    signal_id int null -> trading_signals refuse
    close_reason varchar(20) null
    created_at timestamptz = now()
    index agent_id wallet_address (agent_id wallet_address) token_address signal_id
    index purchase_transaction_id sale_transaction_id purchase_time sale_time (agent_id token_address)
    index (agent_id purchase_time) (agent_id sale_time) (agent_id created_at) (agent_id signal_id)

agent_balance_snapshots
    id uuid pk
    agent_id uuid -> agents cascade
    wallet_address varchar(44) -> agent_wallets cascade
    snapshot_timestamp timestamptz
    portfolio_balance_sol decimal(20,8)
    sol_balance decimal(20,8)
    positions_value_sol decimal(20,8)
    unrealized_pnl_sol decimal(20,8)
    created_at timestamptz = now()
    updated_at timestamptz
    index (agent_id wallet_address snapshot_timestamp) wallet_address snapshot_timestamp
    unique (agent_id wallet_address snapshot_timestamp)

trading_signals
    id serial pk
    token_address varchar(255)
    symbol varchar(50) null
    signal_type varchar(50)
    activation_reason text null
    signal_strength int
    source varchar(100) null
    created_at timestamptz = now()
    updated_at timestamptz
    index token_address signal_type created_at

signal_executions
    id uuid pk
    signal_id int -> trading_signals refuse
    agent_id uuid -> agents cascade
    status varchar(20)
    transaction_id uuid null -> agent_transactions null
    error text null
    executed_at timestamptz = now()
    index signal_id agent_id
    unique (signal_id agent_id)
"""

_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>\S+)(?P<pk> pk)?(?P<unique> unique)?(?P<null> null)?(?: = (?P<default>\S+))?"
    r"(?: -> (?P<target>\w+) (?P<on_delete>\w+))?"
)
_GROUP = re.compile(r"\(([^)]+)\)|(\w+)")


@dataclass(frozen=True)
class Column:
    """A column as the contract has it; `references` is the table of its foreign key."""

    type: str
    is_nullable: bool = False
    default: str | None = None
    references: str | None = None
    on_delete: str | None = None


@dataclass
class Table:
    """A table as the contract has it; keys and indexes are tuples of column names."""

    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    unique: set[tuple[str, ...]] = field(default_factory=set)
    indexes: set[tuple[str, ...]] = field(default_factory=set)


def groups(text: str) -> set[tuple[str, ...]]:
    """`a (b c)`, or with commas, as {("a",), ("b", "c")}."""
    return {tuple(re.findall(r"\w+", several or one)) for several, one in _GROUP.findall(text)}


def _read(text: str) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    table = Table()
    for line in filter(None, text.splitlines()):
        if not line.startswith(" "):
            table = tables.setdefault(line, Table())
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "index":
            table.indexes |= groups(rest)
            continue
        if word == "unique":
            table.unique |= groups(rest)
            continue
        found = _COLUMN.fullmatch(line.strip())
        assert found is not None, f"not a column: {line}"
        table.columns[found["name"]] = Column(
            found["type"], found["null"] is not None, found["default"], found["target"], found["on_delete"]
        )
        if found["pk"]:
            table.primary_key = (found["name"],)
        if found["unique"]:
            table.unique.add((found["name"],))
    return tables


TABLES = _read(TEXT)
