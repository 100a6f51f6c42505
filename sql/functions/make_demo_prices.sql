-- Made-up hourly prices for the demo: a random walk for SOL/USD and for each of 12 tokens, with a jump now and then,
-- the same every time. Token 5 is worth a thousandth from rug_hour on.
create function book.make_demo_prices(start timestamptz, hours int, rug_hour int)
returns void
language sql
volatile
as $$
    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    with recursive walk as (
        select
            t.n,
            0 as hour,
            case t.n
                when 0 then 150.0
                else round((book.chance('start ' || t.n) + 1000) / 1000000000.0, 15)
            end as price,
            1.0 as times
        from generate_series(0, 12) as t (n)
        union all
        select
            w.n,
            w.hour + 1,
            round(w.price * c.factor, 15),
            round(w.times * c.factor, 15)
        from walk as w
        cross join lateral (
            select
                book.chance('move ' || w.n || ' ' || w.hour) as move,
                book.chance('jump ' || w.n || ' ' || w.hour) as jump
        ) as r
        -- SOL moves up to 0.9 % an hour, memecoins up to 5 %, and 3 times in 100 hours by much more; what has risen a
        -- lot rises less.
        cross join lateral (
            select
                case
                    when w.n = 0 then 1 + (r.move - 499500) * 0.000000018
                    when w.n = 5 and w.hour + 1 = rug_hour then 0.001
                    when r.jump < 18000 then 1.3
                    when r.jump > 986000 then 0.75
                    else 1 + (r.move - 495000) * 0.0000001 - least(greatest(w.times - 1, 0), 10) * 0.003
                end as factor
        ) as c
        where w.hour < hours
    )

    select
        case w.n when 0 then book.sol_mint() else book.demo_mint(w.n) end,
        s.price_source,
        start + w.hour * interval '1 hour',
        case w.n when 0 then 1 else w.price end,
        case w.n when 0 then w.price else round(w.price * sol.price, 18) end
    from walk as w
    inner join walk as sol on sol.n = 0 and sol.hour = w.hour
    cross join public.settings as s
    on conflict (token_address, source, observed_at) do nothing
$$;

comment on function book.make_demo_prices(timestamptz, int, int) is
'Made-up hourly prices of SOL and 12 demo tokens, of the source in force: the same every time. From rug_hour on, token 5
is worth a thousandth.';
