-- The equity of an agent, or of one of its wallets, day by day, with returns that deposits and withdrawals do not move.
create function report.equity_curve(
    agent uuid,
    start_at timestamptz default '-infinity',
    end_at timestamptz default 'infinity',
    wallet text default null
)
returns table (
    day date,
    snapshot_at timestamptz,
    equity_sol numeric,
    flow_sol numeric,
    change_sol numeric,
    return_ratio numeric,
    equity_index_ratio numeric,
    drawdown_ratio numeric,
    days_spanned int,
    unknown_flows int
)
language sql
stable
as $$
    with snapshots as materialized (
        select
            p.point_at,
            p.wallet_address,
            p.snapshot_at,
            p.portfolio_sol,
            min(p.point_at) over () as first_point_at,
            row_number() over (partition by p.wallet_address order by p.point_at) as place
        from book.portfolio_points(
            agent, coalesce(start_at, '-infinity'), coalesce(end_at, 'infinity'), wallet, 'day'
        ) as p
    ),

    steps as (
        select
            s.wallet_address,
            s.point_at,
            s.snapshot_at as at,
            2 as place,
            s.portfolio_sol,
            0 as flow_sol,
            0 as unknown
        from snapshots as s
        union all
        -- A wallet that joins later brings the value of its first snapshot with it.
        select
            s.wallet_address,
            s.point_at,
            k.snapshot_timestamp,
            1,
            k.portfolio_balance_sol,
            0,
            0
        from snapshots as s
        cross join lateral (
            select
                o.snapshot_timestamp,
                o.portfolio_balance_sol
            from public.agent_balance_snapshots as o
            where o.agent_id = agent and o.wallet_address = s.wallet_address
            order by o.snapshot_timestamp
            limit 1
        ) as k
        where s.place = 1 and s.point_at > s.first_point_at
        union all
        select
            t.wallet_address,
            null,
            t.transaction_time,
            0,
            null,
            case t.transaction_type when 'DEPOSIT' then 1 else -1 end * coalesce(f.value_sol, 0),
            (f.value_sol is null)::int
        from public.agent_transactions as t
        -- At the price that values it in the equity: what a file or a sender says of it would be no return of ours.
        left join lateral book.latest_price(t.input_mint, t.transaction_time) as price
            on t.input_mint <> book.sol_mint()
        cross join lateral (
            select case t.input_mint when book.sol_mint() then t.input_amount else round(t.input_amount * price.price_sol, 18) end as value_sol
        ) as f
        where
            t.agent_id = agent
            and t.transaction_type in ('DEPOSIT', 'WITHDRAWAL')
            and (wallet is null or t.wallet_address = wallet)
            and t.transaction_time < coalesce(end_at, 'infinity')
            and t.voided_at is null
    ),

    moved as (
        select
            s.wallet_address,
            s.point_at,
            s.at,
            s.place,
            s.portfolio_sol,
            sum(s.flow_sol) over history as flow_sol,
            sum(s.unknown) over history as unknown
        from steps as s
        window history as (
            partition by s.wallet_address order by s.at, s.place, s.point_at rows unbounded preceding
        )
    ),

    flows as (
        select
            m.point_at,
            case m.place when 2 then m.portfolio_sol else 0 end as equity_sol,
            case m.place when 2 then coalesce(m.flow_sol - lag(m.flow_sol) over history, 0) else m.portfolio_sol end
                as flow_sol,
            case m.place when 2 then coalesce(m.unknown - lag(m.unknown) over history, 0) else 0 end as unknown
        from moved as m
        where m.place > 0
        window history as (partition by m.wallet_address order by m.at, m.place, m.point_at)
    ),

    points as (
        select
            f.point_at,
            row_number() over by_time as place,
            sum(f.equity_sol) as equity_sol,
            sum(f.flow_sol) as flow_sol,
            sum(f.unknown)::int as unknown,
            lag(sum(f.equity_sol)) over by_time as equity_before_sol,
            lag(f.point_at) over by_time as point_before_at
        from flows as f
        group by f.point_at
        window by_time as (order by f.point_at)
    ),

    curve as materialized (
        select
            p.place,
            p.point_at,
            (p.point_at at time zone 'UTC')::date as day,
            p.equity_sol,
            case when p.place > 1 then p.flow_sol end as flow_sol,
            p.equity_sol - p.flow_sol - p.equity_before_sol as change_sol,
            -- With 18 decimals, what comes back to its highest would miss it by the last one. (A divisor with 30 makes
            -- PostgreSQL give as many to the quotient.)
            case
                when p.equity_before_sol > 0 then round(
                    (p.equity_sol - p.flow_sol - p.equity_before_sol) / round(p.equity_before_sol, 30), 30
                )
            end as return_ratio,
            (p.point_at at time zone 'UTC')::date - (p.point_before_at at time zone 'UTC')::date as days_spanned,
            case when p.place > 1 then p.unknown end as unknown_flows
        from points as p
    )

    select
        c.day,
        c.point_at,
        c.equity_sol,
        c.flow_sol,
        c.change_sol,
        c.return_ratio,
        round(e.equity_index_ratio, 18),
        e.drawdown_ratio,
        c.days_spanned,
        c.unknown_flows
    from curve as c
    inner join book.equity_of_returns(array(select r.return_ratio from curve as r order by r.place)) as e
        on e.place = c.place
    where c.point_at >= coalesce(start_at, '-infinity')
    order by c.place
$$;

comment on function report.equity_curve(uuid, timestamptz, timestamptz, text) is
'One row for each UTC day of [start_at, end_at) that has a snapshot, in order. wallet: NULL is all of the agent''s.
A bound that is NULL is none.
day, snapshot_at: the day, and its last snapshot, which the row is about.
equity_sol: portfolio value then, SOL, summed over the wallets. A wallet without a snapshot at that instant counts with
its last one before.
flow_sol: deposits less withdrawals since the row before, SOL; tokens at the latest price observed by then, as in the
equity, whatever was said of their value; fees are no flow. They are counted for each
wallet between the snapshots that were used. A wallet that joins later brings the value of its first snapshot.
change_sol: equity less flow less the equity before. return_ratio: the same as a fraction of the equity before, 30
decimals; NULL where that is not above 0. The row before the first is the last snapshot before start_at; where there is
none, flow, change and return of the first row are NULL.
equity_index_ratio: what 1 became since then, the product of (1 + return). drawdown_ratio: how far that is below its
highest, a fraction, 0 or negative. A return of NULL moves neither.
days_spanned: days since the row before: 1, or more over a gap, whose return and flows are then in this row.
unknown_flows: deposits and withdrawals of tokens that had no price: they are in no equity, and 0 in flow_sol.
No such agent, or another user''s: no rows.';
