-- Law 3: cost is conserved. What buys and token deposits brought in is what sales, burns and withdrawals released and
-- what is still held; for each token of the wallet, in SOL and in USD.
create function book.audit_law_3(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        sums.token_address,
        null::uuid,
        currency.subject,
        currency.cost_in,
        currency.cost_out
    from (
        select
            c.token_address,
            sum(c.in_sol) as in_sol,
            sum(c.in_usd) as in_usd,
            sum(c.out_sol) as out_sol,
            sum(c.out_usd) as out_usd
        from (
            select
                case t.transaction_type when 'SWAP' then t.output_mint else t.input_mint end as token_address,
                -- Fees are cost of a buy alone.
                t.value_sol + case when bought.with_sol then t.fees_sol else 0 end as in_sol,
                t.value_usd + case when bought.with_sol then t.fees_usd else 0 end as in_usd,
                0 as out_sol,
                0 as out_usd
            from public.agent_transactions as t
            cross join lateral (
                select
                    t.transaction_type = 'SWAP'
                    and t.input_mint = 'So11111111111111111111111111111111111111112' as with_sol
            ) as bought
            where t.wallet_address = wallet and t.voided_at is null and t.transaction_type in ('SWAP', 'DEPOSIT')
            union all
            select
                s.token_address,
                0,
                0,
                s.cost_basis_sol,
                s.cost_basis_usd
            from public.agent_historical_swaps as s
            where s.wallet_address = wallet
            union all
            select
                w.token_address,
                0,
                0,
                w.cost_basis_sol,
                w.cost_basis_usd
            from public.agent_token_withdrawals as w
            where w.agent_id = book.agent_of(wallet) and w.wallet_address = wallet
            union all
            select
                p.token_address,
                0,
                0,
                p.cost_basis_sol,
                p.cost_basis_usd
            from public.agent_positions as p
            where p.agent_id = book.agent_of(wallet) and p.wallet_address = wallet
        ) as c
        where c.token_address <> 'So11111111111111111111111111111111111111112'
        group by c.token_address
    ) as sums
    cross join lateral (
        values
        ('cost in SOL', sums.in_sol, sums.out_sol),
        ('cost in USD', sums.in_usd, sums.out_usd)
    ) as currency (subject, cost_in, cost_out)
$$;

comment on function book.audit_law_3(text) is
'Law 3 of the book, two rows per token of the wallet (SOL, USD): cost that came in (expected), left and is held
(actual).';
