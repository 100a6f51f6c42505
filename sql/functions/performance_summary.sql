-- What an agent has earned and holds: the summary of one wallet, or of all its wallets.
--
-- Gains count sales and burns; trades are positions that have ended with a sale or burn. Undefined is null. Positions
-- without a price are left out of the value and counted beside it. Raises not_found where the agent is not the owner's.
create function book.performance_summary(owner uuid, agent uuid, wallet text)
returns json
language plpgsql
stable
as $$
begin
    if not exists (select from public.agents as a where a.id = agent and a.user_id = owner) then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    return (
        select json_build_object(
            'agentId', agent,
            'walletAddress', wallet,
            'solBalance', book.plain_number(sol.balance),
            'positionsValueSol', book.plain_number(open.value_sol),
            'portfolioBalanceSol', book.plain_number(sol.balance + open.value_sol),
            'realizedProfitLossSol', book.plain_number(swaps.gain_sol),
            'realizedProfitLossUsd', book.plain_number(swaps.gain_usd),
            'unrealizedProfitLossSol', book.plain_number(open.unrealized_sol),
            'totalProfitLossSol', book.plain_number(swaps.gain_sol + open.unrealized_sol),
            'totalSwaps', swaps.swaps,
            'totalClosedTrades', swaps.trades,
            'wonTrades', swaps.won,
            'drawnTrades', swaps.drawn,
            'lostTrades', swaps.lost,
            'winRate', book.plain_number(round(100 * swaps.won / nullif(swaps.trades, 0)::numeric, 4)),
            'averageReturn', book.plain_number(round(swaps.average_return, 4)),
            'totalOpenPositions', open.positions,
            'unpricedPositions', open.unpriced,
            'unpricedCostSol', book.plain_number(open.unpriced_cost_sol)
        )
        from (
            select coalesce(sum(b.balance::numeric), 0) as balance
            from public.agent_balances as b
            where
                b.agent_id = agent
                and b.token_address = book.sol_mint()
                and (wallet is null or b.wallet_address = wallet)
        ) as sol
        cross join (
            select
                count(*) as swaps,
                coalesce(sum(s.proceeds_sol - s.cost_basis_sol), 0) as gain_sol,
                coalesce(sum(s.proceeds_usd - s.cost_basis_usd), 0) as gain_usd,
                count(*) filter (where s.closes_position) as trades,
                count(*) filter (where s.position_profit_sol > 0) as won,
                count(*) filter (where s.position_profit_sol = 0) as drawn,
                count(*) filter (where s.position_profit_sol < 0) as lost,
                avg(100 * s.position_profit_sol / nullif(s.position_invested_sol, 0)) as average_return
            from public.agent_historical_swaps as s
            where s.agent_id = agent and (wallet is null or s.wallet_address = wallet)
        ) as swaps
        cross join (
            select
                count(*) filter (where not p.is_dust) as positions,
                count(*) filter (where v.id is null) as unpriced,
                coalesce(sum(p.cost_basis_sol) filter (where v.id is null), 0) as unpriced_cost_sol,
                coalesce(sum(v.value_sol), 0) as value_sol,
                coalesce(sum(v.value_sol - p.cost_basis_sol), 0) as unrealized_sol
            from public.agent_positions as p
            left join report.position_values as v on v.id = p.id
            where p.agent_id = agent and (wallet is null or p.wallet_address = wallet)
        ) as open
    );
end
$$;

comment on function book.performance_summary(uuid, uuid, text) is
'The summary of an agent, or of one of its wallets, as JSON: gains in SOL and USD, trades (positions that ended with a
sale or burn), win rate and average return in percent. Raises not_found (TB007).';
