-- The latest price of a token at or before an instant, of the source in force, whatever its age. No row where there is
-- none. In language sql, so that it becomes a part of the query that asks.
create function book.latest_price(mint text, at timestamptz)
returns table (price_sol numeric, price_usd numeric, observed_at timestamptz)
language sql
stable
as $$
    select
        k.price_sol,
        k.price_usd,
        k.observed_at
    from public.token_prices as k
    where
        k.token_address = mint
        and k.source = (select s.price_source from public.settings as s)
        and k.observed_at <= at
    order by k.observed_at desc
    limit 1
$$;

comment on function book.latest_price(text, timestamptz) is
'The latest price (SOL and USD per token) observed at or before an instant, of settings.price_source, whatever its age;
no row where there is none.';
