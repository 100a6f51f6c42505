-- Triggers of one event fire in the order of their names.
create trigger trade_orders_10_end
before delete on public.trade_orders
for each row when (old.status in ('pending', 'claimed'))
execute function book.tg_trade_orders__end();

create trigger trade_orders_20_announce_new
after insert on public.trade_orders
referencing new table as changed
for each statement execute function book.tg_trade_orders__announce();

create trigger trade_orders_21_announce_changed
after update on public.trade_orders
referencing new table as changed
for each statement execute function book.tg_trade_orders__announce();
