-- The figures of an agent, or of one of its wallets, in a period by token, signal, reason or time.
create function report.breakdown(
    agent uuid,
    grouped_by text,
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
    key text,
    label text,
    transactions int,
    swaps int,
    trades int,
    trades_won int,
    trades_drawn int,
    trades_lost int,
    realized_gain_sol numeric,
    realized_gain_usd numeric,
    proceeds_sol numeric,
    proceeds_usd numeric,
    cost_sol numeric,
    cost_usd numeric,
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
    trades_profit_sol numeric,
    trades_profit_usd numeric,
    invested_sol numeric,
    invested_usd numeric,
    wins_sol numeric,
    losses_sol numeric,
    win_rate_percent numeric,
    expectancy_sol numeric,
    expectancy_usd numeric,
    average_return_percent numeric,
    weighted_return_percent numeric,
    average_win_sol numeric,
    average_loss_sol numeric,
    payoff_ratio numeric,
    profit_factor numeric,
    expectancy_ratio numeric,
    sqn numeric,
    average_holding_seconds numeric,
    average_holding_seconds_won numeric,
    average_holding_seconds_lost numeric,
    median_gain_sol numeric,
    median_return_percent numeric,
    best_gain_sol numeric,
    worst_gain_sol numeric,
    longest_winning_streak int,
    longest_losing_streak int,
    median_holding_seconds numeric,
    median_holding_seconds_won numeric,
    median_holding_seconds_lost numeric,
    open_positions int,
    open_cost_sol numeric,
    open_value_sol numeric,
    unrealized_gain_sol numeric,
    unrealized_gain_percent numeric,
    unpriced_positions int,
    unpriced_cost_sol numeric,
    oldest_price_seconds numeric
)
language plpgsql
stable
set jit = off
as $$
begin
    start_at := coalesce(start_at, '-infinity');
    end_at := coalesce(end_at, 'infinity');
    if grouped_by is null or grouped_by <> all (array[
        'agent', 'wallet', 'token', 'signal', 'signal_type', 'source', 'close_reason', 'day', 'week', 'month'
    ]) then
        perform book.refuse(
            'choice_unknown',
            'grouped_by',
            'grouped_by is one of agent, wallet, token, signal, signal_type, source, close_reason, day, week and month'
        );
    end if;
    return query
    select
        p.key,
        book.group_label(agent, grouped_by, p.key),
        p.transactions,
        p.swaps,
        p.trades,
        p.trades_won,
        p.trades_drawn,
        p.trades_lost,
        p.realized_gain_sol,
        p.realized_gain_usd,
        p.proceeds_sol,
        p.proceeds_usd,
        p.cost_sol,
        p.cost_usd,
        p.volume_sol,
        p.volume_usd,
        p.fees_sol,
        p.fees_usd,
        p.expenses_sol,
        p.expenses_usd,
        p.deposits_sol,
        p.deposits_usd,
        p.withdrawals_sol,
        p.withdrawals_usd,
        p.trades_profit_sol,
        p.trades_profit_usd,
        p.invested_sol,
        p.invested_usd,
        p.wins_sol,
        p.losses_sol,
        p.win_rate_percent,
        p.expectancy_sol,
        p.expectancy_usd,
        p.average_return_percent,
        p.weighted_return_percent,
        p.average_win_sol,
        p.average_loss_sol,
        p.payoff_ratio,
        p.profit_factor,
        p.expectancy_ratio,
        p.sqn,
        p.average_holding_seconds,
        p.average_holding_seconds_won,
        p.average_holding_seconds_lost,
        m.median_gain_sol,
        m.median_return_percent,
        m.best_gain_sol,
        m.worst_gain_sol,
        m.longest_winning_streak,
        m.longest_losing_streak,
        m.median_holding_seconds,
        m.median_holding_seconds_won,
        m.median_holding_seconds_lost,
        p.open_positions,
        p.open_cost_sol,
        p.open_value_sol,
        p.unrealized_gain_sol,
        p.unrealized_gain_percent,
        p.unpriced_positions,
        p.unpriced_cost_sol,
        p.oldest_price_seconds
    from book.grouped_performance(array[agent], grouped_by, start_at, end_at, wallet) as p
    left join (
        select
            book.group_key(
                grouped_by,
                t.agent_id,
                t.wallet_address,
                t.token_address,
                (t.closed_at at time zone 'UTC')::date,
                t.signal_id,
                g.signal_type,
                g.source,
                t.close_reason
            ) as key,
            array_agg(t.closed_at order by t.closed_at, t.id) as closed_at,
            array_agg(t.profit_sol order by t.closed_at, t.id) as gains_sol,
            array_agg(t.return_percent order by t.closed_at, t.id) as returns_percent,
            array_agg(t.holding_seconds::numeric order by t.closed_at, t.id) as holding_seconds
        from report.trades as t
        left join public.trading_signals as g on g.id = t.signal_id
        where
            t.agent_id = agent
            and t.closed_at >= start_at
            and t.closed_at < end_at
            and (wallet is null or t.wallet_address = wallet)
        group by 1
    -- In arrays, NULL equals NULL.
    ) as t on array[t.key] = array[p.key]
    left join lateral book.statistics_of_trades(
        t.closed_at, t.gains_sol, t.returns_percent, t.holding_seconds, null
    ) as m on t.closed_at is not null
    order by p.key;
end
$$;

comment on function report.breakdown(uuid, text, timestamptz, timestamptz, text) is
'The figures of report.performance, and of report.statistics those of trades, by group: a row for each that has
transactions in the period [start_at, end_at), or holds something now.
A bound that is NULL is none. grouped_by: agent, wallet, token, signal,
signal_type, source, close_reason, day, week (named by its Monday) or month, UTC. key: the group as text, NULL where there
is none (no signal, no reason); label: its name for people. A sale and a trade belong to the signal that opened the
position; fees and volume of a buy to its own signal. A trade is in the group and period of its end. What is held now:
NULL by close_reason, day, week and month. The sums of the groups are those of report.performance, to the last digit.
Raises choice_unknown (TB022).';
