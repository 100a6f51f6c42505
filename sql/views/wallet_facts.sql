-- How many facts each wallet has. Compared with what an audit or a seal has covered, it tells the wallets that changed,
-- however late a transaction committed: facts never go, and a void is never taken back.
create view book.wallet_facts
with (security_invoker = true) as
select
    a.user_id,
    w.agent_id,
    w.wallet_address,
    (
        select count(*)::int
        from public.agent_transactions as t
        where t.wallet_address = w.wallet_address
    ) as facts,
    (
        select count(*)::int
        from public.agent_transactions as t
        where t.wallet_address = w.wallet_address and t.voided_at is not null
    ) as voids
from public.agent_wallets as w
inner join public.agents as a on a.id = w.agent_id;

comment on view book.wallet_facts is
'How many facts each wallet has, voided ones included, and how many of them are voided. Both only grow.';
