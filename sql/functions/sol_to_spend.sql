-- The SOL of a wallet that a purchase may take: what no order for an executor is to spend already, and, in simulation,
-- less the fee that the purchase itself will cost.
create function book.sol_to_spend(agent uuid, wallet text)
returns numeric
language sql
stable
as $$
    select
        coalesce((
            select b.balance::numeric
            from public.agent_balances as b
            where b.wallet_address = wallet and b.token_address = book.sol_mint()
        ), 0)
        - coalesce((
            select sum(o.amount)
            from public.trade_orders as o
            where
                o.agent_id = agent
                and o.wallet_address = wallet
                and o.side = 'buy'
                and o.status in ('pending', 'claimed')
        ), 0)
        - coalesce((
            select a.simulation_fee_lamports * 0.000000001
            from public.agent_wallets as w
            inner join public.agents as a on a.id = w.agent_id
            where w.wallet_address = wallet and w.wallet_type = 'simulation'
        ), 0)
$$;

comment on function book.sol_to_spend(uuid, text) is
'The SOL of a wallet less what open orders are to spend, and less the fee of a simulated trade.';
