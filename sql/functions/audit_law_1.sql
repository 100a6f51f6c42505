-- Law 1: the balance of each token of the wallet is the sum of its legs, and none is below zero.
create function book.audit_law_1(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        coalesce(facts.token_address, b.token_address),
        null::uuid,
        compared.subject,
        compared.expected,
        compared.actual
    from (
        select
            leg.token_address,
            sum(leg.change) as balance
        from public.agent_transactions as t
        cross join lateral (
            values
            (t.input_mint, case when t.transaction_type = 'DEPOSIT' then t.input_amount else -t.input_amount end),
            -- Only a SWAP has an output.
            (t.output_mint, t.output_amount),
            ('So11111111111111111111111111111111111111112', -t.fees_sol)
        ) as leg (token_address, change)
        where t.wallet_address = wallet and t.voided_at is null and leg.token_address is not null
        group by leg.token_address
    ) as facts
    full outer join (
        select
            a.token_address,
            a.balance::numeric as balance
        from public.agent_balances as a
        where a.wallet_address = wallet
    ) as b on b.token_address = facts.token_address
    cross join lateral (
        values
        ('agent_balances.balance', coalesce(facts.balance, 0), coalesce(b.balance, 0)),
        ('agent_balances.balance, not below zero', greatest(b.balance, 0), coalesce(b.balance, 0))
    ) as compared (subject, expected, actual)
$$;

comment on function book.audit_law_1(text) is
'Law 1 of the book, two rows per balance of the wallet: the sum of its legs, and 0 at least (expected); the stored one
(actual).';
