-- Ends the orders that nobody took in time, or whose executor has not come back. Answers how many.
create function book.expire_orders(at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    due constant uuid[] := array(
        select o.id
        from public.trade_orders as o
        where o.status in ('pending', 'claimed') and o.expires_at <= at and coalesce(o.claimed_until <= at, true)
    );
    idle constant text[] := book.lock_idle_wallets(array(
        select o.wallet_address from public.trade_orders as o where o.id = any (due)
    ));
    ended uuid[];
begin
    with expired as (
        update public.trade_orders as o
        set
            status = 'expired',
            error = case o.status
                when 'pending' then 'no executor took it in time'
                else 'its executor has not come back'
            end,
            updated_at = at
        where
            o.id = any (due)
            and o.wallet_address = any (idle)
            and o.status in ('pending', 'claimed')
            and coalesce(o.claimed_until <= at, true)
        returning id
    )

    select coalesce(array_agg(e.id), '{}') into ended from expired as e;
    perform book.end_orders(ended, at);
    return cardinality(ended);
end
$$;

comment on function book.expire_orders(timestamptz) is
'Ends the orders whose time is over and that no executor has; how many. at: now.';
