-- Stores prices: all of a set, or, where another price is known for one's token, source and instant, none.
--
-- prices: rows with what was stated, price_sol NULL where that is USD alone. These are turned into SOL by the latest
-- SOL/USD price of their source at or before their time, one of the same set included, not older than max_age (NULL: no
-- limit); those that no such price is known for are answered instead of stored. What is known already is compared by
-- what was stated, so that a later SOL/USD price does not make the same statement another one.
create function book.store_prices(
    prices public.token_prices[], max_age interval, out stored int, out not_converted public.token_prices[]
)
language plpgsql
volatile
as $$
declare
    clash record;
    more int;
begin
    -- SOL first, then by key, in both statements: so no two sets can wait for each other.
    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    select
        n.token_address,
        n.source,
        n.observed_at,
        coalesce(n.price_sol, 1),
        n.price_usd
    from unnest(prices) as n
    where n.token_address = book.sol_mint()
    order by n.source, n.observed_at
    on conflict (token_address, source, observed_at) do nothing;
    get diagnostics stored = row_count;

    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    select
        n.token_address,
        n.source,
        n.observed_at,
        coalesce(n.price_sol, sol.price),
        n.price_usd
    from unnest(prices) as n
    left join lateral (
        -- A price that its column cannot hold is none.
        select case when q.price > 0 and q.price < 1e20 then q.price end as price
        from public.token_prices as k
        cross join lateral (select book.round_quotient(n.price_usd, k.price_usd) as price) as q
        where
            n.price_sol is null
            and k.token_address = book.sol_mint()
            and k.source = n.source
            and k.observed_at <= n.observed_at
            and (max_age is null or k.observed_at >= n.observed_at - max_age)
        order by k.observed_at desc
        limit 1
    ) as sol on true
    where n.token_address <> book.sol_mint() and coalesce(n.price_sol, sol.price) is not null
    order by n.token_address, n.source, n.observed_at
    on conflict (token_address, source, observed_at) do nothing;
    get diagnostics more = row_count;
    stored := stored + more;

    select
        n.token_address,
        n.source,
        n.observed_at
    into clash
    from unnest(prices) with ordinality as n
    inner join public.token_prices as p
        on p.token_address = n.token_address and p.source = n.source and p.observed_at = n.observed_at
    where
        p.price_sol <> n.price_sol
        or (n.price_usd is not null and p.price_usd is distinct from n.price_usd)
    order by n.ordinality
    limit 1;
    if found then
        perform book.refuse('repeat_differs', 'price', format(
            'source %L has another price of %s at %s already',
            clash.source,
            clash.token_address,
            book.plain_time(clash.observed_at)
        ));
    end if;

    not_converted := array(
        select row(
            n.token_address, n.source, n.observed_at, n.price_sol, n.price_usd, n.recorded_at
        )::public.token_prices
        from unnest(prices) with ordinality as n
        where
            n.price_sol is null
            and n.token_address <> book.sol_mint()
            and not exists (
                select
                from public.token_prices as p
                where
                    p.token_address = n.token_address
                    and p.source = n.source
                    and p.observed_at = n.observed_at
            )
        order by n.ordinality
    );
end
$$;

comment on function book.store_prices(public.token_prices[], interval) is
'Stores prices as stated (price_sol NULL: turn price_usd into SOL); how many were new, and those that no SOL/USD price
within max_age is known for. Raises repeat_differs (TB008).';
