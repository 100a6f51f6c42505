-- After insert, each statement: agents act on a new signal in the same transaction, whoever inserts it.
--
-- One of the past, which somebody brings in, is history.
create function book.tg_trading_signals__act()
returns trigger
language plpgsql
volatile
-- Signals for everyone concern the agents of all.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    at constant timestamptz := clock_timestamp();
    fresh constant interval := '60 seconds';
    signal int;
begin
    for signal in select n.id from new_signals as n where n.created_at >= at - fresh order by n.id loop
        perform book.act_on_signal(signal, at);
    end loop;
    return null;
end
$$;

comment on function book.tg_trading_signals__act() is
'Has agents act on new signals (book.act_on_signal), but those that are more than 60 seconds old.';
