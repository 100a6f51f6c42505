-- The statistics of an agent, or of one of its wallets, for any period: those of its daily returns, and those of its
-- closed trades that are no sums. Gains, counts and all that follows from sums: report.performance.
create function report.statistics(
    agent uuid,
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
    first_day date,
    last_day date,
    starting_equity_sol numeric,
    ending_equity_sol numeric,
    net_flow_sol numeric,
    unknown_flows int,
    return_count int,
    total_return_ratio numeric,
    cagr_ratio numeric,
    volatility_ratio numeric,
    sharpe_ratio numeric,
    sortino_ratio numeric,
    calmar_ratio numeric,
    maximum_drawdown_ratio numeric,
    maximum_drawdown_peak_day date,
    maximum_drawdown_trough_day date,
    maximum_drawdown_recovery_day date,
    current_drawdown_ratio numeric,
    ulcer_ratio numeric,
    recovery_factor_ratio numeric,
    value_at_risk_95_ratio numeric,
    expected_shortfall_95_ratio numeric,
    best_day_ratio numeric,
    best_day date,
    worst_day_ratio numeric,
    worst_day date,
    trades int,
    median_gain_sol numeric,
    median_return_percent numeric,
    best_gain_sol numeric,
    worst_gain_sol numeric,
    best_return_percent numeric,
    worst_return_percent numeric,
    longest_winning_streak int,
    longest_losing_streak int,
    median_holding_seconds numeric,
    median_holding_seconds_won numeric,
    median_holding_seconds_lost numeric,
    gain_drawdown_sol numeric,
    gain_drawdown_ratio numeric,
    gain_drawdown_from timestamptz,
    gain_drawdown_to timestamptz
)
language sql
stable
set jit = off
as $$
    with curve as materialized (
        select
            c.day,
            c.snapshot_at,
            c.equity_sol,
            c.flow_sol,
            c.change_sol,
            c.return_ratio,
            c.unknown_flows
        from report.equity_curve(agent, start_at, end_at, wallet) as c
    ),

    -- Where a snapshot lies before the period, it is what the period started with; else the first one in it is.
    ends as (
        select
            min(c.day) as first_day,
            max(c.day) as last_day,
            (
                array_agg(coalesce(c.equity_sol - c.flow_sol - c.change_sol, c.equity_sol) order by c.snapshot_at)
            )[1] as starting_equity_sol,
            (array_agg(c.equity_sol order by c.snapshot_at desc))[1] as ending_equity_sol,
            sum(c.flow_sol) as net_flow_sol,
            sum(c.unknown_flows)::int as unknown_flows,
            array_agg(c.day order by c.snapshot_at) as days,
            array_agg(c.return_ratio order by c.snapshot_at) as returns
        from curve as c
    ),

    trades as (
        select
            array_agg(t.closed_at order by t.closed_at, t.id) as closed_at,
            array_agg(t.profit_sol order by t.closed_at, t.id) as gains_sol,
            array_agg(t.return_percent order by t.closed_at, t.id) as returns_percent,
            array_agg(t.holding_seconds::numeric order by t.closed_at, t.id) as holding_seconds
        from report.trades as t
        where
            t.agent_id = agent
            and t.closed_at >= coalesce(start_at, '-infinity')
            and t.closed_at < coalesce(end_at, 'infinity')
            and (wallet is null or t.wallet_address = wallet)
    )

    select
        e.first_day,
        e.last_day,
        e.starting_equity_sol,
        e.ending_equity_sol,
        e.net_flow_sol,
        e.unknown_flows,
        r.return_count,
        r.total_return_ratio,
        r.cagr_ratio,
        r.volatility_ratio,
        r.sharpe_ratio,
        r.sortino_ratio,
        r.calmar_ratio,
        r.maximum_drawdown_ratio,
        r.maximum_drawdown_peak_day,
        r.maximum_drawdown_trough_day,
        r.maximum_drawdown_recovery_day,
        r.current_drawdown_ratio,
        r.ulcer_ratio,
        r.recovery_factor_ratio,
        r.value_at_risk_95_ratio,
        r.expected_shortfall_95_ratio,
        r.best_day_ratio,
        r.best_day,
        r.worst_day_ratio,
        r.worst_day,
        s.trades,
        s.median_gain_sol,
        s.median_return_percent,
        s.best_gain_sol,
        s.worst_gain_sol,
        s.best_return_percent,
        s.worst_return_percent,
        s.longest_winning_streak,
        s.longest_losing_streak,
        s.median_holding_seconds,
        s.median_holding_seconds_won,
        s.median_holding_seconds_lost,
        s.gain_drawdown_sol,
        s.gain_drawdown_ratio,
        s.gain_drawdown_from,
        s.gain_drawdown_to
    from public.agents as a
    cross join ends as e
    cross join trades as t
    cross join lateral book.statistics_of_returns(e.days, e.returns) as r
    cross join lateral book.statistics_of_trades(
        t.closed_at, t.gains_sol, t.returns_percent, t.holding_seconds, e.starting_equity_sol
    ) as s
    where a.id = agent
$$;

comment on function report.statistics(uuid, timestamptz, timestamptz, text) is
'One row of statistics of [start_at, end_at): first those of the daily returns of report.equity_curve, then those of the
trades of report.trades that closed in it. wallet: NULL is all of the agent''s.
A bound that is NULL is none. Each column''s formula, unit and
denominator is in report.metric_definitions. _ratio is a fraction (0.1 is a tenth), _percent is in percent. Results are
rounded to 18 decimals, half away from zero; what is undefined is NULL, for instance the deviation of a single return.
Days are UTC. Sums, counts and what follows from them are in report.performance. No such agent, or another user''s: no
row.';
