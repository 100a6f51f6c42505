-- What an agent, or one of its wallets, was worth in a period.
create type api.balance_history as (
    "agentId" uuid,
    "walletAddress" text,
    granularity text,
    snapshots api.balance_curve_points[] -- noqa: LT01
);

comment on type api.balance_history is 'What an agent, or one of its wallets, was worth in a period, for charts.';
comment on column api.balance_history."agentId" is 'The agent.';
comment on column api.balance_history."walletAddress" is 'The wallet that was asked for; NULL for all of the agent.';
comment on column api.balance_history.granularity is 'hour or day: the last snapshot of each.';
comment on column api.balance_history.snapshots is 'The snapshots in order of time.';
