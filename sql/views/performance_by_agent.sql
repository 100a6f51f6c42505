-- What each agent did so far, and what it holds now. A period, or one wallet: report.performance.
create view report.performance_by_agent with (security_invoker = true) as
select
    a.user_id,
    a.id as agent_id,
    a.name as agent_name,
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
    p.oldest_price_seconds
from public.agents as a
cross join lateral book.grouped_performance(array[a.id], 'total', '-infinity', 'infinity', null) as p;

comment on view report.performance_by_agent is
'What each agent did so far, all its wallets together, and what it holds now. Units are SOL, USD and percent as
named; NULL is undefined; formulas: report.metric_definitions.';
comment on column report.performance_by_agent.user_id is 'Whose it is.';
comment on column report.performance_by_agent.agent_id is 'The agent.';
comment on column report.performance_by_agent.agent_name is 'Its name.';
comment on column report.performance_by_agent.transactions is 'Facts that count.';
comment on column report.performance_by_agent.swaps is 'Sales and burns of tokens, partial ones included.';
comment on column report.performance_by_agent.trades is 'Positions that ended, with at least one sale or burn.';
comment on column report.performance_by_agent.trades_won is 'Trades with a gain above 0 SOL.';
comment on column report.performance_by_agent.trades_drawn is 'Trades with a gain of 0 SOL.';
comment on column report.performance_by_agent.trades_lost is 'Trades with a gain below 0 SOL.';
comment on column report.performance_by_agent.realized_gain_sol is 'proceeds_sol - cost_sol, exact.';
comment on column report.performance_by_agent.realized_gain_usd is 'proceeds_usd - cost_usd, exact.';
comment on column report.performance_by_agent.proceeds_sol is 'Received for sales less their fees, SOL.';
comment on column report.performance_by_agent.proceeds_usd is 'The same in USD at each sale''s time.';
comment on column report.performance_by_agent.cost_sol is 'Average cost that sales and burns released, SOL.';
comment on column report.performance_by_agent.cost_usd is 'The same in USD at each buy''s time.';
comment on column report.performance_by_agent.volume_sol is 'Value of all SWAPs, SOL.';
comment on column report.performance_by_agent.volume_usd is 'Value of all SWAPs, USD.';
comment on column report.performance_by_agent.fees_sol is 'All fees, SOL.';
comment on column report.performance_by_agent.fees_usd is 'All fees, USD.';
comment on column report.performance_by_agent.expenses_sol is
'Fees of deposits, withdrawals and burns, and SOL burned; in no gain.';
comment on column report.performance_by_agent.expenses_usd is 'The same in USD.';
comment on column report.performance_by_agent.deposits_sol is 'Value of DEPOSITs, SOL.';
comment on column report.performance_by_agent.deposits_usd is 'Value of DEPOSITs, USD.';
comment on column report.performance_by_agent.withdrawals_sol is
'Value of WITHDRAWALs, SOL; 0 where nothing valued it.';
comment on column report.performance_by_agent.withdrawals_usd is 'The same in USD.';
comment on column report.performance_by_agent.trades_profit_sol is 'Sum of the trades'' gains, SOL.';
comment on column report.performance_by_agent.trades_profit_usd is 'Sum of the trades'' gains, USD.';
comment on column report.performance_by_agent.invested_sol is 'All cost that the trades took in, SOL.';
comment on column report.performance_by_agent.invested_usd is 'All cost that the trades took in, USD.';
comment on column report.performance_by_agent.wins_sol is 'Sum of the won trades'' gains, SOL.';
comment on column report.performance_by_agent.losses_sol is 'Sum of the lost trades'' gains, SOL; not above 0.';
comment on column report.performance_by_agent.win_rate_percent is 'trades_won in percent of trades.';
comment on column report.performance_by_agent.expectancy_sol is 'Average gain: trades_profit_sol / trades.';
comment on column report.performance_by_agent.expectancy_usd is 'Average gain: trades_profit_usd / trades.';
comment on column report.performance_by_agent.average_return_percent is
'Average of the trades'' returns, percent of each one''s cost.';
comment on column report.performance_by_agent.weighted_return_percent is
'trades_profit_sol in percent of invested_sol.';
comment on column report.performance_by_agent.average_win_sol is 'wins_sol / trades_won.';
comment on column report.performance_by_agent.average_loss_sol is 'losses_sol / trades_lost; not above 0.';
comment on column report.performance_by_agent.payoff_ratio is 'average_win_sol / |average_loss_sol|.';
comment on column report.performance_by_agent.profit_factor is 'wins_sol / |losses_sol|.';
comment on column report.performance_by_agent.expectancy_ratio is '(1 + payoff_ratio) * trades_won / trades - 1.';
comment on column report.performance_by_agent.sqn is
'sqrt(trades) * average / sample deviation of the trades'' gains in SOL.';
comment on column report.performance_by_agent.average_holding_seconds is
'Average time from open to closed of the trades.';
comment on column report.performance_by_agent.average_holding_seconds_won is 'The same of the won ones.';
comment on column report.performance_by_agent.average_holding_seconds_lost is 'The same of the lost ones.';
comment on column report.performance_by_agent.open_positions is 'Positions open now, crumbs left out.';
comment on column report.performance_by_agent.open_cost_sol is 'Cost of all tokens held now, SOL.';
comment on column report.performance_by_agent.open_value_sol is 'Market value of those with a price, SOL.';
comment on column report.performance_by_agent.unrealized_gain_sol is 'open_value_sol less the cost of what it counts.';
comment on column report.performance_by_agent.unrealized_gain_percent is 'unrealized_gain_sol in percent of that cost.';
comment on column report.performance_by_agent.unpriced_positions is 'Holdings without a price, crumbs included.';
comment on column report.performance_by_agent.unpriced_cost_sol is 'Their cost, SOL; it is in open_cost_sol.';
comment on column report.performance_by_agent.oldest_price_seconds is 'Age of the oldest price of an open position.';
