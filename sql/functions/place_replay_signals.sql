-- Places the signals of a replay: each at the first price of its token at or after its time, since an agent acts on a
-- fresh price alone. Those after the last price are left out, and counted.
--
-- signals: [{"time", "token_address", "signal_type", "signal_strength", "symbol"?, "source"?, "market_cap_usd"?,
-- "liquidity_usd"?, "holder_count"?}], in their order.
create function book.place_replay_signals(
    signals jsonb, price_source text, out placed int, out left_out int
)
language plpgsql
volatile
as $$
begin
    insert into public.trading_signals (
        token_address,
        symbol,
        signal_type,
        signal_strength,
        source,
        market_cap_usd,
        liquidity_usd,
        holder_count,
        created_at,
        updated_at
    )
    select
        s.content ->> 'token_address',
        s.content ->> 'symbol',
        s.content ->> 'signal_type',
        (s.content ->> 'signal_strength')::int,
        s.content ->> 'source',
        (s.content ->> 'market_cap_usd')::numeric,
        (s.content ->> 'liquidity_usd')::numeric,
        (s.content ->> 'holder_count')::int,
        p.observed_at,
        p.observed_at
    from jsonb_array_elements(signals) with ordinality as s (content, place)
    cross join lateral (
        select k.observed_at
        from public.token_prices as k
        where
            k.token_address = s.content ->> 'token_address'
            and k.source = price_source
            and k.observed_at >= (s.content ->> 'time')::timestamptz
        order by k.observed_at
        limit 1
    ) as p
    order by p.observed_at, s.place;
    get diagnostics placed = row_count;
    left_out := jsonb_array_length(signals) - placed;
end
$$;

comment on function book.place_replay_signals(jsonb, text) is
'Places the signals of a replay at the first price of their tokens at or after their times: how many, and how many have
no such price. Raises signal_duplicate (TB035), and what the table refuses.';
