create trigger token_prices_20_announce
after insert on public.token_prices
referencing new table as new_prices
for each statement execute function book.tg_token_prices__announce();
