create trigger trading_signals_20_announce
after insert on public.trading_signals
referencing new table as new_signals
for each statement execute function book.tg_trading_signals__announce();
