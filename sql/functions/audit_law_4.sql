-- Law 4: SOL and cost held = SOL deposited - SOL withdrawn + value of token deposits - cost of token withdrawals + gain
-- - expenses (fees of deposits, withdrawals and burns, and SOL burned).
create function book.audit_law_4(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        'So11111111111111111111111111111111111111112',
        null::uuid,
        'SOL and cost held',
        coalesce(sum(x.came), 0),
        coalesce(sum(x.held), 0)
    from (
        select
            case
                when t.transaction_type = 'DEPOSIT' then t.value_sol - t.fees_sol
                when t.input_mint = 'So11111111111111111111111111111111111111112' then -t.value_sol - t.fees_sol
                else -t.fees_sol
            end as came,
            0 as held
        from public.agent_transactions as t
        where t.wallet_address = wallet and t.voided_at is null and t.transaction_type <> 'SWAP'
        union all
        select
            s.proceeds_sol - s.cost_basis_sol,
            0
        from public.agent_historical_swaps as s
        where s.wallet_address = wallet
        union all
        select
            -w.cost_basis_sol,
            0
        from public.agent_token_withdrawals as w
        where w.agent_id = book.agent_of(wallet) and w.wallet_address = wallet
        union all
        select
            0,
            b.balance::numeric
        from public.agent_balances as b
        where b.wallet_address = wallet and b.token_address = 'So11111111111111111111111111111111111111112'
        union all
        select
            0,
            p.cost_basis_sol
        from public.agent_positions as p
        where p.agent_id = book.agent_of(wallet) and p.wallet_address = wallet
    ) as x
$$;

comment on function book.audit_law_4(text) is
'Law 4 of the book, one row: where the wallet''s SOL and cost came from (expected) and what it holds of them (actual).';
