-- Whose rows each table of schema public holds: the grants, the policies and the guards follow from it.
create view report.table_classes with (security_invoker = true) as
select
    t.table_name,
    t.belongs_to,
    t.is_derived
from (
    values
    ('agent_balance_snapshots', 'user', true),
    ('agent_balances', 'user', true),
    ('agent_historical_swaps', 'user', true),
    ('agent_positions', 'user', true),
    ('agent_token_withdrawals', 'user', true),
    ('agent_transactions', 'user', false),
    ('agent_wallets', 'user', false),
    ('agents', 'user', false),
    ('api_keys', 'user', false),
    ('bi_logins', 'login', false),
    ('dead_tokens', 'user or everyone', true),
    ('event_numbering', 'everyone', true),
    ('event_outbox', 'user or everyone', true),
    ('events', 'user or everyone', true),
    ('job_runs', 'operator', false),
    ('ledger_seals', 'user', true),
    ('position_actions', 'user', true),
    ('request_counts', 'operator', false),
    ('sessions', 'user', false),
    ('settings', 'everyone', false),
    ('signal_executions', 'agent', false),
    ('token_prices', 'everyone', false),
    ('trade_orders', 'user', true),
    ('trading_signals', 'user or everyone', false),
    ('users', 'itself', false),
    ('wallet_audits', 'user', true),
    ('wallet_totals', 'user', true)
) as t (table_name, belongs_to, is_derived);

comment on view report.table_classes is
'Whose rows each table holds. A table that is not listed here cannot be migrated to: nobody would see its rows.';
comment on column report.table_classes.table_name is 'The table, of schema public.';
comment on column report.table_classes.belongs_to is
'user: column user_id says whose. agent: that of agent_id does. user or everyone: user_id, NULL is for everyone.
itself: a row is a user. login: column login says whose. everyone: all may read them.
operator: it is about no user, and none sees it.';
comment on column report.table_classes.is_derived is
'Whether the book makes the rows from the facts, and nobody else writes them.';
