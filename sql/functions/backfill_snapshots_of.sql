-- The snapshots that a wallet lacks at full hours of [start_at, end_at), from its first fact on, from what had happened
-- and what prices had been observed by each hour; none of the future, which nobody can know. Rows that are there stay
-- as they are. Returns how many were made.
--
-- What changed is summed up hour by hour once, for all hours; only then each token that was held at an hour is given
-- its price. The numbers are those of book.store_balance_snapshots for that hour.
create function book.backfill_snapshots_of(wallet text, start_at timestamptz, end_at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    owner record;
    first_hour timestamptz;
    last_hour timestamptz;
    stored int;
begin
    select
        a.user_id,
        w.agent_id,
        min(t.transaction_time) as first_time
    into owner
    from public.agent_wallets as w
    inner join public.agents as a on a.id = w.agent_id
    inner join public.agent_transactions as t
        on t.agent_id = w.agent_id and t.wallet_address = w.wallet_address and t.voided_at is null
    where w.wallet_address = wallet
    group by a.user_id, w.agent_id;
    first_hour := book.hour_at_or_after(greatest(start_at, owner.first_time));
    last_hour := book.hour_at_or_after(least(end_at, clock_timestamp())) - interval '1 hour';
    if owner.first_time is null or first_hour > last_hour then
        return 0;
    end if;

    -- Each step once, whatever the planner makes of numbers that it cannot know.
    with missing as materialized (
        select h.hour
        from generate_series(first_hour, last_hour, interval '1 hour') as h (hour)
        where not exists (
            select from public.agent_balance_snapshots as s
            where s.agent_id = owner.agent_id and s.wallet_address = wallet and s.snapshot_timestamp = h.hour
        )
    ),

    changes as (
        select
            c.token_address,
            greatest(book.hour_at_or_after(c.transaction_time), first_hour) as hour,
            sum(c.amount) as amount,
            sum(c.cost_sol) as cost_sol
        from book.token_changes as c
        where
            c.agent_id = owner.agent_id
            and c.wallet_address = wallet
            and c.transaction_time <= last_hour
            and exists (select from missing)
        group by 1, 2
    ),

    states as materialized (
        select
            c.token_address,
            c.hour,
            sum(c.amount) over so_far as amount,
            sum(c.cost_sol) over so_far as cost_sol,
            lead(c.hour) over (partition by c.token_address order by c.hour) as next_hour
        from changes as c
        window so_far as (partition by c.token_address order by c.hour)
    ),

    held as materialized (
        select
            s.token_address,
            m.hour,
            s.amount,
            s.cost_sol
        from states as s
        cross join lateral generate_series(
            s.hour, coalesce(s.next_hour - interval '1 hour', last_hour), interval '1 hour'
        ) as h (hour)
        inner join missing as m on m.hour = h.hour
        where s.amount <> 0
    ),

    sol as materialized (
        select
            h.hour,
            h.amount
        from held as h
        where h.token_address = book.sol_mint()
    ),

    tokens as materialized (
        select
            h.hour,
            sum(round(h.amount * p.price_sol, 18)) as value_sol,
            sum(round(h.amount * p.price_sol, 18) - h.cost_sol) as gain_sol,
            count(*) filter (where p.price_sol is null)::int as unpriced_positions,
            sum(h.cost_sol) filter (where p.price_sol is null) as unpriced_cost_sol
        from held as h
        left join lateral book.latest_price(h.token_address, h.hour) as p on true
        where h.token_address <> book.sol_mint()
        group by h.hour
    )

    insert into public.agent_balance_snapshots (
        user_id,
        agent_id,
        wallet_address,
        snapshot_timestamp,
        sol_balance,
        positions_value_sol,
        portfolio_balance_sol,
        unrealized_pnl_sol,
        unpriced_positions,
        unpriced_cost_sol
    )
    select
        owner.user_id,
        owner.agent_id,
        wallet,
        m.hour,
        n.sol_balance,
        n.positions_value_sol,
        n.portfolio_balance_sol,
        n.unrealized_pnl_sol,
        coalesce(t.unpriced_positions, 0),
        coalesce(t.unpriced_cost_sol, 0)
    from missing as m
    left join sol on sol.hour = m.hour
    left join tokens as t on t.hour = m.hour
    cross join lateral book.snapshot_numbers(
        coalesce(sol.amount, 0), coalesce(t.value_sol, 0), coalesce(t.gain_sol, 0)
    ) as n
    order by m.hour
    on conflict (agent_id, wallet_address, snapshot_timestamp) do nothing;
    get diagnostics stored = row_count;
    return stored;
exception
    -- The wallet was deleted meanwhile; the others are still to be done.
    when foreign_key_violation then
        if exists (select from public.agent_wallets as w where w.wallet_address = wallet) then
            raise;
        end if;
        return 0;
end
$$;

comment on function book.backfill_snapshots_of(text, timestamptz, timestamptz) is
'Makes the snapshots that a wallet lacks at full hours from start_at up to, not including, end_at (or now), and not
before its first fact; how many. Those that are there stay as they are.';
