-- The summary of an agent, or of one of its wallets, as the HTTP service shows it: report.performance and the SOL held.
--
-- Raises not_found where the agent is not the owner's, or the wallet not the agent's: zeros would say of a mistyped
-- address that it earned nothing.
create function book.performance_summary(
    owner uuid, agent uuid, start_at timestamptz, end_at timestamptz, wallet text
)
returns json
language plpgsql
stable
set jit = off
as $$
declare
    summary json;
begin
    select row_to_json(shown)
    into summary
    from (
        select
            agent as "agentId",
            wallet as "walletAddress",
            book.plain_number(sol.balance) as "solBalance",
            book.plain_number(sol.balance + p.open_value_sol) as "portfolioBalanceSol",
            p.transactions as "totalTransactions",
            p.swaps as "totalSwaps",
            p.trades as "totalClosedTrades",
            p.trades_won as "wonTrades",
            p.trades_drawn as "drawnTrades",
            p.trades_lost as "lostTrades",
            book.plain_number(p.realized_gain_sol) as "realizedProfitLossSol",
            book.plain_number(p.realized_gain_usd) as "realizedProfitLossUsd",
            book.plain_number(p.proceeds_sol) as "proceedsSol",
            book.plain_number(p.proceeds_usd) as "proceedsUsd",
            book.plain_number(p.cost_sol) as "costSol",
            book.plain_number(p.cost_usd) as "costUsd",
            book.plain_number(p.volume_sol) as "volumeSol",
            book.plain_number(p.volume_usd) as "volumeUsd",
            book.plain_number(p.fees_sol) as "feesSol",
            book.plain_number(p.fees_usd) as "feesUsd",
            book.plain_number(p.expenses_sol) as "expensesSol",
            book.plain_number(p.expenses_usd) as "expensesUsd",
            book.plain_number(p.deposits_sol) as "depositsSol",
            book.plain_number(p.deposits_usd) as "depositsUsd",
            book.plain_number(p.withdrawals_sol) as "withdrawalsSol",
            book.plain_number(p.withdrawals_usd) as "withdrawalsUsd",
            book.plain_number(p.trades_profit_sol) as "tradesProfitSol",
            book.plain_number(p.trades_profit_usd) as "tradesProfitUsd",
            book.plain_number(p.invested_sol) as "investedSol",
            book.plain_number(p.invested_usd) as "investedUsd",
            book.plain_number(p.wins_sol) as "winsSol",
            book.plain_number(p.losses_sol) as "lossesSol",
            book.plain_number(p.win_rate_percent) as "winRate",
            book.plain_number(p.expectancy_sol) as "expectancySol",
            book.plain_number(p.expectancy_usd) as "expectancyUsd",
            book.plain_number(p.average_return_percent) as "averageReturn",
            book.plain_number(p.weighted_return_percent) as "weightedReturnPercent",
            book.plain_number(p.average_win_sol) as "averageWinSol",
            book.plain_number(p.average_loss_sol) as "averageLossSol",
            book.plain_number(p.payoff_ratio) as "payoffRatio",
            book.plain_number(p.profit_factor) as "profitFactor",
            book.plain_number(p.expectancy_ratio) as "expectancyRatio",
            book.plain_number(p.sqn) as "sqn",
            book.plain_number(p.average_holding_seconds) as "averageHoldingSeconds",
            book.plain_number(p.average_holding_seconds_won) as "averageHoldingSecondsWon",
            book.plain_number(p.average_holding_seconds_lost) as "averageHoldingSecondsLost",
            p.open_positions as "totalOpenPositions",
            book.plain_number(p.open_cost_sol) as "openCostSol",
            book.plain_number(p.open_value_sol) as "positionsValueSol",
            book.plain_number(p.unrealized_gain_sol) as "unrealizedProfitLossSol",
            book.plain_number(p.unrealized_gain_percent) as "unrealizedGainPercent",
            p.unpriced_positions as "unpricedPositions",
            book.plain_number(p.unpriced_cost_sol) as "unpricedCostSol",
            book.plain_number(p.oldest_price_seconds) as "oldestPriceSeconds",
            book.plain_number(p.unrealized_change_sol) as "unrealizedChangeSol",
            p.unpriced_changes as "unpricedChanges",
            book.plain_number(p.total_gain_sol) as "totalProfitLossSol"
        from public.agents as a
        cross join lateral report.performance(agent, start_at, end_at, wallet) as p
        cross join (
            select coalesce(sum(b.balance::numeric), 0) as balance
            from public.agent_balances as b
            where
                b.agent_id = agent
                and b.token_address = book.sol_mint()
                and (wallet is null or b.wallet_address = wallet)
        ) as sol
        where a.id = agent and a.user_id = owner
    ) as shown;
    if summary is null then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    if wallet is not null and not exists (
        select from public.agent_wallets as w where w.agent_id = agent and w.wallet_address = wallet
    ) then
        perform book.refuse('not_found', 'wallet_address', 'the agent has no such wallet');
    end if;
    return summary;
end
$$;

comment on function book.performance_summary(uuid, uuid, timestamptz, timestamptz, text) is
'The summary of an agent, or of one of its wallets, in the period [start_at, end_at) as JSON, numbers as plain text:
report.performance, with the SOL held now. Percentages are percent. Raises not_found (TB007).';
