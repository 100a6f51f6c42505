-- Law 4: SOL and cost held = SOL deposited - SOL withdrawn + value of token deposits - cost of token withdrawals + gain
-- - expenses (fees of deposits, withdrawals and burns, and SOL burned).
create view book.audit_law_4 with (security_invoker = true) as
select
    sums.user_id,
    sums.agent_id,
    sums.wallet_address,
    'So11111111111111111111111111111111111111112' as token_address,
    null::uuid as row_id,
    'SOL and cost held' as subject,
    sums.came as expected,
    sums.held as actual
from (
    select
        x.user_id,
        x.agent_id,
        x.wallet_address,
        sum(x.came) as came,
        sum(x.held) as held
    from (
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            case
                when t.transaction_type = 'SWAP' then 0
                when t.transaction_type = 'DEPOSIT' then t.value_sol - t.fees_sol
                when t.input_mint = 'So11111111111111111111111111111111111111112' then -t.value_sol - t.fees_sol
                else -t.fees_sol
            end as came,
            0 as held
        from public.agent_transactions as t
        union all
        select
            s.user_id,
            s.agent_id,
            s.wallet_address,
            s.proceeds_sol - s.cost_basis_sol,
            0
        from public.agent_historical_swaps as s
        union all
        select
            w.user_id,
            w.agent_id,
            w.wallet_address,
            -w.cost_basis_sol,
            0
        from public.agent_token_withdrawals as w
        union all
        select
            b.user_id,
            b.agent_id,
            b.wallet_address,
            0,
            b.balance::numeric
        from public.agent_balances as b
        where b.token_address = 'So11111111111111111111111111111111111111112'
        union all
        select
            p.user_id,
            p.agent_id,
            p.wallet_address,
            0,
            p.cost_basis_sol
        from public.agent_positions as p
    ) as x
    where x.wallet_address is not null
    group by x.user_id, x.agent_id, x.wallet_address
) as sums;

comment on view book.audit_law_4 is
'Law 4 of the book, a row per wallet: where its SOL and cost came from (expected) and what it holds of them (actual).';
