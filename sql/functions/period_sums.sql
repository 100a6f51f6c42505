-- The sums of wallet_totals for agents, or one of their wallets, in a period, by group: whole days from the totals, the
-- rest at the ends from the facts. All time, and by the wallet or more: one row a wallet is read.
--
-- Signals and close reasons are in no total: by those, the period's facts are read.
create function book.period_sums(
    agents uuid[], grouped_by text, start_at timestamptz, end_at timestamptz, wallet text
)
returns table (
    key text,
    transactions int,
    volume_sol numeric,
    volume_usd numeric,
    fees_sol numeric,
    fees_usd numeric,
    expenses_sol numeric,
    expenses_usd numeric,
    deposits_sol numeric,
    deposits_usd numeric,
    withdrawals_sol numeric,
    withdrawals_usd numeric,
    swaps int,
    proceeds_sol numeric,
    proceeds_usd numeric,
    cost_sol numeric,
    cost_usd numeric,
    trades_won int,
    trades_drawn int,
    trades_lost int,
    wins_sol numeric,
    losses_sol numeric,
    squares_sol numeric,
    trades_profit_usd numeric,
    invested_sol numeric,
    invested_usd numeric,
    trades_with_return int,
    returns_percent numeric,
    holding_seconds numeric,
    won_holding_seconds numeric,
    lost_holding_seconds numeric
)
language plpgsql
stable
set jit = off
as $$
declare
    by_days constant boolean := grouped_by not in ('signal', 'signal_type', 'source', 'close_reason');
    first_day constant date := ((start_at at time zone 'UTC') + interval '1 day' - interval '1 microsecond')::date;
    last_day constant date := (end_at at time zone 'UTC')::date;
    -- The facts that are in no whole day.
    starts constant timestamptz[] := case
        when by_days and first_day < last_day
            then array[start_at, last_day::timestamp at time zone 'UTC']
        else array[start_at]
    end;
    ends constant timestamptz[] := case
        when by_days and first_day < last_day
            then array[first_day::timestamp at time zone 'UTC', end_at]
        else array[end_at]
    end;
begin
    if grouped_by in ('total', 'agent', 'wallet') and start_at = '-infinity' and end_at = 'infinity' then
        return query
        select
            book.group_key(grouped_by, t.agent_id, t.wallet_address, null, null, null, null, null, null),
            sum(t.transactions)::int,
            sum(t.volume_sol),
            sum(t.volume_usd),
            sum(t.fees_sol),
            sum(t.fees_usd),
            sum(t.expenses_sol),
            sum(t.expenses_usd),
            sum(t.deposits_sol),
            sum(t.deposits_usd),
            sum(t.withdrawals_sol),
            sum(t.withdrawals_usd),
            sum(t.swaps)::int,
            sum(t.proceeds_sol),
            sum(t.proceeds_usd),
            sum(t.cost_sol),
            sum(t.cost_usd),
            sum(t.trades_won)::int,
            sum(t.trades_drawn)::int,
            sum(t.trades_lost)::int,
            sum(t.wins_sol),
            sum(t.losses_sol),
            sum(t.squares_sol),
            sum(t.trades_profit_usd),
            sum(t.invested_sol),
            sum(t.invested_usd),
            sum(t.trades_with_return)::int,
            sum(t.returns_percent),
            sum(t.holding_seconds),
            sum(t.won_holding_seconds),
            sum(t.lost_holding_seconds)
        from public.wallet_totals as t
        where
            t.agent_id = any (agents)
            and t.token_address is null
            and t.day is null
            and (wallet is null or t.wallet_address = wallet)
        group by 1;
        return;
    end if;
    return query
    select
        x.key,
        sum(x.transactions)::int,
        sum(x.volume_sol),
        sum(x.volume_usd),
        sum(x.fees_sol),
        sum(x.fees_usd),
        sum(x.expenses_sol),
        sum(x.expenses_usd),
        sum(x.deposits_sol),
        sum(x.deposits_usd),
        sum(x.withdrawals_sol),
        sum(x.withdrawals_usd),
        sum(x.swaps)::int,
        sum(x.proceeds_sol),
        sum(x.proceeds_usd),
        sum(x.cost_sol),
        sum(x.cost_usd),
        sum(x.trades_won)::int,
        sum(x.trades_drawn)::int,
        sum(x.trades_lost)::int,
        sum(x.wins_sol),
        sum(x.losses_sol),
        sum(x.squares_sol),
        sum(x.trades_profit_usd),
        sum(x.invested_sol),
        sum(x.invested_usd),
        sum(x.trades_with_return)::int,
        sum(x.returns_percent),
        sum(x.holding_seconds),
        sum(x.won_holding_seconds),
        sum(x.lost_holding_seconds)
    from (
        select
            book.group_key(
                grouped_by, w.agent_id, w.wallet_address, w.token_address, w.day, null, null, null, null
            ) as key,
            w.transactions,
            w.volume_sol,
            w.volume_usd,
            w.fees_sol,
            w.fees_usd,
            w.expenses_sol,
            w.expenses_usd,
            w.deposits_sol,
            w.deposits_usd,
            w.withdrawals_sol,
            w.withdrawals_usd,
            w.swaps,
            w.proceeds_sol,
            w.proceeds_usd,
            w.cost_sol,
            w.cost_usd,
            w.trades_won,
            w.trades_drawn,
            w.trades_lost,
            w.wins_sol,
            w.losses_sol,
            w.squares_sol,
            w.trades_profit_usd,
            w.invested_sol,
            w.invested_usd,
            w.trades_with_return,
            w.returns_percent,
            w.holding_seconds,
            w.won_holding_seconds,
            w.lost_holding_seconds
        from (
            select t.*
            from public.wallet_totals as t
            where
                by_days
                and grouped_by <> 'token'
                and t.agent_id = any (agents)
                and t.token_address is null
                and t.day >= first_day
                and t.day < last_day
            union all
            select t.*
            from public.wallet_totals as t
            where
                by_days
                and grouped_by = 'token'
                and t.agent_id = any (agents)
                and t.token_address is not null
                and t.day >= first_day
                and t.day < last_day
        ) as w
        where wallet is null or w.wallet_address = wallet
        union all
        select
            book.group_key(
                grouped_by,
                c.agent_id,
                c.wallet_address,
                c.token_address,
                c.day,
                c.signal_id,
                g.signal_type,
                g.source,
                c.close_reason
            ),
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
        from unnest(starts, ends) as r (start_at, end_at)
        inner join book.contributions as c
            on c.transaction_time >= r.start_at and c.transaction_time < r.end_at
        left join public.trading_signals as g on g.id = c.signal_id
        where
            r.start_at < r.end_at
            and c.agent_id = any (agents)
            and c.voided_at is null
            and (wallet is null or c.wallet_address = wallet)
    ) as x
    group by x.key
    having sum(x.transactions) > 0;
end
$$;

comment on function book.period_sums(uuid[], text, timestamptz, timestamptz, text) is
'The sums of wallet_totals (units: its comments) of agents in the period [start_at, end_at), a row for each group that
has facts. grouped_by: see report.breakdown, or total. wallet: NULL is all.';
