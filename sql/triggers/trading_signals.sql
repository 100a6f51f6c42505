-- Triggers of one event fire in the order of their names.
create trigger trading_signals_10_no_edit
before update or delete on public.trading_signals
for each row execute function book.tg_trading_signals__no_edit();

create trigger trading_signals_20_no_duplicate
after insert or update of token_address, signal_type, signal_strength, user_id, created_at on public.trading_signals
for each row execute function book.tg_trading_signals__no_duplicate();

create trigger trading_signals_30_announce
after insert on public.trading_signals
referencing new table as new_signals
for each statement execute function book.tg_trading_signals__announce();

create trigger trading_signals_40_act
after insert on public.trading_signals
referencing new table as new_signals
for each statement execute function book.tg_trading_signals__act();
