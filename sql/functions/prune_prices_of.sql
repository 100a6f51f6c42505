-- Thins prices of one token and source to the last one of each hour, from a time on up to another, at most so many.
--
-- An hour ends with its full hour: what a snapshot at 12:00 uses is the last price of (11:00, 12:00], and stays. So do
-- the latest price of all, and candles longer than an hour. Returns the time of the last price that went, NULL where
-- fewer than so many did: then there is no more to do.
create function book.prune_prices_of(
    mint text, price_source text, from_time timestamptz, until_time timestamptz, most int
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    gone timestamptz[];
begin
    gone := array(
        select p.observed_at
        from (
            select
                k.observed_at,
                lead(k.observed_at) over (order by k.observed_at) as next_at
            from public.token_prices as k
            where
                k.token_address = mint
                and k.source = price_source
                and k.observed_at >= from_time
                and k.observed_at <= until_time
        ) as p
        where p.next_at <= book.hour_at_or_after(p.observed_at)
        order by p.observed_at
        limit most
    );
    delete from public.token_prices as p
    where p.token_address = mint and p.source = price_source and p.observed_at = any (gone);
    return case when cardinality(gone) = most then gone[most] end;
end
$$;

comment on function book.prune_prices_of(text, text, timestamptz, timestamptz, int) is
'Deletes prices of a token and source from from_time up to until_time that another of the same hour follows, at most so
many; the time of the last one, NULL where none are left. until_time has to be a full hour.';
