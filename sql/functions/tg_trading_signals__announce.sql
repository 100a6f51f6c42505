-- After insert, each statement: announces new signals, to their user or to everyone.
create function book.tg_trading_signals__announce()
returns trigger
language plpgsql
volatile
-- The outbox is the book's alone.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.event_outbox (user_id, token_address, kind, change, signal_id)
    select
        n.user_id,
        n.token_address,
        'signals',
        'created',
        n.id
    from new_signals as n
    order by n.id;
    return null;
end
$$;

comment on function book.tg_trading_signals__announce() is 'Puts new signals into event_outbox.';
