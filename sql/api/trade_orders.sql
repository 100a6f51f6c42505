-- Orders for executors of live wallets, as the HTTP service shows them.
create view api.trade_orders with (security_invoker = true) as
select
    o.id,
    o.agent_id as "agentId",
    o.wallet_address as "walletAddress",
    o.token_address as "tokenAddress",
    o.token_symbol as "tokenSymbol",
    o.side,
    o.reason,
    o.position_id as "positionId",
    o.signal_id as "signalId",
    book.plain_number(o.amount) as amount,
    book.plain_number(o.price_sol) as "priceSol",
    book.plain_number(o.max_price_impact) as "maxPriceImpact",
    o.status,
    o.claimed_by as "claimedBy",
    book.plain_time(o.claimed_until) as "claimedUntil",
    o.attempts,
    o.transaction_id as "transactionId",
    o.transaction_hash as "transactionHash",
    o.error,
    book.plain_time(o.created_at) as "createdAt",
    book.plain_time(o.expires_at) as "expiresAt",
    book.plain_time(o.updated_at) as "updatedAt"
from public.trade_orders as o;

comment on view api.trade_orders is
'Orders for executors of live wallets as the HTTP service shows them: the columns are the fields of the JSON.';
