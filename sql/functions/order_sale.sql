-- Orders the sale of all of a position, by hand. An open order that no executor is at makes room for it.
create function book.order_sale(p public.agent_positions, id uuid, price numeric, at timestamptz)
returns void
language plpgsql
volatile
as $$
declare
    known public.trade_orders;
begin
    select o.* into known
    from public.trade_orders as o
    where
        o.wallet_address = p.wallet_address
        and o.token_address = p.token_address
        and o.status in ('pending', 'claimed')
    for update;
    if known.status = 'claimed' and known.claimed_until > at then
        perform book.refuse('order_open', 'position_id', format('order %s is being executed', known.id));
    elsif known.id is not null then
        perform book.supersede_orders(array[known.id], 'a sale by hand took its place', at);
    end if;
    insert into public.trade_orders (
        id,
        user_id,
        agent_id,
        wallet_address,
        token_address,
        token_symbol,
        side,
        reason,
        position_id,
        amount,
        price_sol,
        created_at,
        expires_at,
        updated_at
    )
    select
        order_sale.id,
        p.user_id,
        p.agent_id,
        p.wallet_address,
        p.token_address,
        p.token_symbol,
        'sell',
        'manual',
        p.id,
        p.remaining_amount,
        price,
        at,
        at + s.order_lifetime,
        at
    from public.settings as s;
end
$$;

comment on function book.order_sale(public.agent_positions, uuid, numeric, timestamptz) is
'Orders the sale of all of a position at a price (SOL per token). The caller holds the wallet''s lock. at: now. Raises
order_open (TB044) where an executor is at another order for it.';
