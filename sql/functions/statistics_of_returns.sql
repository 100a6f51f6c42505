-- The statistics of a sequence of daily returns. Pure, so that checked values and real wallets meet the same formulas.
--
-- 30 decimals are kept on the way, and 18 of each result.
create function book.statistics_of_returns(days date[], returns numeric[])
returns table (
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
    worst_day date
)
language sql
immutable
as $$
    with curve as materialized (
        select
            days[e.place] as day,
            e.place,
            e.return_ratio,
            e.drawdown_ratio,
            e.equity_index_ratio
        from book.equity_of_returns(returns) as e
    ),

    sums as (
        select
            count(c.return_ratio)::int as return_count,
            -- A divisor with 30 decimals makes PostgreSQL give as many to the quotient.
            round(nullif(count(c.return_ratio), 0)::numeric, 30) as n,
            round(sqrt(365::numeric), 30) as year_root,
            book.product(1 + c.return_ratio) as growth,
            sum(c.return_ratio) as return_sum,
            stddev_samp(round(c.return_ratio, 30)) as deviation,
            sum(c.return_ratio * c.return_ratio) filter (where c.return_ratio < 0) as downside_squares,
            sum(c.drawdown_ratio * c.drawdown_ratio) filter (where c.return_ratio is not null) as drawdown_squares,
            nullif(min(c.drawdown_ratio), 0) as lowest,
            (array_agg(c.drawdown_ratio order by c.place desc))[1] as last_drawdown,
            book.percentile(array_agg(c.return_ratio), 0.05) as value_at_risk
        from curve as c
    ),

    derived as (
        select
            s.return_sum / s.n as mean,
            nullif(s.deviation, 0) as deviation,
            nullif(sqrt(round(s.downside_squares / s.n, 60)), 0) as downside,
            -- Below zero, no growth rate brings 1 there.
            case when s.growth >= 0 then power(s.growth, 365 / s.n) - 1 end as cagr
        from sums as s
    ),

    trough as (
        select
            c.place,
            c.day
        from curve as c
        inner join sums as s on s.lowest = c.drawdown_ratio
        order by c.place
        limit 1
    )

    select
        s.return_count,
        case when s.return_count > 0 then round(s.growth - 1, 18) end,
        round(d.cagr, 18),
        round(s.deviation * s.year_root, 18),
        round(d.mean / d.deviation * s.year_root, 18),
        round(d.mean / d.downside * s.year_root, 18),
        round(d.cagr / abs(s.lowest), 18),
        case when s.return_count > 0 then coalesce(s.lowest, 0) end,
        (
            select c.day from curve as c
            where c.place < (select t.place from trough as t) and c.drawdown_ratio = 0
            order by c.place desc
            limit 1
        ),
        (select t.day from trough as t),
        (
            select c.day from curve as c
            where c.place > (select t.place from trough as t) and c.drawdown_ratio = 0
            order by c.place
            limit 1
        ),
        case when s.return_count > 0 then s.last_drawdown end,
        round(sqrt(round(s.drawdown_squares / nullif(s.n - 1, 0), 60)), 18),
        round(abs(s.return_sum) / round(abs(s.lowest), 30), 18),
        round(s.value_at_risk, 18),
        (
            select round(avg(round(c.return_ratio, 30)), 18) from curve as c
            where c.return_ratio <= s.value_at_risk
        ),
        round(best.return_ratio, 18),
        best.day,
        round(worst.return_ratio, 18),
        worst.day
    from sums as s
    cross join derived as d
    left join lateral (
        select
            c.return_ratio,
            c.day
        from curve as c
        where c.return_ratio is not null
        order by c.return_ratio desc, c.place
        limit 1
    ) as best on true
    left join lateral (
        select
            c.return_ratio,
            c.day
        from curve as c
        where c.return_ratio is not null
        order by c.return_ratio, c.place
        limit 1
    ) as worst on true
$$;

comment on function book.statistics_of_returns(date[], numeric[]) is
'The statistics of daily returns, in order, as report.statistics has them: fractions rounded to 18 decimals, NULL where
undefined. days: the day of each return. A return of NULL counts nowhere.';
