-- What an agent has earned by group, as the HTTP service shows it: report.breakdown.
--
-- asked: parameters that book.read_parameters has read, with owner.
create function book.breakdown_of(asked jsonb)
returns setof api.breakdown
language plpgsql
stable
set jit = off
as $$
declare
    period constant tstzrange := book.read_period(asked);
begin
    perform book.require_agent((asked ->> 'owner')::uuid, (asked ->> 'agentId')::uuid, asked ->> 'walletAddress');
    return query
    select
        row_number() over (order by g.key),
        g.key,
        g.label,
        g.transactions,
        g.swaps,
        g.trades,
        g.trades_won,
        g.trades_drawn,
        g.trades_lost,
        book.plain_number(g.realized_gain_sol),
        book.plain_number(g.realized_gain_usd),
        book.plain_number(g.proceeds_sol),
        book.plain_number(g.proceeds_usd),
        book.plain_number(g.cost_sol),
        book.plain_number(g.cost_usd),
        book.plain_number(g.volume_sol),
        book.plain_number(g.volume_usd),
        book.plain_number(g.fees_sol),
        book.plain_number(g.fees_usd),
        book.plain_number(g.expenses_sol),
        book.plain_number(g.expenses_usd),
        book.plain_number(g.deposits_sol),
        book.plain_number(g.deposits_usd),
        book.plain_number(g.withdrawals_sol),
        book.plain_number(g.withdrawals_usd),
        book.plain_number(g.trades_profit_sol),
        book.plain_number(g.trades_profit_usd),
        book.plain_number(g.invested_sol),
        book.plain_number(g.invested_usd),
        book.plain_number(g.wins_sol),
        book.plain_number(g.losses_sol),
        book.plain_number(g.win_rate_percent),
        book.plain_number(g.expectancy_sol),
        book.plain_number(g.expectancy_usd),
        book.plain_number(g.average_return_percent),
        book.plain_number(g.weighted_return_percent),
        book.plain_number(g.average_win_sol),
        book.plain_number(g.average_loss_sol),
        book.plain_number(g.payoff_ratio),
        book.plain_number(g.profit_factor),
        book.plain_number(g.expectancy_ratio),
        book.plain_number(g.sqn),
        book.plain_number(g.average_holding_seconds),
        book.plain_number(g.average_holding_seconds_won),
        book.plain_number(g.average_holding_seconds_lost),
        book.plain_number(g.median_gain_sol),
        book.plain_number(g.median_return_percent),
        book.plain_number(g.best_gain_sol),
        book.plain_number(g.worst_gain_sol),
        g.longest_winning_streak,
        g.longest_losing_streak,
        book.plain_number(g.median_holding_seconds),
        book.plain_number(g.median_holding_seconds_won),
        book.plain_number(g.median_holding_seconds_lost),
        g.open_positions,
        book.plain_number(g.open_cost_sol),
        book.plain_number(g.open_value_sol),
        book.plain_number(g.unrealized_gain_sol),
        book.plain_number(g.unrealized_gain_percent),
        g.unpriced_positions,
        book.plain_number(g.unpriced_cost_sol),
        book.plain_number(g.oldest_price_seconds)
    from report.breakdown(
        (asked ->> 'agentId')::uuid,
        lower(regexp_replace(asked ->> 'by', '([A-Z])', '_\1', 'g')),
        lower(period),
        upper(period),
        asked ->> 'walletAddress'
    ) as g;
end
$$;

comment on function book.breakdown_of(jsonb) is
'What an agent, or one of its wallets, has earned in a period by group: report.breakdown, for a list of api.lists.
Raises
not_found (TB007) and what book.read_period raises.';
