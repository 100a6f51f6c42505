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
set jit = off
as $$
begin
    start_at := coalesce(start_at, '-infinity');
    end_at := coalesce(end_at, 'infinity');
    return query
    select
        p.transactions,
        p.swaps,
        p.trades,
        p.trades_won,
        p.trades_drawn,
        p.trades_lost,
        p.realized_gain_sol,
        p.realized_gain_usd,
        p.proceeds_sol,
        p.proceeds_usd,
        p.cost_sol,
        p.cost_usd,
        p.volume_sol,
        p.volume_usd,
        p.fees_sol,
        p.fees_usd,
        p.expenses_sol,
        p.expenses_usd,
        p.deposits_sol,
        p.deposits_usd,
        p.withdrawals_sol,
        p.withdrawals_usd,
        p.trades_profit_sol,
        p.trades_profit_usd,
        p.invested_sol,
        p.invested_usd,
        p.wins_sol,
        p.losses_sol,
        p.win_rate_percent,
        p.expectancy_sol,
        p.expectancy_usd,
        p.average_return_percent,
        p.weighted_return_percent,
        p.average_win_sol,
        p.average_loss_sol,
        p.payoff_ratio,
        p.profit_factor,
        p.expectancy_ratio,
        p.sqn,
        p.average_holding_seconds,
        p.average_holding_seconds_won,
        p.average_holding_seconds_lost,
        p.open_positions,
        p.open_cost_sol,
        p.open_value_sol,
        p.unrealized_gain_sol,
        p.unrealized_gain_percent,
        p.unpriced_positions,
        p.unpriced_cost_sol,
        p.oldest_price_seconds,
        u.change_sol,
        u.unpriced,
        p.realized_gain_sol + u.change_sol
    from public.agents as a
    cross join lateral book.grouped_performance(array[agent], 'total', start_at, end_at, wallet) as p
    cross join lateral book.unrealized_change(
        agent, start_at, end_at, wallet, p.unrealized_gain_sol, p.unpriced_positions
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
