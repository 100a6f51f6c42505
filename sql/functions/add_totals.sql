-- Adds what facts count for to the totals of their wallets, or takes it away. The caller holds the wallets' locks.
create function book.add_totals(sign int, fact_ids uuid[])
returns void
language plpgsql
volatile
as $$
begin
    insert into public.wallet_totals as w (
        agent_id,
        user_id,
        wallet_address,
        token_address,
        day,
        transactions,
        volume_sol,
        volume_usd,
        fees_sol,
        fees_usd,
        expenses_sol,
        expenses_usd,
        deposits_sol,
        deposits_usd,
        withdrawals_sol,
        withdrawals_usd,
        swaps,
        proceeds_sol,
        proceeds_usd,
        cost_sol,
        cost_usd,
        trades_won,
        trades_drawn,
        trades_lost,
        wins_sol,
        losses_sol,
        squares_sol,
        trades_profit_usd,
        invested_sol,
        invested_usd,
        trades_with_return,
        returns_percent,
        holding_seconds,
        won_holding_seconds,
        lost_holding_seconds
    )
    select
        c.agent_id,
        c.user_id,
        c.wallet_address,
        c.token_address,
        c.day,
        sign * sum(c.transactions),
        sign * sum(c.volume_sol),
        sign * sum(c.volume_usd),
        sign * sum(c.fees_sol),
        sign * sum(c.fees_usd),
        sign * sum(c.expenses_sol),
        sign * sum(c.expenses_usd),
        sign * sum(c.deposits_sol),
        sign * sum(c.deposits_usd),
        sign * sum(c.withdrawals_sol),
        sign * sum(c.withdrawals_usd),
        sign * sum(c.swaps),
        sign * sum(c.proceeds_sol),
        sign * sum(c.proceeds_usd),
        sign * sum(c.cost_sol),
        sign * sum(c.cost_usd),
        sign * sum(c.trades_won),
        sign * sum(c.trades_drawn),
        sign * sum(c.trades_lost),
        sign * sum(c.wins_sol),
        sign * sum(c.losses_sol),
        sign * sum(c.squares_sol),
        sign * sum(c.trades_profit_usd),
        sign * sum(c.invested_sol),
        sign * sum(c.invested_usd),
        sign * sum(c.trades_with_return),
        sign * sum(c.returns_percent),
        sign * sum(c.holding_seconds),
        sign * sum(c.won_holding_seconds),
        sign * sum(c.lost_holding_seconds)
    from (select distinct u.id from unnest(fact_ids) as u (id)) as f
    -- Each by its key: else a planner that believes the table empty reads all of it.
    cross join lateral (
        select k.*
        from book.contributions as k
        where k.id = f.id
        offset 0
    ) as c
    group by grouping sets (
        (c.agent_id, c.user_id, c.wallet_address, c.token_address, c.day),
        (c.agent_id, c.user_id, c.wallet_address, c.day),
        (c.agent_id, c.user_id, c.wallet_address)
    )
    on conflict (agent_id, token_address, day, wallet_address) do update set
        transactions = w.transactions + excluded.transactions,
        volume_sol = w.volume_sol + excluded.volume_sol,
        volume_usd = w.volume_usd + excluded.volume_usd,
        fees_sol = w.fees_sol + excluded.fees_sol,
        fees_usd = w.fees_usd + excluded.fees_usd,
        expenses_sol = w.expenses_sol + excluded.expenses_sol,
        expenses_usd = w.expenses_usd + excluded.expenses_usd,
        deposits_sol = w.deposits_sol + excluded.deposits_sol,
        deposits_usd = w.deposits_usd + excluded.deposits_usd,
        withdrawals_sol = w.withdrawals_sol + excluded.withdrawals_sol,
        withdrawals_usd = w.withdrawals_usd + excluded.withdrawals_usd,
        swaps = w.swaps + excluded.swaps,
        proceeds_sol = w.proceeds_sol + excluded.proceeds_sol,
        proceeds_usd = w.proceeds_usd + excluded.proceeds_usd,
        cost_sol = w.cost_sol + excluded.cost_sol,
        cost_usd = w.cost_usd + excluded.cost_usd,
        trades_won = w.trades_won + excluded.trades_won,
        trades_drawn = w.trades_drawn + excluded.trades_drawn,
        trades_lost = w.trades_lost + excluded.trades_lost,
        wins_sol = w.wins_sol + excluded.wins_sol,
        losses_sol = w.losses_sol + excluded.losses_sol,
        squares_sol = w.squares_sol + excluded.squares_sol,
        trades_profit_usd = w.trades_profit_usd + excluded.trades_profit_usd,
        invested_sol = w.invested_sol + excluded.invested_sol,
        invested_usd = w.invested_usd + excluded.invested_usd,
        trades_with_return = w.trades_with_return + excluded.trades_with_return,
        returns_percent = w.returns_percent + excluded.returns_percent,
        holding_seconds = w.holding_seconds + excluded.holding_seconds,
        won_holding_seconds = w.won_holding_seconds + excluded.won_holding_seconds,
        lost_holding_seconds = w.lost_holding_seconds + excluded.lost_holding_seconds;
end
$$;

comment on function book.add_totals(int, uuid[]) is
'Adds what facts count for to wallet_totals (sign 1), or takes it away (sign -1).';
