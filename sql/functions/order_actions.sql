-- Makes the orders of what rules do in live wallets. The caller holds the locks of the wallets.
create function book.order_actions(reviews book.reviewed_position[], at timestamptz)
returns void
language plpgsql
volatile
as $$
declare
    -- Those that wait; the rules say to act beside no others.
    superseded constant uuid[] := array(
        select o.id
        from unnest(reviews) as k
        inner join public.trade_orders as o
            on
                o.wallet_address = (k.p).wallet_address
                and o.token_address = (k.p).token_address
                and o.status in ('pending', 'claimed')
        where k.fact_id is not null and k.wallet_type = 'live'
    );
begin
    if cardinality(superseded) > 0 then
        perform book.supersede_orders(superseded, 'a stop took its place', at);
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
        signal_id,
        amount,
        price_sol,
        max_price_impact,
        levels_done,
        moon_bag_amount,
        created_at,
        expires_at,
        updated_at
    )
    select
        k.fact_id,
        (k.p).user_id,
        (k.p).agent_id,
        (k.p).wallet_address,
        (k.p).token_address,
        (k.p).token_symbol,
        case (k.verdict).rule when 'dca' then 'buy' else 'sell' end,
        (k.verdict).rule,
        (k.p).id,
        null,
        (k.verdict).amount,
        k.price_sol,
        case (k.verdict).rule when 'dca' then k.max_price_impact end,
        case (k.verdict).rule when 'take_profit' then (k.verdict).levels_done end,
        case (k.verdict).rule when 'take_profit' then (k.verdict).moon_bag end,
        at,
        at + s.order_lifetime,
        at
    from unnest(reviews) as k
    cross join public.settings as s
    where k.fact_id is not null and k.wallet_type = 'live'
    order by k.fact_id;
end
$$;

comment on function book.order_actions(book.reviewed_position[], timestamptz) is
'Makes the orders of what rules do in live wallets. at: now.';
