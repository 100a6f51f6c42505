-- Law 2: for each token but SOL, the balance is what the position holds, and there is no position of nothing.
create view book.audit_law_2 with (security_invoker = true) as
select
    coalesce(b.user_id, p.user_id) as user_id,
    coalesce(b.agent_id, p.agent_id) as agent_id,
    coalesce(b.wallet_address, p.wallet_address) as wallet_address,
    coalesce(b.token_address, p.token_address) as token_address,
    p.id as row_id,
    'agent_positions.remaining_amount' as subject,
    coalesce(b.balance::numeric, 0) as expected,
    -- A position of nothing is no position: it must not agree with a balance of 0.
    case when p.remaining_amount = 0 then -1 else coalesce(p.remaining_amount, 0) end as actual
from (
    select
        agent_balances.user_id,
        agent_balances.agent_id,
        agent_balances.wallet_address,
        agent_balances.token_address,
        agent_balances.balance
    from public.agent_balances
    where agent_balances.token_address <> 'So11111111111111111111111111111111111111112'
) as b
full outer join public.agent_positions as p
    on p.agent_id = b.agent_id and p.wallet_address = b.wallet_address and p.token_address = b.token_address;

comment on view book.audit_law_2 is
'Law 2 of the book, a row per token of a wallet: the balance (expected) and the position''s remainder (actual).';
