-- Historical swaps as the HTTP service shows them.
create view api.historical_swaps with (security_invoker = true) as
select
    s.id,
    s.user_id,
    s.agent_id,
    s.wallet_address,
    s.token_address,
    s.sale_time,
    json_build_object(
        'id', s.id,
        'agentId', s.agent_id,
        'walletAddress', s.wallet_address,
        'tokenAddress', s.token_address,
        'tokenSymbol', s.token_symbol,
        'amount', book.plain_number(s.amount),
        'purchasePrice', book.plain_number(s.purchase_price),
        'salePrice', book.plain_number(s.sale_price),
        'changePercent', book.plain_number(s.change_percent),
        'profitLossSol', book.plain_number(s.profit_loss_sol),
        'profitLossUsd', book.plain_number(s.profit_loss_usd),
        'costBasisSol', book.plain_number(s.cost_basis_sol),
        'costBasisUsd', book.plain_number(s.cost_basis_usd),
        'proceedsSol', book.plain_number(s.proceeds_sol),
        'proceedsUsd', book.plain_number(s.proceeds_usd),
        'gainSol', book.plain_number(s.proceeds_sol - s.cost_basis_sol),
        'gainUsd', book.plain_number(s.proceeds_usd - s.cost_basis_usd),
        'purchaseTime', book.plain_time(s.purchase_time),
        'saleTime', book.plain_time(s.sale_time),
        'purchaseTransactionId', s.purchase_transaction_id,
        'saleTransactionId', s.sale_transaction_id,
        'signalId', s.signal_id,
        'closeReason', s.close_reason,
        'positionId', s.position_id,
        'closesPosition', s.closes_position,
        'createdAt', book.plain_time(s.created_at)
    ) as document
from public.agent_historical_swaps as s;

comment on view api.historical_swaps is
'Historical swaps as JSON documents, with the columns that requests filter and sort by. profitLoss is gain rounded.';
