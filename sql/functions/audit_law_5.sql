-- Law 5: each sale and burn of a token has one historical swap, each withdrawal of a token has its released cost, and
-- there are no others; they say the amounts and proceeds of their transactions, and name positions of their own wallet.
create function book.audit_law_5(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        coalesce(fact.token_address, derived.token_address),
        coalesce(fact.id, derived.id),
        compared.subject,
        compared.expected,
        compared.actual
    from (
        select
            t.input_mint as token_address,
            t.id,
            case when t.transaction_type = 'WITHDRAWAL' then 'withdrawal' else 'swap' end as kind,
            t.input_amount as amount,
            case when t.transaction_type = 'SWAP' then t.value_sol - t.fees_sol else 0 end as proceeds_sol,
            case when t.transaction_type = 'SWAP' then t.value_usd - t.fees_usd else 0 end as proceeds_usd
        from public.agent_transactions as t
        where
            t.wallet_address = wallet
            and t.voided_at is null
            and t.transaction_type <> 'DEPOSIT'
            and t.input_mint <> 'So11111111111111111111111111111111111111112'
    ) as fact
    full outer join (
        select
            s.token_address,
            s.id,
            'swap' as kind,
            s.amount,
            s.proceeds_sol,
            s.proceeds_usd
        from public.agent_historical_swaps as s
        where s.wallet_address = wallet
        union all
        select
            w.token_address,
            w.id,
            'withdrawal',
            w.amount,
            0,
            0
        from public.agent_token_withdrawals as w
        where w.agent_id = book.agent_of(wallet) and w.wallet_address = wallet
    ) as derived
        on derived.id = fact.id and derived.kind = fact.kind and derived.token_address = fact.token_address
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
        derived.token_address,
        derived.row_id,
        'position_id is a transaction of the wallet that counts',
        1,
        (opener.wallet_address is not distinct from wallet and opener.voided_at is null)::int
    from (
        select
            p.token_address,
            p.id as row_id,
            p.purchase_transaction_id as position_id
        from public.agent_positions as p
        where p.agent_id = book.agent_of(wallet) and p.wallet_address = wallet
        union all
        select
            s.token_address,
            s.id,
            s.position_id
        from public.agent_historical_swaps as s
        where s.wallet_address = wallet
        union all
        select
            w.token_address,
            w.id,
            w.position_id
        from public.agent_token_withdrawals as w
        where w.agent_id = book.agent_of(wallet) and w.wallet_address = wallet
    ) as derived
    left join public.agent_transactions as opener on opener.id = derived.position_id
$$;

comment on function book.audit_law_5(text) is
'Law 5 of the book, four rows per sale, burn or withdrawal of a token: its existence, amount and proceeds in the facts
(expected) and in the derived row (actual); and one per derived row, whether its position was opened in the wallet by a
transaction that counts.';
