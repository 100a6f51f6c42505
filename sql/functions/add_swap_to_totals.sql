-- Adds what one SWAP counts for to the totals of its wallet: to the same three rows as book.add_totals, without
-- grouping. The caller holds the wallet's lock.
create function book.add_swap_to_totals(swap uuid)
returns void
language plpgsql
volatile
as $$
declare
    c book.contributions;
    rows_changed int;
begin
    select k.* into c from book.contributions as k where k.id = swap;
    update public.wallet_totals as w
    set
        transactions = w.transactions + c.transactions,
        volume_sol = w.volume_sol + c.volume_sol,
        volume_usd = w.volume_usd + c.volume_usd,
        fees_sol = w.fees_sol + c.fees_sol,
        fees_usd = w.fees_usd + c.fees_usd,
        swaps = w.swaps + c.swaps,
        proceeds_sol = w.proceeds_sol + c.proceeds_sol,
        proceeds_usd = w.proceeds_usd + c.proceeds_usd,
        cost_sol = w.cost_sol + c.cost_sol,
        cost_usd = w.cost_usd + c.cost_usd,
        trades_won = w.trades_won + c.trades_won,
        trades_drawn = w.trades_drawn + c.trades_drawn,
        trades_lost = w.trades_lost + c.trades_lost,
        wins_sol = w.wins_sol + c.wins_sol,
        losses_sol = w.losses_sol + c.losses_sol,
        squares_sol = w.squares_sol + c.squares_sol,
        trades_profit_usd = w.trades_profit_usd + c.trades_profit_usd,
        invested_sol = w.invested_sol + c.invested_sol,
        invested_usd = w.invested_usd + c.invested_usd,
        trades_with_return = w.trades_with_return + c.trades_with_return,
        returns_percent = w.returns_percent + c.returns_percent,
        holding_seconds = w.holding_seconds + c.holding_seconds,
        won_holding_seconds = w.won_holding_seconds + c.won_holding_seconds,
        lost_holding_seconds = w.lost_holding_seconds + c.lost_holding_seconds
    -- One by one, each by its key: with "or" between them, a planner that takes agent and wallet for independent of each
    -- other expects a single row of a wallet, and reads all of its days and tokens.
    where w.ctid = any (array(
        select k.ctid
        from public.wallet_totals as k
        where
            k.agent_id = c.agent_id
            and k.wallet_address = c.wallet_address
            and k.token_address = c.token_address
            and k.day = c.day
        union all
        select k.ctid
        from public.wallet_totals as k
        where
            k.agent_id = c.agent_id
            and k.wallet_address = c.wallet_address
            and k.token_address is null
            and k.day = c.day
        union all
        select k.ctid
        from public.wallet_totals as k
        where
            k.agent_id = c.agent_id
            and k.wallet_address = c.wallet_address
            and k.token_address is null
            and k.day is null
    ));
    get diagnostics rows_changed = row_count;
    if rows_changed < 3 then
        -- Those that were there have it already.
        insert into public.wallet_totals (
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
            n.token_address,
            n.day,
            c.transactions,
            c.volume_sol,
            c.volume_usd,
            c.fees_sol,
            c.fees_usd,
            c.expenses_sol,
            c.expenses_usd,
            c.deposits_sol,
            c.deposits_usd,
            c.withdrawals_sol,
            c.withdrawals_usd,
            c.swaps,
            c.proceeds_sol,
            c.proceeds_usd,
            c.cost_sol,
            c.cost_usd,
            c.trades_won,
            c.trades_drawn,
            c.trades_lost,
            c.wins_sol,
            c.losses_sol,
            c.squares_sol,
            c.trades_profit_usd,
            c.invested_sol,
            c.invested_usd,
            c.trades_with_return,
            c.returns_percent,
            c.holding_seconds,
            c.won_holding_seconds,
            c.lost_holding_seconds
        from (values (c.token_address, c.day), (null, c.day), (null, null)) as n (token_address, day)
        on conflict (agent_id, token_address, day, wallet_address) do nothing;
    end if;
end
$$;

comment on function book.add_swap_to_totals(uuid) is
'Adds what one SWAP counts for (book.contributions) to wallet_totals.';
