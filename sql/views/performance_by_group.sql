-- The figures of every agent by group, for tools that read views: filter by agent_id and grouped_by. A period, or one
-- wallet: report.breakdown.
create view report.performance_by_group with (security_invoker = true) as
select
    a.user_id,
    a.id as agent_id,
    g.grouped_by,
    b.key,
    b.label,
    b.transactions,
    b.swaps,
    b.trades,
    b.trades_won,
    b.trades_drawn,
    b.trades_lost,
    b.realized_gain_sol,
    b.realized_gain_usd,
    b.proceeds_sol,
    b.proceeds_usd,
    b.cost_sol,
    b.cost_usd,
    b.volume_sol,
    b.volume_usd,
    b.fees_sol,
    b.fees_usd,
    b.expenses_sol,
    b.expenses_usd,
    b.deposits_sol,
    b.deposits_usd,
    b.withdrawals_sol,
    b.withdrawals_usd,
    b.trades_profit_sol,
    b.trades_profit_usd,
    b.invested_sol,
    b.invested_usd,
    b.wins_sol,
    b.losses_sol,
    b.win_rate_percent,
    b.expectancy_sol,
    b.expectancy_usd,
    b.average_return_percent,
    b.weighted_return_percent,
    b.average_win_sol,
    b.average_loss_sol,
    b.payoff_ratio,
    b.profit_factor,
    b.expectancy_ratio,
    b.sqn,
    b.average_holding_seconds,
    b.average_holding_seconds_won,
    b.average_holding_seconds_lost,
    b.median_gain_sol,
    b.median_return_percent,
    b.best_gain_sol,
    b.worst_gain_sol,
    b.longest_winning_streak,
    b.longest_losing_streak,
    b.median_holding_seconds,
    b.median_holding_seconds_won,
    b.median_holding_seconds_lost,
    b.open_positions,
    b.open_cost_sol,
    b.open_value_sol,
    b.unrealized_gain_sol,
    b.unrealized_gain_percent,
    b.unpriced_positions,
    b.unpriced_cost_sol,
    b.oldest_price_seconds
from public.agents as a
cross join (
    values
    ('wallet'),
    ('token'),
    ('signal'),
    ('signal_type'),
    ('source'),
    ('close_reason'),
    ('day'),
    ('week'),
    ('month')
) as g (grouped_by)
cross join lateral report.breakdown(a.id, g.grouped_by) as b;

