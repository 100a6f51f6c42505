-- Balances as the HTTP service shows them.
create view api.balances with (security_invoker = true) as
select
    b.id,
    b.user_id,
    b.agent_id,
    b.wallet_address,
    b.token_address,
    json_build_object(
        'id', b.id,
        'agentId', b.agent_id,
        'walletAddress', b.wallet_address,
        'tokenAddress', b.token_address,
        'tokenSymbol', b.token_symbol,
        'balance', b.balance,
        'lastUpdated', book.plain_time(b.last_updated)
    ) as document
from public.agent_balances as b;

comment on view api.balances is 'Balances as JSON documents, with the columns that requests filter and sort by.';
