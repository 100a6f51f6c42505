-- Ends orders that wait for an executor, since another is to take their place.
--
-- The caller holds the locks of the wallets.
create function book.supersede_orders(orders uuid[], why text, at timestamptz)
returns void
language plpgsql
volatile
as $$
begin
    update public.trade_orders as o
    set
        status = 'expired',
        error = why,
        updated_at = at
    where o.id = any (orders);
    perform book.end_orders(orders, at);
end
$$;

comment on function book.supersede_orders(uuid[], text, timestamptz) is
'Ends orders that another takes the place of, and says why. at: now.';
