-- The latest price of each token and source. The history is public.token_prices itself.
--
-- Walks from one token and source to the next by the key, so that it never reads the history.
create view report.latest_prices with (security_invoker = true) as
with recursive series as (
    (
        select
            p.token_address,
            p.source
        from public.token_prices as p
        order by p.token_address, p.source
        limit 1
    )
    union all
    select
        following.token_address,
        following.source
    from series as s
    cross join lateral (
        select
            p.token_address,
            p.source
        from public.token_prices as p
        where (p.token_address, p.source) > (s.token_address, s.source)
        order by p.token_address, p.source
        limit 1
    ) as following
)

select
    s.token_address,
    s.source,
    latest.price_sol,
    latest.price_usd,
    latest.observed_at,
    now() - latest.observed_at as age
from series as s
cross join lateral (
    select
        p.price_sol,
        p.price_usd,
        p.observed_at
    from public.token_prices as p
    where p.token_address = s.token_address and p.source = s.source and p.observed_at <= now()
    order by p.observed_at desc
    limit 1
) as latest;

comment on view report.latest_prices is
'The latest price of each token from each source, whatever its age. All prices are in public.token_prices.';
comment on column report.latest_prices.token_address is 'Mint of the token.';
comment on column report.latest_prices.source is
'Who observed it. settings.price_source is the one that values portfolios; prices of others are for comparison.';
comment on column report.latest_prices.price_sol is 'SOL for one token; 1 for SOL.';
comment on column report.latest_prices.price_usd is 'USD for one token; NULL where not observed, never for SOL.';
comment on column report.latest_prices.observed_at is 'When it was observed.';
comment on column report.latest_prices.age is 'How old it is now.';
