-- Pages of all that a user has, whatever the agent, newest first. Row security looks by the user too.
create index agent_transactions_user_id_time_idx on agent_transactions (user_id, transaction_time, ledger_order);
create index agent_historical_swaps_user_id_sale_time_idx on agent_historical_swaps (user_id, sale_time, id);

-- On a table without statistics the planner takes the last made of the indexes that seem equal: these find one row.
alter table agent_transactions drop constraint agent_transactions_agent_id_id_key cascade;
alter table agent_transactions add constraint agent_transactions_agent_id_id_key unique (agent_id, id);
alter table signal_executions add constraint signal_executions_transaction_id_fkey
foreign key (agent_id, transaction_id)
references agent_transactions (agent_id, id) on delete set null (transaction_id);

alter table agent_historical_swaps drop constraint agent_historical_swaps_agent_id_id_key;
alter table agent_historical_swaps add constraint agent_historical_swaps_agent_id_id_key unique (agent_id, id);
