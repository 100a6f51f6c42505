-- What an agent, or one of its wallets, has earned in a period with one token, signal, reason or day, and holds of it.
create type api.breakdown as (
    place bigint,
    key text,
    label text,
    "totalTransactions" int,
    "totalSwaps" int,
    "totalClosedTrades" int,
    "wonTrades" int,
    "drawnTrades" int,
    "lostTrades" int,
    "realizedProfitLossSol" api.decimal_text,
    "realizedProfitLossUsd" api.decimal_text,
    "proceedsSol" api.decimal_text,
    "proceedsUsd" api.decimal_text,
    "costSol" api.decimal_text,
    "costUsd" api.decimal_text,
    "volumeSol" api.decimal_text,
    "volumeUsd" api.decimal_text,
    "feesSol" api.decimal_text,
    "feesUsd" api.decimal_text,
    "expensesSol" api.decimal_text,
    "expensesUsd" api.decimal_text,
    "depositsSol" api.decimal_text,
    "depositsUsd" api.decimal_text,
    "withdrawalsSol" api.decimal_text,
    "withdrawalsUsd" api.decimal_text,
    "tradesProfitSol" api.decimal_text,
    "tradesProfitUsd" api.decimal_text,
    "investedSol" api.decimal_text,
    "investedUsd" api.decimal_text,
    "winsSol" api.decimal_text,
    "lossesSol" api.decimal_text,
    "winRate" api.decimal_text,
    "expectancySol" api.decimal_text,
    "expectancyUsd" api.decimal_text,
    "averageReturn" api.decimal_text,
    "weightedReturnPercent" api.decimal_text,
    "averageWinSol" api.decimal_text,
    "averageLossSol" api.decimal_text,
    "payoffRatio" api.decimal_text,
    "profitFactor" api.decimal_text,
    "expectancyRatio" api.decimal_text,
    sqn api.decimal_text,
    "averageHoldingSeconds" api.decimal_text,
    "averageHoldingSecondsWon" api.decimal_text,
    "averageHoldingSecondsLost" api.decimal_text,
    "medianGainSol" api.decimal_text,
    "medianReturnPercent" api.decimal_text,
    "bestGainSol" api.decimal_text,
    "worstGainSol" api.decimal_text,
    "longestWinningStreak" int,
    "longestLosingStreak" int,
    "medianHoldingSeconds" api.decimal_text,
    "medianHoldingSecondsWon" api.decimal_text,
    "medianHoldingSecondsLost" api.decimal_text,
    "totalOpenPositions" int,
    "openCostSol" api.decimal_text,
    "positionsValueSol" api.decimal_text,
    "unrealizedProfitLossSol" api.decimal_text,
    "unrealizedGainPercent" api.decimal_text,
    "unpricedPositions" int,
    "unpricedCostSol" api.decimal_text,
    "oldestPriceSeconds" api.decimal_text
);

comment on type api.breakdown is
'What an agent, or one of its wallets, has earned in a period with one token, signal, reason or day, and holds of it
now.';
comment on column api.breakdown."totalTransactions" is
'transactions of report.metric_definitions: facts that count: with a wallet, and not voided; unit: count.';
comment on column api.breakdown."totalSwaps" is
'swaps of report.metric_definitions: sales and burns of tokens, partial ones included; unit: count.';
comment on column api.breakdown."totalClosedTrades" is
'trades of report.metric_definitions: trades that ended in the period: won, drawn and lost; unit: count.';
comment on column api.breakdown."wonTrades" is
'trades_won of report.metric_definitions: trades with gain > 0; unit: count.';
comment on column api.breakdown."drawnTrades" is
'trades_drawn of report.metric_definitions: trades with gain = 0; unit: count.';
comment on column api.breakdown."lostTrades" is
'trades_lost of report.metric_definitions: trades with gain < 0; unit: count.';
comment on column api.breakdown."realizedProfitLossSol" is
'realized_gain_sol of report.metric_definitions: proceeds_sol - cost_sol; unit: SOL.';
comment on column api.breakdown."realizedProfitLossUsd" is
'realized_gain_usd of report.metric_definitions: the same, in USD at the time of each; unit: USD.';
comment on column api.breakdown."winRate" is
'win_rate_percent of report.metric_definitions: 100 * trades_won / trades; unit: percent; per trades, drawn ones too;
NULL without any.';
comment on column api.breakdown."averageReturn" is
'average_return_percent of report.metric_definitions: avg(100 * gain / SOL invested), where something was invested;
unit: percent; per SOL invested in the trade; NULL without any.';
comment on column api.breakdown.place is
'Place of the group in the order of their keys, from 1; that of none is the last.';
comment on column api.breakdown.key is 'The group as text; NULL where there is none: no signal, no reason.';
comment on column api.breakdown.label is 'Its name for people; NULL where it has none.';
comment on column api.breakdown."oldestPriceSeconds" is
'Age of the oldest price that was used, seconds; NULL where none was.';
comment on column api.breakdown."totalOpenPositions" is
'Positions that are open now; NULL for groups that nothing is held by: reasons and times.';
comment on column api.breakdown."openCostSol" is
'Their cost, SOL; NULL for groups that nothing is held by: reasons and times.';
comment on column api.breakdown."positionsValueSol" is
'Their value at the latest prices, SOL; NULL for groups that nothing is held by: reasons and times.';
comment on column api.breakdown."unrealizedProfitLossSol" is
'Value less cost of those that have a price, SOL; NULL for groups that nothing is held by: reasons and times.';
comment on column api.breakdown."unpricedPositions" is
'How many of them have no price; NULL for groups that nothing is held by: reasons and times.';
comment on column api.breakdown."unpricedCostSol" is
'The cost of those, SOL; NULL for groups that nothing is held by: reasons and times.';
