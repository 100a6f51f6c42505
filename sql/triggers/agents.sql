create trigger agents_10_trading_config
before insert or update of trading_config on public.agents
for each row when (new.trading_config is not null)
execute function book.tg_agents__trading_config();
