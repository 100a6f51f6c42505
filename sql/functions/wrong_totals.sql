-- Where the totals of a wallet are not the sums of what its facts, sales and trades count for.
--
-- A row per column that differs. A row of nothing but zeros is as good as none: it is left where facts were voided.
create function book.wrong_totals(wallet text)
returns table (token_address text, day date, sum_name text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        coalesce(e.token_address, a.token_address),
        coalesce(e.day, a.day),
        n.name,
        coalesce((e.sums ->> n.name)::numeric, 0),
        coalesce((a.sums ->> n.name)::numeric, 0)
    from (
        select
            g.token_address,
            g.day,
            to_jsonb(g) as sums
        from (
            select
                c.token_address,
                c.day,
                sum(c.transactions) as transactions,
                sum(c.volume_sol) as volume_sol,
                sum(c.volume_usd) as volume_usd,
                sum(c.fees_sol) as fees_sol,
                sum(c.fees_usd) as fees_usd,
                sum(c.expenses_sol) as expenses_sol,
                sum(c.expenses_usd) as expenses_usd,
                sum(c.deposits_sol) as deposits_sol,
                sum(c.deposits_usd) as deposits_usd,
                sum(c.withdrawals_sol) as withdrawals_sol,
                sum(c.withdrawals_usd) as withdrawals_usd,
                sum(c.swaps) as swaps,
                sum(c.proceeds_sol) as proceeds_sol,
                sum(c.proceeds_usd) as proceeds_usd,
                sum(c.cost_sol) as cost_sol,
                sum(c.cost_usd) as cost_usd,
                sum(c.trades_won) as trades_won,
                sum(c.trades_drawn) as trades_drawn,
                sum(c.trades_lost) as trades_lost,
                sum(c.wins_sol) as wins_sol,
                sum(c.losses_sol) as losses_sol,
                sum(c.squares_sol) as squares_sol,
                sum(c.trades_profit_usd) as trades_profit_usd,
                sum(c.invested_sol) as invested_sol,
                sum(c.invested_usd) as invested_usd,
                sum(c.trades_with_return) as trades_with_return,
                sum(c.returns_percent) as returns_percent,
                sum(c.holding_seconds) as holding_seconds,
                sum(c.won_holding_seconds) as won_holding_seconds,
                sum(c.lost_holding_seconds) as lost_holding_seconds
            from book.contributions as c
            where c.agent_id = book.agent_of(wallet) and c.wallet_address = wallet and c.voided_at is null
            group by grouping sets ((c.token_address, c.day), (c.day), ())
        ) as g
    ) as e
    full outer join (
        select
            t.token_address,
            t.day,
            to_jsonb(t) as sums
        from public.wallet_totals as t
        where t.agent_id = book.agent_of(wallet) and t.wallet_address = wallet
    ) as a on coalesce(a.token_address, '') = coalesce(e.token_address, '')
    and coalesce(a.day, '-infinity') = coalesce(e.day, '-infinity')
    cross join lateral (
        select k.name::text
        from jsonb_object_keys(coalesce(a.sums, e.sums)) as k (name)
        where k.name not in ('agent_id', 'user_id', 'wallet_address', 'token_address', 'day')
    ) as n
    where coalesce((e.sums ->> n.name)::numeric, 0) <> coalesce((a.sums ->> n.name)::numeric, 0)
$$;

comment on function book.wrong_totals(text) is
'Where wallet_totals of a wallet differs from the sums over its rows: token and day (NULL is all), the column, what the
rows say and what is stored.';
