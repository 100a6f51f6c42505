-- Law 5: each sale and burn of a token has one historical swap, each withdrawal of a token has its released cost, and
-- there are no others; they say the amounts and proceeds of their transactions, and name positions of their own wallet.
-- noqa: disable=LT02
create view book.audit_law_5 with (security_invoker = true) as
select
    coalesce(fact.user_id, derived.user_id) as user_id,
    coalesce(fact.agent_id, derived.agent_id) as agent_id,
    coalesce(fact.wallet_address, derived.wallet_address) as wallet_address,
    coalesce(fact.token_address, derived.token_address) as token_address,
    coalesce(fact.id, derived.id) as row_id,
    compared.subject,
    compared.expected,
    compared.actual
from (
    select
        t.user_id,
        t.agent_id,
        t.wallet_address,
        t.input_mint as token_address,
        t.id,
        case when t.transaction_type = 'WITHDRAWAL' then 'withdrawal' else 'swap' end as kind,
        t.input_amount as amount,
        case when t.transaction_type = 'SWAP' then t.value_sol - t.fees_sol else 0 end as proceeds_sol,
        case when t.transaction_type = 'SWAP' then t.value_usd - t.fees_usd else 0 end as proceeds_usd
    from public.agent_transactions as t
    where
        t.wallet_address is not null
        and t.transaction_type <> 'DEPOSIT'
        and t.input_mint <> 'So11111111111111111111111111111111111111112'
) as fact
full outer join (
    select
        s.user_id,
        s.agent_id,
        s.wallet_address,
        s.token_address,
        s.id,
        'swap' as kind,
        s.amount,
        s.proceeds_sol,
        s.proceeds_usd
    from public.agent_historical_swaps as s
    union all
    select
        w.user_id,
        w.agent_id,
        w.wallet_address,
        w.token_address,
        w.id,
        'withdrawal',
        w.amount,
        0,
        0
    from public.agent_token_withdrawals as w
) as derived
    on
        derived.id = fact.id
        and derived.kind = fact.kind
        and derived.user_id = fact.user_id
        and derived.agent_id = fact.agent_id
        and derived.wallet_address = fact.wallet_address
        and derived.token_address = fact.token_address
cross join lateral (
    values
    (
        'rows of ' || coalesce(fact.kind, derived.kind),
        case when fact.id is null then 0 else 1 end,
        case when derived.id is null then 0 else 1 end
    ),
    ('amount', coalesce(fact.amount, 0), coalesce(derived.amount, 0)),
    ('proceeds_sol', coalesce(fact.proceeds_sol, 0), coalesce(derived.proceeds_sol, 0)),
    ('proceeds_usd', coalesce(fact.proceeds_usd, 0), coalesce(derived.proceeds_usd, 0))
) as compared (subject, expected, actual)
union all
select
    derived.user_id,
    derived.agent_id,
    derived.wallet_address,
    derived.token_address,
    derived.row_id,
    'position_id is a transaction of the wallet',
    1,
    (opener.agent_id = derived.agent_id and opener.wallet_address = derived.wallet_address)::int
from (
    select
        p.user_id,
        p.agent_id,
        p.wallet_address,
        p.token_address,
        p.id as row_id,
        p.purchase_transaction_id as position_id
    from public.agent_positions as p
    union all
    select
        s.user_id,
        s.agent_id,
        s.wallet_address,
        s.token_address,
        s.id,
        s.position_id
    from public.agent_historical_swaps as s
    union all
    select
        w.user_id,
        w.agent_id,
        w.wallet_address,
        w.token_address,
        w.id,
        w.position_id
    from public.agent_token_withdrawals as w
) as derived
left join public.agent_transactions as opener on opener.id = derived.position_id;

comment on view book.audit_law_5 is
'Law 5 of the book, four rows per sale, burn or withdrawal of a token: its existence, amount and proceeds in the facts
(expected) and in the derived row (actual); and one per derived row, whether its position was
opened in its own wallet.';
