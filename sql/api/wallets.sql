-- Wallets as the HTTP service shows them.
create view api.wallets with (security_invoker = true) as
select
    w.wallet_address,
    w.agent_id,
    a.user_id,
    w.created_at,
    json_build_object(
        'walletAddress', w.wallet_address,
        'agentId', w.agent_id,
        'walletType', w.wallet_type,
        'createdAt', book.plain_time(w.created_at),
        'updatedAt', book.plain_time(w.updated_at)
    ) as document
from public.agent_wallets as w
inner join public.agents as a on a.id = w.agent_id;

comment on view api.wallets is 'Wallets as JSON documents, with the columns that requests filter and sort by.';
