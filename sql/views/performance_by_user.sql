-- What all agents of a user did so far, and what they hold now.
create view report.performance_by_user with (security_invoker = true) as
select
    u.id as user_id,
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
    coalesce(o.open_positions, 0) as open_positions,
    coalesce(o.open_cost_sol, 0.000000000000000000) as open_cost_sol,
    coalesce(o.open_value_sol, 0.000000000000000000) as open_value_sol,
    coalesce(o.unrealized_gain_sol, 0.000000000000000000) as unrealized_gain_sol,
    o.unrealized_gain_percent,
    coalesce(o.unpriced_positions, 0) as unpriced_positions,
    coalesce(o.unpriced_cost_sol, 0.000000000000000000) as unpriced_cost_sol,
    o.oldest_price_seconds
from public.users as u
cross join
    lateral (select array(
        select k.id from public.agents as k
        where k.user_id = u.id
    ) as ids) as a
left join lateral book.period_sums(a.ids, 'total', '-infinity', 'infinity', null) as s on true
left join lateral book.open_sums(a.ids, 'total', null) as o on true
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
) as f;

comment on view report.performance_by_user is
'What all agents of a user did so far, and what they hold now, simulation and live together. Units are SOL, USD and
percent as named; NULL is undefined; formulas: report.metric_definitions.';
comment on column report.performance_by_user.user_id is 'Whose it is.';
comment on column report.performance_by_user.transactions is 'Facts that count.';
comment on column report.performance_by_user.swaps is 'Sales and burns of tokens, partial ones included.';
comment on column report.performance_by_user.trades is 'Positions that ended, with at least one sale or burn.';
comment on column report.performance_by_user.trades_won is 'Trades with a gain above 0 SOL.';
comment on column report.performance_by_user.trades_drawn is 'Trades with a gain of 0 SOL.';
comment on column report.performance_by_user.trades_lost is 'Trades with a gain below 0 SOL.';
comment on column report.performance_by_user.realized_gain_sol is 'proceeds_sol - cost_sol, exact.';
comment on column report.performance_by_user.realized_gain_usd is 'proceeds_usd - cost_usd, exact.';
comment on column report.performance_by_user.proceeds_sol is 'Received for sales less their fees, SOL.';
comment on column report.performance_by_user.proceeds_usd is 'The same in USD at each sale''s time.';
comment on column report.performance_by_user.cost_sol is 'Average cost that sales and burns released, SOL.';
comment on column report.performance_by_user.cost_usd is 'The same in USD at each buy''s time.';
comment on column report.performance_by_user.volume_sol is 'Value of all SWAPs, SOL.';
comment on column report.performance_by_user.volume_usd is 'Value of all SWAPs, USD.';
comment on column report.performance_by_user.fees_sol is 'All fees, SOL.';
comment on column report.performance_by_user.fees_usd is 'All fees, USD.';
comment on column report.performance_by_user.expenses_sol is
'Fees of deposits, withdrawals and burns, and SOL burned; in no gain.';
comment on column report.performance_by_user.expenses_usd is 'The same in USD.';
comment on column report.performance_by_user.deposits_sol is 'Value of DEPOSITs, SOL.';
comment on column report.performance_by_user.deposits_usd is 'Value of DEPOSITs, USD.';
comment on column report.performance_by_user.withdrawals_sol is 'Value of WITHDRAWALs, SOL; 0 where nothing valued it.';
comment on column report.performance_by_user.withdrawals_usd is 'The same in USD.';
comment on column report.performance_by_user.trades_profit_sol is 'Sum of the trades'' gains, SOL.';
comment on column report.performance_by_user.trades_profit_usd is 'Sum of the trades'' gains, USD.';
comment on column report.performance_by_user.invested_sol is 'All cost that the trades took in, SOL.';
comment on column report.performance_by_user.invested_usd is 'All cost that the trades took in, USD.';
comment on column report.performance_by_user.wins_sol is 'Sum of the won trades'' gains, SOL.';
comment on column report.performance_by_user.losses_sol is 'Sum of the lost trades'' gains, SOL; not above 0.';
comment on column report.performance_by_user.win_rate_percent is 'trades_won in percent of trades.';
comment on column report.performance_by_user.expectancy_sol is 'Average gain: trades_profit_sol / trades.';
comment on column report.performance_by_user.expectancy_usd is 'Average gain: trades_profit_usd / trades.';
comment on column report.performance_by_user.average_return_percent is
'Average of the trades'' returns, percent of each one''s cost.';
comment on column report.performance_by_user.weighted_return_percent is 'trades_profit_sol in percent of invested_sol.';
comment on column report.performance_by_user.average_win_sol is 'wins_sol / trades_won.';
comment on column report.performance_by_user.average_loss_sol is 'losses_sol / trades_lost; not above 0.';
comment on column report.performance_by_user.payoff_ratio is 'average_win_sol / |average_loss_sol|.';
comment on column report.performance_by_user.profit_factor is 'wins_sol / |losses_sol|.';
comment on column report.performance_by_user.expectancy_ratio is '(1 + payoff_ratio) * trades_won / trades - 1.';
comment on column report.performance_by_user.sqn is
'sqrt(trades) * average / sample deviation of the trades'' gains in SOL.';
comment on column report.performance_by_user.average_holding_seconds is
'Average time from open to closed of the trades.';
comment on column report.performance_by_user.average_holding_seconds_won is 'The same of the won ones.';
comment on column report.performance_by_user.average_holding_seconds_lost is 'The same of the lost ones.';
comment on column report.performance_by_user.open_positions is 'Positions open now, crumbs left out.';
comment on column report.performance_by_user.open_cost_sol is 'Cost of all tokens held now, SOL.';
comment on column report.performance_by_user.open_value_sol is 'Market value of those with a price, SOL.';
comment on column report.performance_by_user.unrealized_gain_sol is 'open_value_sol less the cost of what it counts.';
comment on column report.performance_by_user.unrealized_gain_percent is 'unrealized_gain_sol in percent of that cost.';
comment on column report.performance_by_user.unpriced_positions is 'Holdings without a price, crumbs included.';
comment on column report.performance_by_user.unpriced_cost_sol is 'Their cost, SOL; it is in open_cost_sol.';
comment on column report.performance_by_user.oldest_price_seconds is 'Age of the oldest price of an open position.';
