-- Triggers of one event fire in the order of their names.
create trigger agents_10_trading_config
before insert or update of trading_config, trading_rules on public.agents
for each row
execute function book.tg_agents__trading_config();

create trigger agents_20_stir_positions
after update on public.agents
for each row
when (
    new.trading_rules is distinct from old.trading_rules
    or new.automated_trading_simulation <> old.automated_trading_simulation
    or new.automated_trading_live <> old.automated_trading_live
)
execute function book.tg_agents__stir_positions();
