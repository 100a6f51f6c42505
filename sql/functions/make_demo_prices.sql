-- A month of made-up hourly prices for the demo: a random walk for SOL/USD and for each demo token, the same every
-- time.
create function book.make_demo_prices(start timestamptz, hours int)
returns void
language sql
volatile
as $$
    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    with recursive tokens as (
        select
            n,
            book.demo_mint(n) as mint,
            (book.chance('start ' || n) + 1000) / 1000000000.0 as price
        from generate_series(1, 12) as n
    ),

    walk as (
        select
            t.n,
            t.mint,
            0 as hour,
            round(t.price, 12) as price
        from tokens as t
        union all
        select
            0,
            book.sol_mint(),
            0,
            150.0
        union all
        select
            w.n,
            w.mint,
            w.hour + 1,
            -- Memecoins move up to 9 % an hour, SOL up to 0.9 %.
            round(
                w.price * (1 + (book.chance('move ' || w.n || ' ' || w.hour) - 499500)
                * case w.n when 0 then 0.000000018 else 0.00000018 end),
                12
            )
        from walk as w
        where w.hour < hours
    )

    select
        w.mint,
        s.price_source,
        start + w.hour * interval '1 hour',
        case w.n when 0 then 1 else w.price end,
        case w.n when 0 then w.price else round(w.price * sol.price, 18) end
    from walk as w
    inner join walk as sol on sol.n = 0 and sol.hour = w.hour
    cross join public.settings as s
    on conflict (token_address, source, observed_at) do nothing
$$;

comment on function book.make_demo_prices(timestamptz, int) is
'Made-up hourly prices of SOL and 12 demo tokens, of the source in force: the same every time.';
