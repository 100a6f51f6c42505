create trigger agents_10_trading_config
before insert or update of trading_config, trading_rules on public.agents
for each row
execute function book.tg_agents__trading_config();
