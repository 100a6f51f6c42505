-- Positions as the HTTP service shows them, at the latest price that is known, whatever its age; the age is told.
create view api.positions with (security_invoker = true) as
select
    p.id,
    p.agent_id as "agentId",
    p.wallet_address as "walletAddress",
    p.token_address as "tokenAddress",
    p.token_symbol as "tokenSymbol",
    p.purchase_transaction_id as "purchaseTransactionId",
    book.plain_number(p.purchase_price) as "purchasePrice",
    book.plain_number(p.purchase_amount) as "purchaseAmount",
    book.plain_number(p.remaining_amount) as "remainingAmount",
    book.plain_number(p.total_invested_sol) as "totalInvestedSol",
    book.plain_number(p.cost_basis_sol) as "costBasisSol",
    book.plain_number(p.cost_basis_usd) as "costBasisUsd",
    book.plain_number(p.realized_profit_sol) as "realizedProfitSol",
    book.plain_number(v.price_sol) as "currentPrice",
    extract(epoch from now() - v.observed_at)::bigint as "priceAgeSeconds",
    book.plain_number(v.value_sol) as "valueSol",
    book.plain_number(v.value_sol - p.cost_basis_sol) as "unrealizedProfitLossSol",
    book.plain_number(p.current_stop_loss_percentage) as "currentStopLossPercentage",
    book.plain_number(p.stop_loss_price) as "stopLossPrice",
    book.plain_number(p.take_profit_base) as "takeProfitBase",
    p.take_profit_levels_done as "takeProfitLevelsDone",
    book.plain_number(p.moon_bag_amount) as "moonBagAmount",
    book.plain_time(p.dca_skipped_at) as "dcaSkippedAt",
    book.plain_number(p.peak_price) as "peakPrice",
    book.plain_number(p.lowest_price) as "lowestPrice",
    book.plain_time(p.last_stop_loss_update) as "lastStopLossUpdate",
    p.dca_count as "dcaCount",
    p.dca_transaction_ids as "dcaTransactionIds",
    book.plain_time(p.last_dca_time) as "lastDcaTime",
    p.signal_id as "signalId",
    p.managed,
    p.is_dust as "isDust",
    book.plain_time(p.created_at) as "createdAt",
    book.plain_time(p.updated_at) as "updatedAt"
from public.agent_positions as p
left join report.position_values as v on v.id = p.id;

comment on view api.positions is 'Positions as the HTTP service shows them: the columns are the fields of the JSON.';
comment on column api.positions."currentPrice" is
'Latest price of the token, SOL, whatever its age; NULL where none is known.';
comment on column api.positions."priceAgeSeconds" is 'How old that price is, seconds; NULL without one.';
comment on column api.positions."valueSol" is 'remainingAmount at that price, SOL; NULL without one.';
comment on column api.positions."unrealizedProfitLossSol" is 'valueSol less costBasisSol; NULL without a price.';