comment on view report.performance_by_group is
'What each agent did so far, by group: report.breakdown of all time as a view. Filter by agent_id and grouped_by,
which is
wallet, token, signal, signal_type, source, close_reason, day, week (named by its Monday) or month, UTC. NULL is
undefined; formulas: report.metric_definitions.';
comment on column report.performance_by_group.user_id is 'Whose it is.';
comment on column report.performance_by_group.agent_id is 'The agent.';
comment on column report.performance_by_group.grouped_by is 'What the groups are.';
comment on column report.performance_by_group.key is 'The group; NULL where there is none (no signal, no reason).';
comment on column report.performance_by_group.label is 'Its name for people.';
comment on column report.performance_by_group.transactions is 'Facts that count.';
comment on column report.performance_by_group.swaps is 'Sales and burns of tokens, partial ones included.';
comment on column report.performance_by_group.trades is 'Positions that ended, with at least one sale or burn.';
comment on column report.performance_by_group.trades_won is 'Trades with a gain above 0 SOL.';
comment on column report.performance_by_group.trades_drawn is 'Trades with a gain of 0 SOL.';
comment on column report.performance_by_group.trades_lost is 'Trades with a gain below 0 SOL.';
comment on column report.performance_by_group.realized_gain_sol is 'proceeds_sol - cost_sol, exact.';
comment on column report.performance_by_group.realized_gain_usd is 'proceeds_usd - cost_usd, exact.';
comment on column report.performance_by_group.proceeds_sol is 'Received for sales less their fees, SOL.';
comment on column report.performance_by_group.proceeds_usd is 'The same in USD at each sale''s time.';
comment on column report.performance_by_group.cost_sol is 'Average cost that sales and burns released, SOL.';
comment on column report.performance_by_group.cost_usd is 'The same in USD at each buy''s time.';
comment on column report.performance_by_group.volume_sol is 'Value of all SWAPs, SOL.';
comment on column report.performance_by_group.volume_usd is 'Value of all SWAPs, USD.';
comment on column report.performance_by_group.fees_sol is 'All fees, SOL.';
comment on column report.performance_by_group.fees_usd is 'All fees, USD.';
comment on column report.performance_by_group.expenses_sol is
'Fees of deposits, withdrawals and burns, and SOL burned; in no gain.';
comment on column report.performance_by_group.expenses_usd is 'The same in USD.';
comment on column report.performance_by_group.deposits_sol is 'Value of DEPOSITs, SOL.';
comment on column report.performance_by_group.deposits_usd is 'Value of DEPOSITs, USD.';
comment on column report.performance_by_group.withdrawals_sol is
'Value of WITHDRAWALs, SOL; 0 where nothing valued it.';
comment on column report.performance_by_group.withdrawals_usd is 'The same in USD.';
comment on column report.performance_by_group.trades_profit_sol is 'Sum of the trades'' gains, SOL.';
comment on column report.performance_by_group.trades_profit_usd is 'Sum of the trades'' gains, USD.';
comment on column report.performance_by_group.invested_sol is 'All cost that the trades took in, SOL.';
comment on column report.performance_by_group.invested_usd is 'All cost that the trades took in, USD.';
comment on column report.performance_by_group.wins_sol is 'Sum of the won trades'' gains, SOL.';
comment on column report.performance_by_group.losses_sol is 'Sum of the lost trades'' gains, SOL; not above 0.';
comment on column report.performance_by_group.win_rate_percent is 'trades_won in percent of trades.';
comment on column report.performance_by_group.expectancy_sol is 'Average gain: trades_profit_sol / trades.';
comment on column report.performance_by_group.expectancy_usd is 'Average gain: trades_profit_usd / trades.';
comment on column report.performance_by_group.average_return_percent is
'Average of the trades'' returns, percent of each one''s cost.';
comment on column report.performance_by_group.weighted_return_percent is
'trades_profit_sol in percent of invested_sol.';
comment on column report.performance_by_group.average_win_sol is 'wins_sol / trades_won.';
comment on column report.performance_by_group.average_loss_sol is 'losses_sol / trades_lost; not above 0.';
comment on column report.performance_by_group.payoff_ratio is 'average_win_sol / |average_loss_sol|.';
comment on column report.performance_by_group.profit_factor is 'wins_sol / |losses_sol|.';
comment on column report.performance_by_group.expectancy_ratio is '(1 + payoff_ratio) * trades_won / trades - 1.';
comment on column report.performance_by_group.sqn is
'sqrt(trades) * average / sample deviation of the trades'' gains in SOL.';
comment on column report.performance_by_group.average_holding_seconds is
'Average time from open to closed of the trades.';
comment on column report.performance_by_group.average_holding_seconds_won is 'The same of the won ones.';
comment on column report.performance_by_group.average_holding_seconds_lost is 'The same of the lost ones.';
comment on column report.performance_by_group.median_gain_sol is 'Median of the trades'' gains, SOL.';
comment on column report.performance_by_group.median_return_percent is 'Median of their returns.';
comment on column report.performance_by_group.best_gain_sol is 'The highest gain of a trade, SOL.';
comment on column report.performance_by_group.worst_gain_sol is 'The lowest gain of a trade, SOL.';
comment on column report.performance_by_group.longest_winning_streak is 'Most won trades one after another.';
comment on column report.performance_by_group.longest_losing_streak is 'Most lost trades one after another.';
comment on column report.performance_by_group.median_holding_seconds is
'Median time from open to closed of the trades.';
comment on column report.performance_by_group.median_holding_seconds_won is 'The same of the won ones.';
comment on column report.performance_by_group.median_holding_seconds_lost is 'The same of the lost ones.';
comment on column report.performance_by_group.open_positions is 'Positions open now, crumbs left out.';
comment on column report.performance_by_group.open_cost_sol is 'Cost of all tokens held now, SOL.';
comment on column report.performance_by_group.open_value_sol is 'Market value of those with a price, SOL.';
comment on column report.performance_by_group.unrealized_gain_sol is 'open_value_sol less the cost of what it counts.';
comment on column report.performance_by_group.unrealized_gain_percent is 'unrealized_gain_sol in percent of that cost.';
comment on column report.performance_by_group.unpriced_positions is 'Holdings without a price, crumbs included.';
comment on column report.performance_by_group.unpriced_cost_sol is 'Their cost, SOL; it is in open_cost_sol.';
comment on column report.performance_by_group.oldest_price_seconds is 'Age of the oldest price of an open position.';
