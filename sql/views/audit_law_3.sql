-- Law 3: cost is conserved. What buys and token deposits brought in is what sales, burns and withdrawals released and
-- what is still held; for each token of each wallet, in SOL and in USD.
create view book.audit_law_3 with (security_invoker = true) as
select
    sums.user_id,
    sums.agent_id,
    sums.wallet_address,
    sums.token_address,
    null::uuid as row_id,
    currency.subject,
    currency.cost_in as expected,
    currency.cost_out as actual
from (
    select
        c.user_id,
        c.agent_id,
        c.wallet_address,
        c.token_address,
        sum(c.in_sol) as in_sol,
        sum(c.in_usd) as in_usd,
        sum(c.out_sol) as out_sol,
        sum(c.out_usd) as out_usd
    from (
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            t.output_mint as token_address,
            t.value_sol
            + case when t.input_mint = 'So11111111111111111111111111111111111111112' then t.fees_sol else 0 end
                as in_sol,
            t.value_usd
            + case when t.input_mint = 'So11111111111111111111111111111111111111112' then t.fees_usd else 0 end
                as in_usd,
            0 as out_sol,
            0 as out_usd
        from public.agent_transactions as t
        where t.transaction_type = 'SWAP'
        union all
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            t.input_mint,
            t.value_sol,
            t.value_usd,
            0,
            0
        from public.agent_transactions as t
        where t.transaction_type = 'DEPOSIT'
        union all
        select
            s.user_id,
            s.agent_id,
            s.wallet_address,
            s.token_address,
            0,
            0,
            s.cost_basis_sol,
            s.cost_basis_usd
        from public.agent_historical_swaps as s
        union all
        select
            w.user_id,
            w.agent_id,
            w.wallet_address,
            w.token_address,
            0,
            0,
            w.cost_basis_sol,
            w.cost_basis_usd
        from public.agent_token_withdrawals as w
        union all
        select
            p.user_id,
            p.agent_id,
            p.wallet_address,
            p.token_address,
            0,
            0,
            p.cost_basis_sol,
            p.cost_basis_usd
        from public.agent_positions as p
    ) as c
    where
        c.wallet_address is not null
        and c.token_address <> 'So11111111111111111111111111111111111111112'
    group by c.user_id, c.agent_id, c.wallet_address, c.token_address
) as sums
cross join lateral (
    values
    ('cost in SOL', sums.in_sol, sums.out_sol),
    ('cost in USD', sums.in_usd, sums.out_usd)
) as currency (subject, cost_in, cost_out);

comment on view book.audit_law_3 is
'Law 3 of the book, two rows per token of a wallet (SOL, USD): cost that came in (expected), left
and is held (actual).';
