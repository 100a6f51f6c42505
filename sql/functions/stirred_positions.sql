-- The managed positions in some tokens of which the latest prices may say something: those whose price lies outside of
-- the band in which their rules said that nothing would happen (book.quiet_band), or is a new peak or a new lowest
-- price, or whose time has come.
--
-- wallets: those that are looked at; NULL is all. at: now. since: {token: time} of those of which several prices have
-- come at once, from that time on. is_quiet: all of its prices lie in the band, so that book.move_peaks is enough. The
-- keys stand beside the position, since a whole row is dear to make where they are all that is asked. Prices from
-- before the position opened, or before its last DCA buy, say nothing of it. In language sql, so that it becomes a part
-- of the query that asks.
create function book.stirred_positions(
    tokens text[], wallets text[], at timestamptz, since jsonb default '{}'
)
returns table (
    p public.agent_positions,
    agent_id uuid,
    position_id uuid,
    wallet_address text,
    token_address text,
    price_sol numeric,
    price_usd numeric,
    observed_at timestamptz,
    highest numeric,
    lowest numeric,
    highest_of_now numeric,
    lowest_of_now numeric,
    is_quiet boolean
)
language sql
stable
as $$
    -- Few, and looked up once. What was seen before the position opened, or its last DCA buy, is none of it any more.
    with pending as materialized (
        select
            d.wallet_address,
            d.token_address,
            max(d.highest_price_sol) as highest,
            min(d.lowest_price_sol) as lowest
        from public.position_actions as d
        inner join public.agent_positions as o
            on
                o.agent_id = d.agent_id
                and o.wallet_address = d.wallet_address
                and o.token_address = d.token_address
                and d.decided_at >= coalesce(o.last_dca_time, o.created_at)
        where d.status = 'pending' and d.token_address = any (tokens)
        group by d.wallet_address, d.token_address
    ),

    -- Looked up once for each token, and not for each position in it.
    latest as materialized (
        select
            t.token_address,
            k.price_sol,
            k.price_usd,
            k.observed_at,
            greatest(k.price_sol, several.highest) as highest,
            least(k.price_sol, several.lowest) as lowest
        from unnest(tokens) as t (token_address)
        cross join lateral book.latest_price(t.token_address, at) as k
        left join lateral (
            select
                max(c.price_sol) as highest,
                min(c.price_sol) as lowest
            from public.token_prices as c
            where
                since ? t.token_address
                and c.token_address = t.token_address
                and c.source = (select s.price_source from public.settings as s)
                and c.observed_at >= (since ->> t.token_address)::timestamptz
                and c.observed_at <= at
        ) as several on true
    )

    select
        k,
        k.agent_id,
        k.id,
        k.wallet_address,
        k.token_address,
        price.price_sol,
        price.price_usd,
        price.observed_at,
        greatest(price.price_sol, due.highest, several.highest),
        least(price.price_sol, due.lowest, several.lowest),
        greatest(price.price_sol, several.highest),
        least(price.price_sol, several.lowest),
        coalesce(
            due.wallet_address is null
            and at < k.quiet_until
            and least(price.price_sol, several.lowest) >= k.quiet_from
            and greatest(price.price_sol, several.highest) <= k.quiet_to,
            false
        )
    from latest as price
    inner join public.agent_positions as k
        on
            k.token_address = price.token_address
            and k.managed
            and not k.is_dust
            -- What lies ahead of now began when it was told.
            and (
                price.observed_at >= coalesce(k.last_dca_time, k.created_at)
                or coalesce(k.last_dca_time, k.created_at) > at
            )
            -- Hashed, whatever plan is kept: any (wallets) would look through all of them for each position.
            and (wallets is null or k.wallet_address in (select w from unnest(wallets) as w))
    left join pending as due on due.wallet_address = k.wallet_address and due.token_address = k.token_address
    left join lateral (
        select
            max(c.price_sol) as highest,
            min(c.price_sol) as lowest
        from public.token_prices as c
        where
            since ? k.token_address
            and c.token_address = k.token_address
            and c.source = (select s.price_source from public.settings as s)
            and c.observed_at >= greatest(
                (since ->> k.token_address)::timestamptz, coalesce(k.last_dca_time, k.created_at)
            )
            and c.observed_at <= at
    ) as several on true
    where
        k.quiet_until is null
        or at >= k.quiet_until
        -- Of the token, whenever the position opened: at worst that is a look too many.
        or price.lowest < k.quiet_from
        or price.highest > k.quiet_to
        or price.highest > k.peak_price
        or price.lowest < k.lowest_price
        or (k.wallet_address, k.token_address) in (select d.wallet_address, d.token_address from pending as d)
$$;

comment on function book.stirred_positions(text[], text[], timestamptz, jsonb) is
'The managed positions in some tokens, of some wallets (NULL: all), of which the latest price may say something, with it
and with the highest and lowest since they were last looked at (SOL per token), and of what has come now; is_quiet where
book.move_peaks is enough. at: now.';
