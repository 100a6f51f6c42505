-- After insert, each statement: announces the tokens that have a newer latest price, once each, where somebody holds
-- them: thousands of prices arrive at once, and most are of tokens that nobody holds. Of the source that values alone.
create function book.tg_token_prices__announce()
returns trigger
language plpgsql
volatile
-- It reads what all users hold, and the outbox is the book's alone.
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
    insert into public.event_outbox (token_address, kind, change)
    select
        n.token_address,
        'prices',
        'observed'
    from (
        select
            f.token_address,
            f.source,
            max(f.observed_at) as observed_at
        from new_prices as f
        inner join public.settings as s on s.price_source = f.source
        group by f.token_address, f.source
    ) as n
    where
        (
            n.token_address = book.sol_mint()
            or exists (select from public.agent_positions as p where p.token_address = n.token_address)
        )
        -- A look into the index for each, past what it holds of the token already: not exists would become a join, and
        -- by a plan that is kept from when there were few prices one that reads all of them for each.
        and (
            select true
            from public.token_prices as later
            where
                later.token_address = n.token_address
                and later.source = n.source
                and later.observed_at > n.observed_at
            limit 1
        ) is null
    order by n.token_address;
    return null;
end
$$;

comment on function book.tg_token_prices__announce() is
'Puts into event_outbox the held tokens whose latest price, of the source that values, has come in.';
