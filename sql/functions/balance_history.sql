-- The portfolio of an agent, or of one of its wallets, over time, for charts.
create function report.balance_history(
    agent uuid,
    granularity text default 'hour',
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
    snapshot_at timestamptz,
    portfolio_sol numeric,
    sol_balance numeric,
    positions_value_sol numeric,
    unrealized_sol numeric,
    wallets int
)
language plpgsql
stable
as $$
begin
    start_at := coalesce(start_at, '-infinity');
    end_at := coalesce(end_at, 'infinity');
    if granularity is null or granularity not in ('hour', 'day', 'week', 'month') then
        perform book.refuse('choice_unknown', 'granularity', 'granularity is hour, day, week or month');
    end if;
    return query
    select
        p.point_at,
        sum(p.portfolio_sol),
        sum(p.sol_balance),
        sum(p.positions_value_sol),
        sum(p.unrealized_sol),
        count(*)::int
    from book.portfolio_points(agent, start_at, end_at, wallet, granularity) as p
    where p.point_at >= start_at
    group by p.point_at
    order by p.point_at;
end
$$;

comment on function report.balance_history(uuid, text, timestamptz, timestamptz, text) is
'The last snapshot of each hour, day, week (from Monday) or month (granularity; UTC) in [start_at, end_at), in
order; a bound that is NULL is none. Summed over the agent''s wallets, or of one. All in SOL: the portfolio, the SOL in it, its positions at market value, and
their value less their cost. wallets: how many it is the sum of; one without a snapshot at that instant counts with its
last one before.
A bound that is NULL is none. Raises choice_unknown (TB022). No such agent, or another user''s: no rows.';
