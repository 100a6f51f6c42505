-- Holds the rules once more against the prices that were recorded in the last seconds: of two transactions that
-- overlap, one that moves a stop and one that brings a price, neither has seen the other. The worker calls it every
-- second; most positions are passed over, since nothing can happen to them. at: now. Answers how many actions there
-- were.
create function book.review_recent_prices(at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    -- Longer than two looks of the worker are apart, and than most transactions last.
    recent constant interval := '10 seconds';
    tokens constant text[] := array(
        select distinct p.token_address
        from public.token_prices as p
        cross join public.settings as s
        where p.recorded_at > at - recent and p.source = s.price_source and p.token_address <> book.sol_mint()
    );
begin
    return book.apply_rules(tokens, at);
end
$$;

comment on function book.review_recent_prices(timestamptz) is
'Holds the rules once more against the prices that were recorded in the last 10 seconds; how many actions there were.
at: now.';
