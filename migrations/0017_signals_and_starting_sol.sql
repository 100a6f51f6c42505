-- Signals that are stated twice, and what a simulation wallet starts with.

alter table trading_signals add column idempotency_key uuid;

-- The operator, NULL, is one of those that state a key once.
create unique index trading_signals_user_id_idempotency_key_key
on trading_signals (user_id, idempotency_key) nulls not distinct where idempotency_key is not null;

-- Whether the like of a signal arrived a moment ago. It begins with token_address, so it serves that look-up too.
create index trading_signals_token_address_created_at_idx on trading_signals (token_address, created_at);
drop index trading_signals_token_address_idx;
-- The newest first: the id tells those of one instant apart.
create index trading_signals_created_at_id_idx on trading_signals (created_at, id);
drop index trading_signals_created_at_idx;

comment on column trading_signals.idempotency_key is
'What the program called its request, so that the same again is not another signal; NULL where it did not.';

-- What agents did, newest first.
create index signal_executions_agent_id_executed_at_idx on signal_executions (agent_id, executed_at);
drop index signal_executions_agent_id_idx;

alter table settings
add column simulation_starting_sol numeric(38, 18) not null default 10,
add constraint settings_simulation_starting_sol_is_positive check (
    simulation_starting_sol > 0 and simulation_starting_sol < 'NaN'
);

comment on column settings.simulation_starting_sol is
'What a simulation wallet has after a reset that states nothing else, SOL.';
