-- The statistics of closed trades that are no sums: middle, extremes, streaks, drawdown of the gains. Pure, so that
-- checked values and real wallets meet the same formulas.
create function book.statistics_of_trades(
    closed_at timestamptz[],
    gains_sol numeric[],
    returns_percent numeric[],
    holding_seconds numeric[],
    starting_balance_sol numeric
)
returns table (
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
immutable
as $$
    with trades as (
        select
            t.place,
            t.closed_at,
            t.gain_sol,
            t.return_percent,
            t.holding_seconds,
            sign(t.gain_sol) as outcome,
            sum(t.gain_sol) over (order by t.place) as gained,
            t.place - row_number() over (partition by sign(t.gain_sol) order by t.place) as streak
        from unnest(closed_at, gains_sol, returns_percent, holding_seconds) with ordinality
            as t (closed_at, gain_sol, return_percent, holding_seconds, place)
    ),

    curve as materialized (
        select
            t.place,
            t.closed_at,
            t.gained,
            greatest(0, max(t.gained) over (order by t.place)) as highest
        from trades as t
    ),

    deepest as (
        select
            c.place,
            c.closed_at,
            c.highest,
            c.highest - c.gained as drawdown_sol
        from curve as c
        order by c.highest - c.gained desc, c.place
        limit 1
    ),

    streaks as (
        select
            t.outcome,
            count(*)::int as length
        from trades as t
        group by t.outcome, t.streak
    )

    select
        m.trades,
        round(m.median_gain_sol, 18),
        round(m.median_return_percent, 18),
        m.best_gain_sol,
        m.worst_gain_sol,
        m.best_return_percent,
        m.worst_return_percent,
        (select coalesce(max(k.length), 0) from streaks as k where k.outcome > 0),
        (select coalesce(max(k.length), 0) from streaks as k where k.outcome < 0),
        round(m.median_holding_seconds, 18),
        round(m.median_holding_seconds_won, 18),
        round(m.median_holding_seconds_lost, 18),
        d.drawdown_sol,
        case
            when starting_balance_sol + d.highest > 0
                then book.round_quotient(d.drawdown_sol, starting_balance_sol + d.highest)
        end,
        case
            when d.drawdown_sol > 0 then (
                select c.closed_at from curve as c
                where c.place < d.place and c.gained = d.highest
                order by c.place desc
                limit 1
            )
        end,
        case when d.drawdown_sol > 0 then d.closed_at end
    from (
        select
            count(*)::int as trades,
            book.percentile(array_agg(t.gain_sol), 0.5) as median_gain_sol,
            book.percentile(array_agg(t.return_percent), 0.5) as median_return_percent,
            max(t.gain_sol) as best_gain_sol,
            min(t.gain_sol) as worst_gain_sol,
            max(t.return_percent) as best_return_percent,
            min(t.return_percent) as worst_return_percent,
            book.percentile(array_agg(t.holding_seconds), 0.5) as median_holding_seconds,
            book.percentile(array_agg(t.holding_seconds) filter (where t.outcome > 0), 0.5)
                as median_holding_seconds_won,
            book.percentile(array_agg(t.holding_seconds) filter (where t.outcome < 0), 0.5)
                as median_holding_seconds_lost
        from trades as t
    ) as m
    left join deepest as d on true
$$;

comment on function book.statistics_of_trades(timestamptz[], numeric[], numeric[], numeric[], numeric) is
'The statistics of closed trades, in the order of their closing, as report.statistics has them; NULL where undefined.
The arrays are of one length: an entry for each trade.';
