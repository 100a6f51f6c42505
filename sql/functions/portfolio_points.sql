-- The snapshots that make up each point of an agent's curve: the last instant of each hour, day, week or month at which
-- any of the wallets has a snapshot, and each wallet's snapshot then, or its last one before.
--
-- Looked up by the index, one for each point and wallet: the hours between are not read.
create function book.portfolio_points(
    agent uuid, start_at timestamptz, end_at timestamptz, wallet text, granularity text
)
returns table (
    point_at timestamptz,
    wallet_address text,
    snapshot_at timestamptz,
    portfolio_sol numeric,
    sol_balance numeric,
    positions_value_sol numeric,
    unrealized_sol numeric
)
language sql
stable
as $$
    with wallets as materialized (
        select
            w.agent_id,
            w.wallet_address,
            base.snapshot_timestamp as base_at,
            oldest.snapshot_timestamp as first_at,
            newest.snapshot_timestamp as last_at
        from public.agent_wallets as w
        left join lateral (
            select s.snapshot_timestamp from public.agent_balance_snapshots as s
            where
                s.agent_id = w.agent_id and s.wallet_address = w.wallet_address and s.snapshot_timestamp < start_at
            order by s.snapshot_timestamp desc
            limit 1
        ) as base on true
        left join lateral (
            select s.snapshot_timestamp from public.agent_balance_snapshots as s
            where
                s.agent_id = w.agent_id and s.wallet_address = w.wallet_address and s.snapshot_timestamp >= start_at
            order by s.snapshot_timestamp
            limit 1
        ) as oldest on true
        left join lateral (
            select s.snapshot_timestamp from public.agent_balance_snapshots as s
            where s.agent_id = w.agent_id and s.wallet_address = w.wallet_address and s.snapshot_timestamp < end_at
            order by s.snapshot_timestamp desc
            limit 1
        ) as newest on true
        where w.agent_id = agent and (wallet is null or w.wallet_address = wallet)
    ),

    buckets as (
        -- Of times without a zone: steps of a day would else follow the session's.
        select
            greatest(b.begins at time zone 'UTC', start_at) as from_at,
            least((b.begins + ('1 ' || granularity)::interval) at time zone 'UTC', end_at) as to_at
        from (
            select
                min(w.first_at) as first_at,
                max(w.last_at) as last_at
            from wallets as w
        ) as span
        cross join lateral generate_series(
            date_trunc(granularity, span.first_at at time zone 'UTC'),
            span.last_at at time zone 'UTC',
            ('1 ' || granularity)::interval
        ) as b (begins)
    ),

    points as (
        select max(w.base_at) as point_at from wallets as w
        union all
        select newest.snapshot_timestamp
        from buckets as b
        cross join lateral (
            select max(s.snapshot_timestamp) as snapshot_timestamp
            from wallets as w
            cross join lateral (
                select k.snapshot_timestamp from public.agent_balance_snapshots as k
                where
                    k.agent_id = w.agent_id
                    and k.wallet_address = w.wallet_address
                    and k.snapshot_timestamp >= b.from_at
                    and k.snapshot_timestamp < b.to_at
                order by k.snapshot_timestamp desc
                limit 1
            ) as s
        ) as newest
    )

    select
        p.point_at,
        w.wallet_address::text,
        s.snapshot_timestamp,
        s.portfolio_balance_sol,
        s.sol_balance,
        s.positions_value_sol,
        s.unrealized_pnl_sol
    from points as p
    cross join wallets as w
    cross join lateral (
        select
            k.snapshot_timestamp,
            k.portfolio_balance_sol,
            k.sol_balance,
            k.positions_value_sol,
            k.unrealized_pnl_sol
        from public.agent_balance_snapshots as k
        where
            k.agent_id = w.agent_id and k.wallet_address = w.wallet_address and k.snapshot_timestamp <= p.point_at
        order by k.snapshot_timestamp desc
        limit 1
    ) as s
$$;

comment on function book.portfolio_points(uuid, timestamptz, timestamptz, text, text) is
'For each point of an agent''s curve in [start_at, end_at), and for the last instant before it (the base), a row for
each wallet that has a snapshot by then. granularity: hour, day, week (from Monday) or month, UTC. Values in SOL, as in
agent_balance_snapshots.';
