-- After insert and update, each statement: announces orders, and what becomes of them, by their status.
create function book.tg_trade_orders__announce()
returns trigger
language plpgsql
volatile
-- The outbox is the book's alone; what refers to an order may also be changed by a cascade.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.event_outbox (user_id, agent_id, wallet_address, token_address, kind, change, subject_id)
    select
        n.user_id,
        n.agent_id,
        n.wallet_address,
        n.token_address,
        'orders',
        case n.status when 'pending' then 'created' else n.status end,
        n.id
    from changed as n
    order by n.created_at, n.id;
    return null;
end
$$;

comment on function book.tg_trade_orders__announce() is 'Puts orders that were made or changed into event_outbox.';
