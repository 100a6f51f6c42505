-- Hourly portfolio values, and what each agent did with each signal.

create table agent_balance_snapshots (
    id uuid constraint agent_balance_snapshots_pkey primary key default gen_random_uuid(),
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    snapshot_timestamp timestamptz not null,
    portfolio_balance_sol numeric(20, 8) not null,
    sol_balance numeric(20, 8) not null,
    positions_value_sol numeric(20, 8) not null,
    unrealized_pnl_sol numeric(20, 8) not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    user_id uuid not null,
    constraint agent_balance_snapshots_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_balance_snapshots_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    -- One for each wallet and hour. The contract's index on the same columns is this one.
    constraint agent_balance_snapshots_agent_wallet_snapshot_timestamp_key
    unique (agent_id, wallet_address, snapshot_timestamp),
    constraint agent_balance_snapshots_snapshot_timestamp_is_a_full_hour check (
        isfinite(snapshot_timestamp) and extract(epoch from snapshot_timestamp) % 3600 = 0
    ),
    constraint agent_balance_snapshots_sol_balance_is_not_negative check (sol_balance >= 0 and sol_balance < 'NaN'),
    constraint agent_balance_snapshots_positions_value_sol_is_not_negative check (
        positions_value_sol >= 0 and positions_value_sol < 'NaN'
    ),
    constraint agent_balance_snapshots_unrealized_pnl_sol_is_a_number check (unrealized_pnl_sol < 'NaN'),
    -- Three roundings to 8 decimals may differ from the rounding of the sum by one unit of the last place.
    constraint agent_balance_snapshots_portfolio_is_sol_and_positions check (
        abs(portfolio_balance_sol - sol_balance - positions_value_sol) <= 0.00000001
    )
);

create index agent_balance_snapshots_wallet_address_idx on agent_balance_snapshots (wallet_address);
create index agent_balance_snapshots_snapshot_timestamp_idx on agent_balance_snapshots (snapshot_timestamp);

alter table agent_balance_snapshots add constraint agent_balance_snapshots_agent_id_id_key unique (agent_id, id);

comment on table agent_balance_snapshots is 'Value of each wallet''s portfolio at each full hour, for charts.';
comment on column agent_balance_snapshots.id is 'Unique identifier.';
comment on column agent_balance_snapshots.agent_id is 'The agent.';
comment on column agent_balance_snapshots.wallet_address is 'The wallet.';
comment on column agent_balance_snapshots.snapshot_timestamp is 'The full hour, UTC.';
comment on column agent_balance_snapshots.portfolio_balance_sol is 'SOL held and positions at market value, in SOL.';
comment on column agent_balance_snapshots.sol_balance is 'SOL held.';
comment on column agent_balance_snapshots.positions_value_sol is 'Open positions at market value, in SOL.';
comment on column agent_balance_snapshots.unrealized_pnl_sol is 'Market value less cost of the open positions, in SOL.';
comment on column agent_balance_snapshots.created_at is 'When the row was made.';
comment on column agent_balance_snapshots.updated_at is 'When the row was last changed.';
comment on column agent_balance_snapshots.user_id is 'The agent''s user.';

create table signal_executions (
    id uuid constraint signal_executions_pkey primary key default gen_random_uuid(),
    signal_id int not null,
    agent_id uuid not null,
    status varchar(20) not null,
    transaction_id uuid,
    error text,
    executed_at timestamptz not null default now(),
    constraint signal_executions_signal_id_fkey foreign key (signal_id) references trading_signals (id),
    constraint signal_executions_agent_id_fkey foreign key (agent_id) references agents (id) on delete cascade,
    -- The execution is remembered when the wallet that it traded with is gone.
    constraint signal_executions_transaction_id_fkey foreign key (agent_id, transaction_id)
    references agent_transactions (agent_id, id) on delete set null (transaction_id),
    -- One for each agent and signal; serves signal_id alone too.
    constraint signal_executions_signal_id_agent_id_key unique (signal_id, agent_id),
    constraint signal_executions_status_is_known check (status in ('success', 'failed', 'skipped')),
    constraint signal_executions_transaction_id_is_of_a_success check (transaction_id is null or status = 'success'),
    constraint signal_executions_error_is_not_of_a_success check (error is null or status <> 'success')
);

create index signal_executions_agent_id_idx on signal_executions (agent_id);
create index signal_executions_transaction_id_idx on signal_executions (agent_id, transaction_id);

comment on table signal_executions is 'What each agent did with each signal.';
comment on column signal_executions.id is 'Unique identifier.';
comment on column signal_executions.signal_id is 'The signal.';
comment on column signal_executions.agent_id is 'The agent.';
comment on column signal_executions.status is 'success, failed or skipped.';
comment on column signal_executions.transaction_id is 'The transaction that came of it.';
comment on column signal_executions.error is 'Why it failed or was skipped.';
comment on column signal_executions.executed_at is 'When the agent acted.';
