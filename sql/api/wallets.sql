-- Wallets as the HTTP service shows them.
create view api.wallets with (security_invoker = true) as
select
    w.wallet_address as "walletAddress",
    w.agent_id as "agentId",
    w.wallet_type as "walletType",
    book.plain_time(w.created_at) as "createdAt",
    book.plain_time(w.updated_at) as "updatedAt"
from public.agent_wallets as w
inner join public.agents as a on a.id = w.agent_id;

comment on view api.wallets is 'Wallets as the HTTP service shows them: the columns are the fields of the JSON.';
