-- Historical swaps as the HTTP service shows them.
create view api.historical_swaps with (security_invoker = true) as
select
    s.id,
    s.agent_id as "agentId",
    s.wallet_address as "walletAddress",
    s.token_address as "tokenAddress",
    s.token_symbol as "tokenSymbol",
    book.plain_number(s.amount) as amount,
    book.plain_number(s.purchase_price) as "purchasePrice",
    book.plain_number(s.sale_price) as "salePrice",
    book.plain_number(s.change_percent) as "changePercent",
    book.plain_number(s.profit_loss_sol) as "profitLossSol",
    book.plain_number(s.profit_loss_usd) as "profitLossUsd",
    book.plain_number(s.cost_basis_sol) as "costBasisSol",
    book.plain_number(s.cost_basis_usd) as "costBasisUsd",
    book.plain_number(s.proceeds_sol) as "proceedsSol",
    book.plain_number(s.proceeds_usd) as "proceedsUsd",
    book.plain_number(s.proceeds_sol - s.cost_basis_sol) as "gainSol",
    book.plain_number(s.proceeds_usd - s.cost_basis_usd) as "gainUsd",
    book.plain_time(s.purchase_time) as "purchaseTime",
    book.plain_time(s.sale_time) as "saleTime",
    s.purchase_transaction_id as "purchaseTransactionId",
    s.sale_transaction_id as "saleTransactionId",
    s.signal_id as "signalId",
    s.close_reason as "closeReason",
    s.position_id as "positionId",
    s.closes_position as "closesPosition",
    book.plain_time(s.created_at) as "createdAt"
from public.agent_historical_swaps as s;

comment on view api.historical_swaps is
'Historical swaps as the HTTP service shows them: the columns are the fields of the JSON. profitLoss is gain rounded.';
