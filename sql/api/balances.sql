-- Balances as the HTTP service shows them.
create view api.balances with (security_invoker = true) as
select
    b.id,
    b.agent_id as "agentId",
    b.wallet_address as "walletAddress",
    b.token_address as "tokenAddress",
    b.token_symbol as "tokenSymbol",
    b.balance::api.decimal_text as balance,
    book.plain_time(b.last_updated) as "lastUpdated"
from public.agent_balances as b;

comment on view api.balances is 'Balances as the HTTP service shows them: the columns are the fields of the JSON.';
