-- What became of each signal, for each user whose agents met it.
create view report.signal_leaderboard with (security_invoker = true) as
select
    x.user_id,
    g.id as signal_id,
    g.token_address,
    g.symbol,
    g.signal_type,
    g.source,
    g.signal_strength,
    g.created_at as signal_created_at,
    coalesce(e.executions, 0) as executions,
    coalesce(e.successes, 0) as successes,
    coalesce(e.failures, 0) as failures,
    coalesce(e.skips, 0) as skips,
    e.skip_reasons,
    coalesce(t.trades, 0) as trades,
    coalesce(t.trades_won, 0) as trades_won,
    coalesce(t.trades_lost, 0) as trades_lost,
    book.round_quotient(100 * t.trades_won::numeric, t.trades) as hit_rate_percent,
    coalesce(t.profit_sol, 0.000000000000000000) as profit_sol,
    coalesce(t.profit_usd, 0.000000000000000000) as profit_usd,
    book.round_quotient(t.profit_sol, t.trades) as expectancy_sol,
    book.round_quotient(100 * t.profit_sol, nullif(t.invested_sol, 0)) as weighted_return_percent,
    book.round_quotient(t.holding_seconds, t.trades) as average_holding_seconds
from public.trading_signals as g
cross join
    lateral (
        select a.user_id
        from public.signal_executions as k
        inner join public.agents as a on a.id = k.agent_id
        where k.signal_id = g.id
        union
        select k.user_id
        from public.agent_historical_swaps as k
        where k.signal_id = g.id and k.closes_position
    ) as x
left join lateral (
    select
        sum(r.executions)::int as executions,
        coalesce(sum(r.executions) filter (where r.status = 'success'), 0)::int as successes,
        coalesce(sum(r.executions) filter (where r.status = 'failed'), 0)::int as failures,
        coalesce(sum(r.executions) filter (where r.status = 'skipped'), 0)::int as skips,
        jsonb_object_agg(r.error, r.executions)
        filter (where r.status = 'skipped') as skip_reasons
    from (
        select
            k.status,
            coalesce(k.error, 'no reason given') as error,
            count(*) as executions
        from public.signal_executions as k
        inner join public.agents as a on a.id = k.agent_id
        where k.signal_id = g.id and a.user_id = x.user_id
        group by 1, 2
    ) as r
) as e on true
left join lateral (
    select
        count(*)::int as trades,
        count(*) filter (where k.position_profit_sol > 0)::int as trades_won,
        count(*) filter (where k.position_profit_sol < 0)::int as trades_lost,
        sum(k.position_profit_sol) as profit_sol,
        sum(k.position_profit_usd) as profit_usd,
        sum(k.position_invested_sol) as invested_sol,
        sum(extract(epoch from k.position_closed_at - k.purchase_time)) as holding_seconds
    from public.agent_historical_swaps as k
    where k.signal_id = g.id and k.closes_position and k.user_id = x.user_id
    having count(*) > 0
) as t on true;

comment on view report.signal_leaderboard is
'What became of each signal, a row for each user whose agents met it: executions with the reasons of the skips, and the
trades that it opened and that have ended. Mind the number of trades before believing a rate.';
comment on column report.signal_leaderboard.user_id is 'Whose agents.';
comment on column report.signal_leaderboard.signal_id is 'The signal.';
comment on column report.signal_leaderboard.token_address is 'Mint of its token.';
comment on column report.signal_leaderboard.symbol is 'Symbol of its token.';
comment on column report.signal_leaderboard.signal_type is 'Its type.';
comment on column report.signal_leaderboard.source is 'Its source.';
comment on column report.signal_leaderboard.signal_strength is 'Its strength, 1 to 5.';
comment on column report.signal_leaderboard.signal_created_at is 'When it came.';
comment on column report.signal_leaderboard.executions is 'Agents of the user that looked at it.';
comment on column report.signal_leaderboard.successes is 'Those that traded.';
comment on column report.signal_leaderboard.failures is 'Those that failed to.';
comment on column report.signal_leaderboard.skips is 'Those that skipped it.';
comment on column report.signal_leaderboard.skip_reasons is
'Skips by reason, a JSON object of counts; NULL without skips.';
comment on column report.signal_leaderboard.trades is
'Positions that it opened and that have ended with a sale or burn.';
comment on column report.signal_leaderboard.trades_won is 'Those with a gain above 0 SOL.';
comment on column report.signal_leaderboard.trades_lost is 'Those with a gain below 0 SOL.';
comment on column report.signal_leaderboard.hit_rate_percent is 'trades_won in percent of trades.';
comment on column report.signal_leaderboard.profit_sol is 'Sum of the trades'' gains, SOL, exact.';
comment on column report.signal_leaderboard.profit_usd is 'Sum of the trades'' gains, USD, exact.';
comment on column report.signal_leaderboard.expectancy_sol is 'Average gain: profit_sol / trades.';
comment on column report.signal_leaderboard.weighted_return_percent is
'profit_sol in percent of all cost that they took in.';
comment on column report.signal_leaderboard.average_holding_seconds is 'Average time from open to closed.';
