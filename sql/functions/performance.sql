-- The summary of an agent, or of one of its wallets: what a period brought, and what is held now. From totals, so that
-- it costs the same whatever the history.
create function report.performance(
    agent uuid,
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
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
    oldest_price_seconds numeric,
    unrealized_change_sol numeric,
    unpriced_changes int,
    total_gain_sol numeric
)
language plpgsql
stable
as $$
begin
    start_at := coalesce(start_at, '-infinity');
    end_at := coalesce(end_at, 'infinity');
    return query
    select
        f.transactions,
        f.swaps,
        f.trades,
        f.trades_won,
        f.trades_drawn,
        f.trades_lost,
        f.realized_gain_sol,
        f.realized_gain_usd,
        f.proceeds_sol,
        f.proceeds_usd,
        f.cost_sol,
        f.cost_usd,
        f.volume_sol,
        f.volume_usd,
        f.fees_sol,
        f.fees_usd,
        f.expenses_sol,
        f.expenses_usd,
        f.deposits_sol,
        f.deposits_usd,
        f.withdrawals_sol,
        f.withdrawals_usd,
        f.trades_profit_sol,
        f.trades_profit_usd,
        f.invested_sol,
        f.invested_usd,
        f.wins_sol,
        f.losses_sol,
        f.win_rate_percent,
        f.expectancy_sol,
        f.expectancy_usd,
        f.average_return_percent,
        f.weighted_return_percent,
        f.average_win_sol,
        f.average_loss_sol,
        f.payoff_ratio,
        f.profit_factor,
        f.expectancy_ratio,
        f.sqn,
        f.average_holding_seconds,
        f.average_holding_seconds_won,
        f.average_holding_seconds_lost,
        coalesce(o.open_positions, 0),
        coalesce(o.open_cost_sol, 0.000000000000000000),
        coalesce(o.open_value_sol, 0.000000000000000000),
        coalesce(o.unrealized_gain_sol, 0.000000000000000000),
        o.unrealized_gain_percent,
        coalesce(o.unpriced_positions, 0),
        coalesce(o.unpriced_cost_sol, 0.000000000000000000),
        o.oldest_price_seconds,
        u.change_sol,
        u.unpriced,
        f.realized_gain_sol + u.change_sol
    from public.agents as a
    left join book.period_sums(array[agent], 'total', start_at, end_at, wallet) as s on true
    left join book.open_sums(array[agent], 'total', wallet) as o on true
    cross join lateral book.figures_of_sums(
        coalesce(s.transactions, 0),
        coalesce(s.volume_sol, 0),
        coalesce(s.volume_usd, 0),
        coalesce(s.fees_sol, 0),
        coalesce(s.fees_usd, 0),
        coalesce(s.expenses_sol, 0),
        coalesce(s.expenses_usd, 0),
        coalesce(s.deposits_sol, 0),
        coalesce(s.deposits_usd, 0),
        coalesce(s.withdrawals_sol, 0),
        coalesce(s.withdrawals_usd, 0),
        coalesce(s.swaps, 0),
        coalesce(s.proceeds_sol, 0),
        coalesce(s.proceeds_usd, 0),
        coalesce(s.cost_sol, 0),
        coalesce(s.cost_usd, 0),
        coalesce(s.trades_won, 0),
        coalesce(s.trades_drawn, 0),
        coalesce(s.trades_lost, 0),
        coalesce(s.wins_sol, 0),
        coalesce(s.losses_sol, 0),
        coalesce(s.squares_sol, 0),
        coalesce(s.trades_profit_usd, 0),
        coalesce(s.invested_sol, 0),
        coalesce(s.invested_usd, 0),
        coalesce(s.trades_with_return, 0),
        coalesce(s.returns_percent, 0),
        coalesce(s.holding_seconds, 0),
        coalesce(s.won_holding_seconds, 0),
        coalesce(s.lost_holding_seconds, 0)
    ) as f
    cross join lateral book.unrealized_change(
        agent, start_at, end_at, wallet, coalesce(o.unrealized_gain_sol, 0), coalesce(o.unpriced_positions, 0)
    ) as u
    where a.id = agent;
end
$$;

comment on function report.performance(uuid, timestamptz, timestamptz, text) is
'What an agent, or one of its wallets, did in the period [start_at, end_at), one row; none where there is no such agent.
A bound that is NULL is none.
The columns that wallet_totals has are told there; gains are proceeds less the average cost released. Formulas:
report.metric_definitions. The trades are those that ended in the period. open_*, unrealized_gain_* and unpriced_* are of
now. unrealized_change_sol: unrealized gain at the end less at the start, without what had no price at one of them
(unpriced_changes positions). total_gain_sol: realized_gain_sol + unrealized_change_sol. Percentages are percent.';
