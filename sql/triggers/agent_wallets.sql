create trigger agent_wallets_10_user
before insert or update of agent_id, user_id on public.agent_wallets
for each row execute function book.tg_agent_wallets__user();
