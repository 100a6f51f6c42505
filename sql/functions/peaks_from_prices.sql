-- The peak and the lowest price of positions that were opened again by a late or voided fact, from the prices of the
-- source in force since they opened; the peak since the last DCA buy, which restarts it.
create function book.peaks_from_prices(positions uuid[])
returns void
language plpgsql
volatile
as $$
begin
    update public.agent_positions as p
    set
        peak_price = seen.peak,
        lowest_price = seen.lowest
    from (
        select
            n.id,
            n.agent_id,
            prices.peak,
            prices.lowest
        from public.agent_positions as n
        cross join public.settings as s
        cross join lateral (
            select
                max(k.price_sol) filter (where k.observed_at >= coalesce(n.last_dca_time, n.created_at)) as peak,
                min(k.price_sol) as lowest
            from public.token_prices as k
            where
                k.token_address = n.token_address
                and k.source = s.price_source
                and k.observed_at >= n.created_at
        ) as prices
        where n.id = any (positions)
    ) as seen
    where p.agent_id = seen.agent_id and p.id = seen.id;
end
$$;

comment on function book.peaks_from_prices(uuid[]) is
'Sets peak and lowest price (SOL per token) of positions from the prices observed since they opened, the
peak since their last DCA buy; NULL where none.';
