-- What agents, or one of their wallets, did in a period and hold now, by group: counts, sums and what follows from
-- them. In language sql, so that it becomes a part of the query that asks.
create function book.grouped_performance(
    agents uuid[], grouped_by text, start_at timestamptz, end_at timestamptz, wallet text
)
returns table (
    key text,
    transactions int,
    swaps int,
    trades int,
    trades_won int,
    trades_drawn int,
    trades_lost int,
    realized_gain_sol numeric,
    realized_gain_usd numeric,
    proceeds_sol numeric,
    proceeds_usd numeric,
    cost_sol numeric,
    cost_usd numeric,
    volume_sol numeric,
    volume_usd numeric,
    fees_sol numeric,
    fees_usd numeric,
    expenses_sol numeric,
    expenses_usd numeric,
    deposits_sol numeric,
    deposits_usd numeric,
    withdrawals_sol numeric,
    withdrawals_usd numeric,
    trades_profit_sol numeric,
    trades_profit_usd numeric,
    invested_sol numeric,
    invested_usd numeric,
    wins_sol numeric,
    losses_sol numeric,
    win_rate_percent numeric,
    expectancy_sol numeric,
    expectancy_usd numeric,
    average_return_percent numeric,
    weighted_return_percent numeric,
    average_win_sol numeric,
    average_loss_sol numeric,
    payoff_ratio numeric,
    profit_factor numeric,
    expectancy_ratio numeric,
    sqn numeric,
    average_holding_seconds numeric,
    average_holding_seconds_won numeric,
    average_holding_seconds_lost numeric,
    open_positions int,
    open_cost_sol numeric,
    open_value_sol numeric,
    unrealized_gain_sol numeric,
    unrealized_gain_percent numeric,
    unpriced_positions int,
    unpriced_cost_sol numeric,
    oldest_price_seconds numeric
)
language sql
stable
as $$
    select
        coalesce(s.key, o.key),
        coalesce(s.transactions, 0),
        coalesce(s.swaps, 0),
        n.trades,
        coalesce(s.trades_won, 0),
        coalesce(s.trades_drawn, 0),
        coalesce(s.trades_lost, 0),
        round(coalesce(s.proceeds_sol - s.cost_sol, 0), 18),
        round(coalesce(s.proceeds_usd - s.cost_usd, 0), 18),
        round(coalesce(s.proceeds_sol, 0), 18),
        round(coalesce(s.proceeds_usd, 0), 18),
        round(coalesce(s.cost_sol, 0), 18),
        round(coalesce(s.cost_usd, 0), 18),
        round(coalesce(s.volume_sol, 0), 18),
        round(coalesce(s.volume_usd, 0), 18),
        round(coalesce(s.fees_sol, 0), 18),
        round(coalesce(s.fees_usd, 0), 18),
        round(coalesce(s.expenses_sol, 0), 18),
        round(coalesce(s.expenses_usd, 0), 18),
        round(coalesce(s.deposits_sol, 0), 18),
        round(coalesce(s.deposits_usd, 0), 18),
        round(coalesce(s.withdrawals_sol, 0), 18),
        round(coalesce(s.withdrawals_usd, 0), 18),
        round(coalesce(n.profit_sol, 0), 18),
        round(coalesce(s.trades_profit_usd, 0), 18),
        round(coalesce(s.invested_sol, 0), 18),
        round(coalesce(s.invested_usd, 0), 18),
        round(coalesce(s.wins_sol, 0), 18),
        round(coalesce(s.losses_sol, 0), 18),
        book.round_quotient(100 * s.trades_won::numeric, nullif(n.trades, 0)),
        book.round_quotient(n.profit_sol, nullif(n.trades, 0)),
        book.round_quotient(s.trades_profit_usd, nullif(n.trades, 0)),
        book.round_quotient(s.returns_percent, nullif(s.trades_with_return, 0)),
        book.round_quotient(100 * n.profit_sol, nullif(s.invested_sol, 0)),
        book.round_quotient(s.wins_sol, nullif(s.trades_won, 0)),
        book.round_quotient(s.losses_sol, nullif(s.trades_lost, 0)),
        book.round_quotient(s.wins_sol * s.trades_lost, nullif(-s.losses_sol * s.trades_won, 0)),
        book.round_quotient(s.wins_sol, nullif(-s.losses_sol, 0)),
        case
            when s.trades_won > 0 then book.round_quotient(
                s.wins_sol * s.trades_lost - s.losses_sol * s.trades_won + s.losses_sol * n.trades,
                nullif(-s.losses_sol * n.trades, 0)
            )
        end,
        round(
            n.profit_sol / nullif(
                sqrt(
                    (n.trades * s.squares_sol - n.profit_sol * n.profit_sol) / nullif(n.trades - 1, 0)
                ), 0
            ), 18
        ),
        book.round_quotient(s.holding_seconds, nullif(n.trades, 0)),
        book.round_quotient(s.won_holding_seconds, nullif(s.trades_won, 0)),
        book.round_quotient(s.lost_holding_seconds, nullif(s.trades_lost, 0)),
        coalesce(o.open_positions, held.none),
        coalesce(o.open_cost_sol, held.none_sol),
        coalesce(o.open_value_sol, held.none_sol),
        coalesce(o.unrealized_gain_sol, held.none_sol),
        o.unrealized_gain_percent,
        coalesce(o.unpriced_positions, held.none),
        coalesce(o.unpriced_cost_sol, held.none_sol),
        o.oldest_price_seconds
    from book.period_sums(agents, grouped_by, start_at, end_at, wallet) as s
    -- In arrays, NULL equals NULL.
    full outer join book.open_sums(agents, grouped_by, wallet) as o on array[o.key] = array[s.key]
    -- The whole is told where nothing happened, too.
    full outer join (select where grouped_by = 'total') as whole on true
    cross join lateral (
        select
            coalesce(s.trades_won + s.trades_drawn + s.trades_lost, 0) as trades,
            s.wins_sol + s.losses_sol as profit_sol
    ) as n
    -- Nothing is held by what only sales and days have.
    left join (
        select
            0 as none,
            round(0, 18) as none_sol
        where grouped_by not in ('close_reason', 'day', 'week', 'month')
    ) as held on true
$$;

comment on function book.grouped_performance(uuid[], text, timestamptz, timestamptz, text) is
'What agents did in the period [start_at, end_at) and hold now, a row for each group that has either. grouped_by: see
report.breakdown, or total: one row, of zeros where there is nothing. wallet: NULL is all. The formulas are in
report.metric_definitions; quotients are rounded at 18 decimals, NULL where undefined. open_*, unrealized_gain_* and
unpriced_* are of now, NULL by close_reason, day, week and month.';
