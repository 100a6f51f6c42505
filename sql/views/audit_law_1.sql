-- Law 1: the balance of each token is the sum of its legs, and none is below zero.
create view book.audit_law_1 with (security_invoker = true) as
select
    coalesce(facts.user_id, b.user_id) as user_id,
    coalesce(facts.agent_id, b.agent_id) as agent_id,
    coalesce(facts.wallet_address, b.wallet_address) as wallet_address,
    coalesce(facts.token_address, b.token_address) as token_address,
    null::uuid as row_id,
    compared.subject,
    compared.expected,
    compared.actual
from (
    select
        leg.user_id,
        leg.agent_id,
        leg.wallet_address,
        leg.token_address,
        sum(leg.change) as balance
    from (
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            t.input_mint as token_address,
            case when t.transaction_type = 'DEPOSIT' then t.input_amount else -t.input_amount end as change
        from public.agent_transactions as t
        union all
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            t.output_mint,
            t.output_amount
        from public.agent_transactions as t
        where t.transaction_type = 'SWAP'
        union all
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            'So11111111111111111111111111111111111111112',
            -t.fees_sol
        from public.agent_transactions as t
    ) as leg
    where leg.wallet_address is not null
    group by leg.user_id, leg.agent_id, leg.wallet_address, leg.token_address
) as facts
full outer join public.agent_balances as b
    on
        b.user_id = facts.user_id
        and b.agent_id = facts.agent_id
        and b.wallet_address = facts.wallet_address
        and b.token_address = facts.token_address
cross join lateral (
    values
    ('agent_balances.balance', coalesce(facts.balance, 0), coalesce(b.balance::numeric, 0)),
    ('agent_balances.balance, not below zero', greatest(b.balance::numeric, 0), coalesce(b.balance::numeric, 0))
) as compared (subject, expected, actual);

comment on view book.audit_law_1 is
'Law 1 of the book, two rows per balance: the sum of its legs, and 0 at least (expected); the stored one (actual).';
