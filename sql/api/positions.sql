-- Positions as the HTTP service shows them, at the latest price that is known, whatever its age; the age is told.
create view api.positions with (security_invoker = true) as
select
    p.id,
    p.user_id,
    p.agent_id,
    p.wallet_address,
    p.token_address,
    p.created_at,
    p.is_dust,
    json_build_object(
        'id', p.id,
        'agentId', p.agent_id,
        'walletAddress', p.wallet_address,
        'tokenAddress', p.token_address,
        'tokenSymbol', p.token_symbol,
        'purchaseTransactionId', p.purchase_transaction_id,
        'purchasePrice', book.plain_number(p.purchase_price),
        'purchaseAmount', book.plain_number(p.purchase_amount),
        'remainingAmount', book.plain_number(p.remaining_amount),
        'totalInvestedSol', book.plain_number(p.total_invested_sol),
        'costBasisSol', book.plain_number(p.cost_basis_sol),
        'costBasisUsd', book.plain_number(p.cost_basis_usd),
        'realizedProfitSol', book.plain_number(p.realized_profit_sol),
        'currentPrice', book.plain_number(v.price_sol),
        'priceAgeSeconds', extract(epoch from now() - v.observed_at)::bigint,
        'valueSol', book.plain_number(v.value_sol),
        'unrealizedProfitLossSol', book.plain_number(v.value_sol - p.cost_basis_sol),
        'currentStopLossPercentage', book.plain_number(p.current_stop_loss_percentage),
        'peakPrice', book.plain_number(p.peak_price),
        'lowestPrice', book.plain_number(p.lowest_price),
        'lastStopLossUpdate', book.plain_time(p.last_stop_loss_update),
        'dcaCount', p.dca_count,
        'dcaTransactionIds', p.dca_transaction_ids,
        'lastDcaTime', book.plain_time(p.last_dca_time),
        'signalId', p.signal_id,
        'managed', p.managed,
        'isDust', p.is_dust,
        'createdAt', book.plain_time(p.created_at),
        'updatedAt', book.plain_time(p.updated_at)
    ) as document
from public.agent_positions as p
left join report.position_values as v on v.id = p.id;

comment on view api.positions is 'Positions as JSON documents, with the columns that requests filter and sort by.';
