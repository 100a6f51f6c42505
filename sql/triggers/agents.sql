-- Triggers of one event fire in the order of their names.
create trigger agents_10_trading_config
before insert or update of trading_config, trading_rules on public.agents
for each row
execute function book.tg_agents__trading_config();

create trigger agents_20_stir_positions
after update on public.agents
referencing old table as old_agents new table as new_agents
for each statement
execute function book.tg_agents__stir_positions();
