-- The summary of an agent, or of one of its wallets, as the HTTP service shows it: report.performance and the SOL held.
--
-- Raises not_found where the agent is not the owner's, or the wallet not the agent's: zeros would say of a mistyped
-- address that it earned nothing.
create function book.performance_summary(owner uuid, parameters jsonb)
returns api.performance
language plpgsql
stable
set jit = off
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'performance_summary');
    agent constant uuid := asked ->> 'agentId';
    wallet constant text := asked ->> 'walletAddress';
    period constant tstzrange := book.read_period(asked);
    summary api.performance;
begin
    perform book.require_agent(owner, agent, wallet);
    select
        agent,
        wallet,
        book.plain_number(sol.balance),
        book.plain_number(sol.balance + p.open_value_sol),
        p.transactions,
        p.swaps,
        p.trades,
        p.trades_won,
        p.trades_drawn,
        p.trades_lost,
        book.plain_number(p.realized_gain_sol),
        book.plain_number(p.realized_gain_usd),
        book.plain_number(p.proceeds_sol),
        book.plain_number(p.proceeds_usd),
        book.plain_number(p.cost_sol),
        book.plain_number(p.cost_usd),
        book.plain_number(p.volume_sol),
        book.plain_number(p.volume_usd),
        book.plain_number(p.fees_sol),
        book.plain_number(p.fees_usd),
        book.plain_number(p.expenses_sol),
        book.plain_number(p.expenses_usd),
        book.plain_number(p.deposits_sol),
        book.plain_number(p.deposits_usd),
        book.plain_number(p.withdrawals_sol),
        book.plain_number(p.withdrawals_usd),
        book.plain_number(p.trades_profit_sol),
        book.plain_number(p.trades_profit_usd),
        book.plain_number(p.invested_sol),
        book.plain_number(p.invested_usd),
        book.plain_number(p.wins_sol),
        book.plain_number(p.losses_sol),
        book.plain_number(p.win_rate_percent),
        book.plain_number(p.expectancy_sol),
        book.plain_number(p.expectancy_usd),
        book.plain_number(p.average_return_percent),
        book.plain_number(p.weighted_return_percent),
        book.plain_number(p.average_win_sol),
        book.plain_number(p.average_loss_sol),
        book.plain_number(p.payoff_ratio),
        book.plain_number(p.profit_factor),
        book.plain_number(p.expectancy_ratio),
        book.plain_number(p.sqn),
        book.plain_number(p.average_holding_seconds),
        book.plain_number(p.average_holding_seconds_won),
        book.plain_number(p.average_holding_seconds_lost),
        p.open_positions,
        book.plain_number(p.open_cost_sol),
        book.plain_number(p.open_value_sol),
        book.plain_number(p.unrealized_gain_sol),
        book.plain_number(p.unrealized_gain_percent),
        p.unpriced_positions,
        book.plain_number(p.unpriced_cost_sol),
        book.plain_number(p.oldest_price_seconds),
        book.plain_number(p.unrealized_change_sol),
        p.unpriced_changes,
        book.plain_number(p.total_gain_sol)
    into summary
    from report.performance(agent, lower(period), upper(period), wallet) as p
    cross join (
        select coalesce(sum(b.balance::numeric), 0) as balance
        from public.agent_balances as b
        where
            b.agent_id = agent
            and b.token_address = book.sol_mint()
            and (wallet is null or b.wallet_address = wallet)
    ) as sol;
    return summary;
end
$$;

comment on function book.performance_summary(uuid, jsonb) is
'The summary of an agent, or of one of its wallets, in a period: report.performance, with the SOL held now. parameters:
those of the URL. Raises not_found (TB007) and what book.read_parameters and book.read_period raise.';
