-- What each figure of the reports means, once: formula, unit, what it is divided by, what is counted, and whose it is.
create view report.metric_definitions with (security_invoker = true) as
select
    d.name,
    d.granularity,
    d.unit,
    d.formula,
    d.denominator,
    d.source,
    d.differences
from (
    values
    -- From the daily rows of report.equity_curve: e the equity, f the flow, r the returns, n their number,
    -- E the product of (1 + r) after each day, with a starting 1 before the first.
    ('first_day', 'days', 'date', 'first day of the period that has a snapshot', null, 'tradebook', null),
    ('last_day', 'days', 'date', 'last day of the period that has a snapshot', null, 'tradebook', null),
    (
        'starting_equity_sol', 'days', 'SOL',
        'equity at the last snapshot before the period; where there is none, at the first day''s', null, 'tradebook',
        null
    ),
    ('ending_equity_sol', 'days', 'SOL', 'equity at the last day''s last snapshot', null, 'tradebook', null),
    (
        'net_flow_sol', 'days', 'SOL',
        'sum(f): deposits less withdrawals, tokens at the latest price; fees are no flow',
        null, 'tradebook', null
    ),
    (
        'unknown_flows', 'days', 'count',
        'deposits and withdrawals of tokens without a price: 0 in f, as in e', null, 'tradebook',
        null
    ),
    ('equity_sol', 'days', 'SOL', 'e: portfolio at the day''s last snapshot', null, 'tradebook', null),
    (
        'flow_sol', 'days', 'SOL',
        'f: deposits less withdrawals since the row before, tokens at the latest price', null,
        'tradebook', null
    ),
    ('change_sol', 'days', 'SOL', 'e - f - (equity of the row before)', null, 'tradebook', null),
    ('days_spanned', 'days', 'count', 'days since the row before: more than 1 over a gap', null, 'tradebook', null),
    ('return_count', 'days', 'count', 'n: days with a return', null, 'tradebook', null),
    (
        'return_ratio', 'days', 'fraction', 'r = (e - f) / (equity of the row before) - 1', 'equity of the row before',
        'tradebook',
        'freqtrade (..._from_balance) does not take flows out'
    ),
    (
        'equity_index_ratio', 'days', 'fraction', 'E = product(1 + r) up to the day', 'the equity that it began with',
        'quantstats', null
    ),
    (
        'drawdown_ratio', 'days', 'fraction', 'E / (highest E so far) - 1, with a starting 1', 'highest E so far',
        'quantstats', null
    ),
    ('total_return_ratio', 'days', 'fraction', 'product(1 + r) - 1', 'starting equity', 'quantstats', null),
    (
        'cagr_ratio', 'days', 'fraction', 'product(1 + r)^(365 / n) - 1; NULL where the product is negative',
        'starting equity', 'quantstats, empyrical',
        'freqtrade: from balances, with the days between first and last instead of n, and 0 where undefined'
    ),
    (
        'volatility_ratio', 'days', 'fraction', 'stddev_samp(r) * sqrt(365)', null, 'quantstats, empyrical', null
    ),
    (
        'sharpe_ratio', 'days', 'ratio', 'avg(r) / stddev_samp(r) * sqrt(365); risk-free rate 0',
        'sample deviation of r, over a year', 'quantstats, empyrical',
        'freqtrade: population deviation, -100 where undefined; per trade it divides by days between, not by trades'
    ),
    (
        'sortino_ratio', 'days', 'ratio', 'avg(r) / sqrt(sum(r^2 where r < 0) / n) * sqrt(365)',
        'root of the mean square of the losses over all n, over a year', 'quantstats, empyrical',
        'freqtrade: population deviation of the negative r about their own mean; -100 where undefined'
    ),
    (
        'calmar_ratio', 'days', 'ratio', 'cagr_ratio / |maximum_drawdown_ratio|', 'maximum drawdown',
        'quantstats, empyrical',
        'freqtrade: (return / days * 100) / drawdown * sqrt(365)'
    ),
    (
        'maximum_drawdown_ratio', 'days', 'fraction', 'min(E / highest E so far) - 1, with a starting 1; 0 or negative',
        'highest E so far', 'quantstats, empyrical',
        'freqtrade: positive, of balances with their flows, and of the largest fall in money unless told otherwise'
    ),
    (
        'maximum_drawdown_peak_day', 'days', 'date',
        'last day at the highest before the maximum drawdown; NULL: before the period', null, 'tradebook',
        'freqtrade: the first of equal highs'
    ),
    ('maximum_drawdown_trough_day', 'days', 'date', 'first day of the lowest E over highest', null, 'tradebook', null),
    (
        'maximum_drawdown_recovery_day', 'days', 'date',
        'first day after it at the highest again; NULL: not in the period', null, 'tradebook', null
    ),
    (
        'current_drawdown_ratio', 'days', 'fraction', 'drawdown_ratio of the last day', 'highest E so far',
        'quantstats', null
    ),
    (
        'ulcer_ratio', 'days', 'fraction', 'sqrt(sum(drawdown_ratio^2) / (n - 1))', 'n - 1 days', 'quantstats',
        'quantstats divides by 0 where n is 1'
    ),
    (
        'recovery_factor_ratio', 'days', 'ratio', '|sum(r)| / |maximum_drawdown_ratio|', 'maximum drawdown',
        'quantstats', 'the sum of r, not their product'
    ),
    (
        'value_at_risk_95_ratio', 'days', 'fraction',
        'percentile of r at 5 %, interpolated linearly between neighbours: one day in 20 is worse',
        'equity of the day before', 'empyrical', 'quantstats: of a normal distribution with the same mean and deviation'
    ),
    (
        'expected_shortfall_95_ratio', 'days', 'fraction', 'avg(r where r <= value_at_risk_95_ratio)',
        'equity of the day before', 'quantstats (historical)',
        'empyrical: mean of the int((n - 1) * 0.05) + 1 lowest; the same but where returns are equal'
    ),
    ('best_day_ratio', 'days', 'fraction', 'max(r)', 'equity of the day before', 'quantstats', null),
    ('best_day', 'days', 'date', 'first day with that return', null, 'tradebook', null),
    ('worst_day_ratio', 'days', 'fraction', 'min(r)', 'equity of the day before', 'quantstats', null),
    ('worst_day', 'days', 'date', 'first day with that return', null, 'tradebook', null),
    -- Of the trades of report.trades, in the order of their closing.
    ('trades', 'trades', 'count', 'trades that ended in the period: won, drawn and lost', null, 'tradebook', null),
    (
        'median_gain_sol', 'trades', 'SOL', 'median(gain); of an even number, the mean of the middle two', null,
        'tradebook', null
    ),
    (
        'median_return_percent', 'trades', 'percent', 'median(100 * gain / SOL invested), where something was invested',
        'SOL invested in the trade', 'tradebook', null
    ),
    ('best_gain_sol', 'trades', 'SOL', 'max(gain)', null, 'tradebook', null),
    ('worst_gain_sol', 'trades', 'SOL', 'min(gain)', null, 'tradebook', null),
    (
        'best_return_percent', 'trades', 'percent', 'max(100 * gain / SOL invested)', 'SOL invested in the trade',
        'tradebook', null
    ),
    (
        'worst_return_percent', 'trades', 'percent', 'min(100 * gain / SOL invested)', 'SOL invested in the trade',
        'tradebook', null
    ),
    (
        'longest_winning_streak', 'trades', 'count', 'most trades with gain > 0 one after the other', null,
        'quantstats', 'a draw ends a streak'
    ),
    (
        'longest_losing_streak', 'trades', 'count', 'most trades with gain < 0 one after the other', null,
        'quantstats', 'a draw ends a streak'
    ),
    (
        'median_holding_seconds', 'trades', 'seconds', 'median(closed_at - opened_at)', null, 'tradebook', null
    ),
    (
        'median_holding_seconds_won', 'trades', 'seconds', 'the same, of trades with gain > 0', null, 'tradebook', null
    ),
    (
        'median_holding_seconds_lost', 'trades', 'seconds', 'the same, of trades with gain < 0', null, 'tradebook', null
    ),
    (
        'gain_drawdown_sol', 'trades', 'SOL',
        'max(highest sum of gains so far - sum of gains), the highest begins at 0; positive', null, 'freqtrade', null
    ),
    (
        'gain_drawdown_ratio', 'trades', 'fraction',
        'gain_drawdown_sol / (starting_equity_sol + highest sum of gains before it)',
        'starting equity and the gains up to the peak', 'freqtrade',
        'NULL where no snapshot tells the starting equity'
    ),
    (
        'gain_drawdown_from', 'trades', 'time',
        'closing of the last trade at that highest; NULL: before the first trade, or no drawdown', null, 'tradebook',
        'freqtrade: the first of equal highs, and the first trade''s closing where the start was the highest'
    ),
    ('gain_drawdown_to', 'trades', 'time', 'closing of the trade that reached the lowest', null, 'freqtrade', null),
    -- Of report.performance and report.breakdown: what follows from sums.
    ('transactions', 'facts', 'count', 'facts that count: with a wallet, and not voided', null, 'tradebook', null),
    ('swaps', 'swaps', 'count', 'sales and burns of tokens, partial ones included', null, 'tradebook', null),
    ('trades_won', 'trades', 'count', 'trades with gain > 0', null, 'tradebook', null),
    ('trades_drawn', 'trades', 'count', 'trades with gain = 0', null, 'tradebook', null),
    ('trades_lost', 'trades', 'count', 'trades with gain < 0', null, 'tradebook', null),
    ('realized_gain_sol', 'swaps', 'SOL', 'proceeds_sol - cost_sol', null, 'tradebook', null),
    ('realized_gain_usd', 'swaps', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('proceeds_sol', 'swaps', 'SOL', 'value received by sales less their fees; 0 for a burn', null, 'tradebook', null),
    ('proceeds_usd', 'swaps', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    (
        'cost_sol', 'swaps', 'SOL', 'average cost that the sales and burns released, fees of the buys in it', null,
        'tradebook', null
    ),
    ('cost_usd', 'swaps', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('volume_sol', 'facts', 'SOL', 'sum of the values of all SWAPs', null, 'tradebook', null),
    ('volume_usd', 'facts', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    (
        'fees_sol', 'facts', 'SOL', 'sum of the fees of all facts; those of SWAPs are in cost and proceeds too',
        null, 'tradebook', null
    ),
    ('fees_usd', 'facts', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    (
        'expenses_sol', 'facts', 'SOL',
        'fees of deposits, withdrawals and burns, and SOL that was burned; in no gain', null, 'tradebook', null
    ),
    ('expenses_usd', 'facts', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('deposits_sol', 'facts', 'SOL', 'sum of the values of DEPOSITs', null, 'tradebook', null),
    ('deposits_usd', 'facts', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    (
        'withdrawals_sol', 'facts', 'SOL', 'sum of the values of WITHDRAWALs; one that nobody could value counts 0',
        null, 'tradebook', null
    ),
    ('withdrawals_usd', 'facts', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('trades_profit_sol', 'trades', 'SOL', 'sum of the gains of the trades', null, 'tradebook', null),
    ('trades_profit_usd', 'trades', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('invested_sol', 'trades', 'SOL', 'sum of all cost that the trades took in', null, 'tradebook', null),
    ('invested_usd', 'trades', 'USD', 'the same, in USD at the time of each', null, 'tradebook', null),
    ('wins_sol', 'trades', 'SOL', 'sum(gain where gain > 0)', null, 'tradebook', null),
    ('losses_sol', 'trades', 'SOL', 'sum(gain where gain < 0): 0 or negative', null, 'tradebook', null),
    (
        'win_rate_percent', 'trades', 'percent', '100 * trades_won / trades', 'trades, drawn ones too', 'freqtrade',
        'quantstats leaves out the drawn'
    ),
    ('expectancy_sol', 'trades', 'SOL', 'trades_profit_sol / trades: average gain', 'trades', 'freqtrade', null),
    ('expectancy_usd', 'trades', 'USD', 'trades_profit_usd / trades: average gain', 'trades', 'tradebook', null),
    (
        'average_return_percent', 'trades', 'percent',
        'avg(100 * gain / SOL invested), where something was invested', 'SOL invested in the trade', 'tradebook',
        null
    ),
    (
        'weighted_return_percent', 'trades', 'percent', '100 * trades_profit_sol / invested_sol',
        'SOL invested in all the trades', 'tradebook', null
    ),
    ('average_win_sol', 'trades', 'SOL', 'wins_sol / trades_won', 'won trades', 'tradebook', null),
    ('average_loss_sol', 'trades', 'SOL', 'losses_sol / trades_lost: negative', 'lost trades', 'tradebook', null),
    ('payoff_ratio', 'trades', 'ratio', 'average_win_sol / |average_loss_sol|', 'average loss', 'quantstats', null),
    (
        'profit_factor', 'trades', 'ratio', 'wins_sol / |losses_sol|', 'sum of the losses', 'quantstats',
        'quantstats: infinity without a loss'
    ),
    (
        'expectancy_ratio', 'trades', 'ratio', '(1 + payoff_ratio) * trades_won / trades - 1', 'average loss',
        'freqtrade', 'freqtrade: 100 without a loss, and -1 without a win; NULL here'
    ),
    (
        'sqn', 'trades', 'ratio', 'sqrt(trades) * average gain / stddev_samp(gains)',
        'sample deviation of the gains', 'freqtrade', 'freqtrade: rounded to 4 decimals, -100 where undefined'
    ),
    ('average_holding_seconds', 'trades', 'seconds', 'avg(closed_at - opened_at)', 'trades', 'tradebook', null),
    (
        'average_holding_seconds_won', 'trades', 'seconds', 'the same, of trades with gain > 0', 'won trades',
        'tradebook', null
    ),
    (
        'average_holding_seconds_lost', 'trades', 'seconds', 'the same, of trades with gain < 0', 'lost trades',
        'tradebook', null
    ),
    -- What is held, at the latest prices.
    (
        'open_positions', 'positions', 'count', 'positions that are open, crumbs of closed ones left out', null,
        'tradebook', null
    ),
    ('open_cost_sol', 'positions', 'SOL', 'cost of all that is held', null, 'tradebook', null),
    (
        'open_value_sol', 'positions', 'SOL', 'tokens held at their latest price, where one is known',
        null, 'tradebook', null
    ),
    ('unrealized_gain_sol', 'positions', 'SOL', 'value less cost of what has a price', null, 'tradebook', null),
    (
        'unrealized_gain_percent', 'positions', 'percent', '100 * unrealized_gain_sol / cost of what has a price',
        'cost of what has a price', 'tradebook', null
    ),
    ('unpriced_positions', 'positions', 'count', 'holdings without a known price', null, 'tradebook', null),
    ('unpriced_cost_sol', 'positions', 'SOL', 'their cost', null, 'tradebook', null),
    ('oldest_price_seconds', 'positions', 'seconds', 'age of the oldest price that was used', null, 'tradebook', null),
    (
        'unrealized_change_sol', 'positions', 'SOL',
        'unrealized gain at the end of the period less that at its start, where both have prices', null,
        'tradebook', null
    ),
    ('unpriced_changes', 'positions', 'count', 'positions left out of it', null, 'tradebook', null),
    ('total_gain_sol', 'positions', 'SOL', 'realized_gain_sol + unrealized_change_sol', null, 'tradebook', null)
) as d (name, granularity, unit, formula, denominator, source, differences);

comment on view report.metric_definitions is
'What each figure of report.equity_curve, report.statistics, report.performance and report.breakdown means. NULL is
undefined, everywhere.';
comment on column report.metric_definitions.name is 'The column of the report.';
comment on column report.metric_definitions.granularity is
'What it counts: swaps (each sale or burn), trades (a position from open to closed, its sales together), days (one point
per UTC day), facts (transactions of any type), or positions (what is held, at the latest prices).';
comment on column report.metric_definitions.unit is
'SOL, USD, count, percent, fraction (0.1 is a tenth), ratio (of two figures of one unit), seconds, date or time.';
comment on column report.metric_definitions.formula is
'How it is found. e: equity, f: flow, r: return_ratio of a day, n: number of returns, E: equity_index_ratio.';
comment on column report.metric_definitions.denominator is 'What it is divided by; NULL where by nothing.';
comment on column report.metric_definitions.source is
'Whose definition it is: tradebook''s own, or that of freqtrade, quantstats or empyrical, with 365 days a year.';
comment on column report.metric_definitions.differences is
'Where a program of that name, or of another, says something else; NULL where none does.';
