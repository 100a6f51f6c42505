-- The latest price of a token at or before an instant, of one source, not older than max_age (NULL: no limit): what a
-- transaction is valued by. Portfolios are valued by book.latest_price.
create function book.price_at(mint text, price_source text, at timestamptz, max_age interval)
returns public.token_prices
language sql
stable
as $$
    select p
    from public.token_prices as p
    where
        p.token_address = mint
        and p.source = price_source
        and p.observed_at <= at
        and (max_age is null or p.observed_at >= at - max_age)
    order by p.observed_at desc
    limit 1
$$;

comment on function book.price_at(text, text, timestamptz, interval) is
'The latest token_prices row at or before an instant, of one source and not older than max_age (NULL: no limit).';
