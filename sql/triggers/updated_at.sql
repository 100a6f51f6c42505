create trigger agents_90_updated_at
before update on public.agents
for each row execute function book.tg_set_updated_at();

create trigger agent_wallets_90_updated_at
before update on public.agent_wallets
for each row execute function book.tg_set_updated_at();

create trigger agent_positions_90_updated_at
before update on public.agent_positions
for each row execute function book.tg_set_updated_at();

create trigger agent_transactions_90_updated_at
before update on public.agent_transactions
for each row execute function book.tg_set_updated_at();

create trigger agent_balance_snapshots_90_updated_at
before update on public.agent_balance_snapshots
for each row execute function book.tg_set_updated_at();

create trigger trading_signals_90_updated_at
before update on public.trading_signals
for each row execute function book.tg_set_updated_at();
