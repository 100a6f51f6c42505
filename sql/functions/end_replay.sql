-- Ends a replay that went from one instant to another: its snapshots, and what each agent made of it.
create function book.end_replay(start_at timestamptz, end_at timestamptz)
returns table (
    agent_name text,
    figures jsonb
)
language plpgsql
volatile
as $$
begin
    perform book.backfill_snapshots_of(w.wallet_address, start_at, end_at + interval '1 hour')
    from public.agent_wallets as w;
    return query
    select
        a.name::text,
        jsonb_build_object(
            'end value SOL', book.plain_number(round(h.portfolio_sol, 4)),
            'realized gain SOL', book.plain_number(round(p.realized_gain_sol, 4)),
            'unrealized gain SOL', book.plain_number(round(h.portfolio_sol - p.deposits_sol - p.realized_gain_sol, 4)),
            'fees SOL', book.plain_number(round(p.fees_sol, 6)),
            'trades closed', book.plain_number(p.trades),
            'won %', book.plain_number(round(p.win_rate_percent, 1)),
            'profit factor', book.plain_number(round(p.profit_factor, 3)),
            'expectancy SOL', book.plain_number(round(p.expectancy_sol, 4)),
            'maximum drawdown %', book.plain_number(round(100 * s.maximum_drawdown_ratio, 2)),
            'open positions', book.plain_number(p.open_positions),
            'signals followed', book.plain_number(e.followed),
            'signals skipped', book.plain_number(e.skipped),
            'signals failed', book.plain_number(e.failed)
        )
    from public.agents as a
    cross join lateral report.performance(a.id) as p
    cross join lateral report.statistics(a.id) as s
    left join lateral (
        select
            k.portfolio_balance_sol as portfolio_sol
        from public.agent_balance_snapshots as k
        where k.agent_id = a.id
        order by k.snapshot_timestamp desc
        limit 1
    ) as h on true
    cross join lateral (
        select
            count(*) filter (where k.status = 'success') as followed,
            count(*) filter (where k.status = 'skipped') as skipped,
            count(*) filter (where k.status = 'failed') as failed
        from public.signal_executions as k
        where k.agent_id = a.id
    ) as e
    order by a.name;
end
$$;

comment on function book.end_replay(timestamptz, timestamptz) is
'Ends a replay: for each agent the figures that a person compares, by their names with units, rounded for the eye.';
