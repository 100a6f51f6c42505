-- What an agent, or one of its wallets, has earned in a period, and holds now.
create type api.performance as (
    "agentId" uuid,
    "walletAddress" text,
    "solBalance" api.decimal_text,
    "portfolioBalanceSol" api.decimal_text,
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
    "totalOpenPositions" int,
    "openCostSol" api.decimal_text,
    "positionsValueSol" api.decimal_text,
    "unrealizedProfitLossSol" api.decimal_text,
    "unrealizedGainPercent" api.decimal_text,
    "unpricedPositions" int,
    "unpricedCostSol" api.decimal_text,
    "oldestPriceSeconds" api.decimal_text,
    "unrealizedChangeSol" api.decimal_text,
    "unpricedChanges" int,
    "totalProfitLossSol" api.decimal_text
);

comment on type api.performance is
'What an agent, or one of its wallets, has earned in a period, and holds now.';
comment on column api.performance."solBalance" is 'SOL that the wallets hold now.';
comment on column api.performance."portfolioBalanceSol" is
'solBalance and positionsValueSol: all that is held now, SOL.';
comment on column api.performance."totalTransactions" is
'transactions of report.metric_definitions: facts that count: with a wallet, and not voided; unit: count.';
comment on column api.performance."totalSwaps" is
'swaps of report.metric_definitions: sales and burns of tokens, partial ones included; unit: count.';
comment on column api.performance."totalClosedTrades" is
'trades of report.metric_definitions: trades that ended in the period: won, drawn and lost; unit: count.';
comment on column api.performance."wonTrades" is
'trades_won of report.metric_definitions: trades with gain > 0; unit: count.';
comment on column api.performance."drawnTrades" is
'trades_drawn of report.metric_definitions: trades with gain = 0; unit: count.';
comment on column api.performance."lostTrades" is
'trades_lost of report.metric_definitions: trades with gain < 0; unit: count.';
comment on column api.performance."realizedProfitLossSol" is
'realized_gain_sol of report.metric_definitions: proceeds_sol - cost_sol; unit: SOL.';
comment on column api.performance."realizedProfitLossUsd" is
'realized_gain_usd of report.metric_definitions: the same, in USD at the time of each; unit: USD.';
comment on column api.performance."winRate" is
'win_rate_percent of report.metric_definitions: 100 * trades_won / trades; unit: percent; per trades, drawn ones too;
NULL without any.';
comment on column api.performance."averageReturn" is
'average_return_percent of report.metric_definitions: avg(100 * gain / SOL invested), where something was invested;
unit: percent; per SOL invested in the trade; NULL without any.';
comment on column api.performance."totalOpenPositions" is
'open_positions of report.metric_definitions: positions that are open, crumbs of closed ones left out; unit: count.';
comment on column api.performance."positionsValueSol" is
'open_value_sol of report.metric_definitions: tokens held at their latest price, where one is known; unit: SOL.';
comment on column api.performance."unrealizedProfitLossSol" is
'unrealized_gain_sol of report.metric_definitions: value less cost of what has a price; unit: SOL.';
comment on column api.performance."totalProfitLossSol" is
'total_gain_sol of report.metric_definitions: realized_gain_sol + unrealized_change_sol; unit: SOL.';
comment on column api.performance."agentId" is 'The agent.';
comment on column api.performance."walletAddress" is 'The wallet that was asked for; NULL for all of the agent.';
comment on column api.performance."oldestPriceSeconds" is
'Age of the oldest price that was used, seconds; NULL where none was.';
