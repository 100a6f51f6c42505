-- What an agent, or one of its wallets, earned and spent in a period, a row for each token.
create function report.gain_between(
    agent uuid, start_at timestamptz, end_at timestamptz, wallet text default null
)
returns table (
    token_address text,
    token_symbol text,
    sales int,
    gain_sol numeric,
    gain_usd numeric,
    expenses_sol numeric,
    expenses_usd numeric
)
language sql
stable
as $$
    select
        x.token_address::text,
        (array_agg(x.token_symbol::text order by x.happened_at desc, x.token_symbol desc))[1],
        sum(x.sales)::int,
        sum(x.gain_sol),
        sum(x.gain_usd),
        sum(x.expenses_sol),
        sum(x.expenses_usd)
    from (
        select
            s.token_address,
            s.token_symbol,
            s.sale_time as happened_at,
            1 as sales,
            s.proceeds_sol - s.cost_basis_sol as gain_sol,
            s.proceeds_usd - s.cost_basis_usd as gain_usd,
            0 as expenses_sol,
            0 as expenses_usd
        from public.agent_historical_swaps as s
        where
            s.agent_id = agent
            and s.sale_time >= start_at
            and s.sale_time < end_at
            and (wallet is null or s.wallet_address = wallet)
        union all
        select
            t.input_mint,
            t.input_symbol,
            t.transaction_time,
            0,
            0,
            0,
            t.fees_sol + burned.is_sol * t.value_sol,
            t.fees_usd + burned.is_sol * t.value_usd
        from public.agent_transactions as t
        cross join lateral (
            select (t.transaction_type = 'BURN' and t.input_mint = book.sol_mint())::int as is_sol
        ) as burned
        where
            t.agent_id = agent
            and t.transaction_time >= start_at
            and t.transaction_time < end_at
            and t.wallet_address is not null
            and (wallet is null or t.wallet_address = wallet)
            and t.voided_at is null
            and t.transaction_type <> 'SWAP'
            and (t.fees_sol > 0 or burned.is_sol = 1)
    ) as x
    group by x.token_address
$$;

comment on function report.gain_between(uuid, timestamptz, timestamptz, text) is
'Gain and expenses of the period [start_at, end_at) by token; sums over adjoining periods add up. wallet: NULL is all of
the agent''s. No row is a total: their sum is.
sales: sales and burns of the token, partial ones included. gain: proceeds less the average cost released, SOL and USD at
each leg''s own time, exact; the fees of swaps are in it. expenses: fees of the token''s deposits, withdrawals and burns,
and in the row of SOL what was burned; they are not in the gain. Voided facts count nowhere. No such agent, or another
user''s: no rows.';
