-- The times at which an agent, or one of its wallets, stood below its highest equity.
create function report.drawdowns(
    agent uuid,
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
    peak_day date,
    trough_day date,
    recovery_day date,
    drawdown_ratio numeric,
    days_below int
)
language sql
stable
as $$
    with curve as materialized (
        select
            c.day,
            c.drawdown_ratio,
            count(*) filter (where c.drawdown_ratio = 0) over (order by c.day, c.snapshot_at) as peaks
        from report.equity_curve(agent, start_at, end_at, wallet) as c
    )

    select
        min(c.day) filter (where c.drawdown_ratio = 0),
        (array_agg(c.day order by c.drawdown_ratio, c.day))[1],
        (select min(n.day) from curve as n where n.peaks = c.peaks + 1),
        min(c.drawdown_ratio),
        count(*) filter (where c.drawdown_ratio < 0)::int
    from curve as c
    group by c.peaks
    having min(c.drawdown_ratio) < 0
    order by min(c.drawdown_ratio), c.peaks
$$;

comment on function report.drawdowns(uuid, timestamptz, timestamptz, text) is
'Each drawdown of report.equity_curve, the deepest first. peak_day: the last day at the highest; NULL where that was
before start_at. trough_day: the lowest. recovery_day: the first day at the highest again; NULL where it is not over.
drawdown_ratio: depth, a negative fraction of the highest. days_below: rows of the curve below it.
A bound that is NULL is none.';
