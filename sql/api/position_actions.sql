-- What rules did with positions, as the HTTP service shows it.
create view api.position_actions with (security_invoker = true) as
select
    a.id,
    a.agent_id as "agentId",
    a.wallet_address as "walletAddress",
    a.token_address as "tokenAddress",
    a.position_id as "positionId",
    a.rule,
    a.status,
    book.plain_number(a.price_sol) as "priceSol",
    book.plain_number(a.amount) as amount,
    a.transaction_id as "transactionId",
    a.order_id as "orderId",
    a.reason,
    a.error,
    a.attempts,
    book.plain_time(a.decided_at) as "decidedAt"
from public.position_actions as a;

comment on view api.position_actions is
'What rules did with positions as the HTTP service shows it: the columns are the fields of the JSON.';
