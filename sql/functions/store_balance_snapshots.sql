-- The snapshot of every wallet at one instant, in one statement: what is held now, less what came after, at the prices
-- observed by then. Each token's price is looked up once. Returns how many wallets there were.
--
-- A wallet that was assigned after the instant has none, unless its facts are older than it (an import).
create function book.store_balance_snapshots(at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    attempts_left int := 5;
    stored int;
begin
    loop
        begin
            -- Each step once, whatever the planner makes of numbers that it cannot know.
            with later as materialized (
                select
                    c.wallet_address,
                    c.token_address,
                    sum(c.amount) as amount,
                    sum(c.cost_sol) as cost_sol
                from book.token_changes as c
                where c.transaction_time > at
                group by c.wallet_address, c.token_address
            ),

            held as materialized (
                select
                    h.wallet_address,
                    h.token_address,
                    h.amount,
                    h.cost_sol
                from (
                    select
                        coalesce(p.wallet_address, l.wallet_address) as wallet_address,
                        coalesce(p.token_address, l.token_address) as token_address,
                        coalesce(p.remaining_amount, 0) - coalesce(l.amount, 0) as amount,
                        coalesce(p.cost_basis_sol, 0) - coalesce(l.cost_sol, 0) as cost_sol
                    from public.agent_positions as p
                    full outer join (
                        select k.*
                        from later as k
                        where k.token_address <> book.sol_mint()
                    ) as l on l.wallet_address = p.wallet_address and l.token_address = p.token_address
                ) as h
                where h.amount > 0
            ),

            prices as materialized (
                select
                    t.token_address,
                    latest.price_sol
                from (select distinct h.token_address from held as h) as t
                cross join lateral book.latest_price(t.token_address, at) as latest
            ),

            tokens as materialized (
                select
                    h.wallet_address,
                    sum(round(h.amount * p.price_sol, 18)) as value_sol,
                    sum(round(h.amount * p.price_sol, 18) - h.cost_sol) as gain_sol,
                    count(*) filter (where p.price_sol is null)::int as unpriced_positions,
                    sum(h.cost_sol) filter (where p.price_sol is null) as unpriced_cost_sol
                from held as h
                left join prices as p on p.token_address = h.token_address
                group by h.wallet_address
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
                a.user_id,
                a.id,
                w.wallet_address,
                date_bin(interval '1 hour', at, timestamptz '1970-01-01T00:00:00Z'),
                n.sol_balance,
                n.positions_value_sol,
                n.portfolio_balance_sol,
                n.unrealized_pnl_sol,
                coalesce(t.unpriced_positions, 0),
                coalesce(t.unpriced_cost_sol, 0)
            from public.agent_wallets as w
            inner join public.agents as a on a.id = w.agent_id
            left join public.agent_balances as b
                on b.wallet_address = w.wallet_address and b.token_address = book.sol_mint()
            left join later as l
                on l.wallet_address = w.wallet_address and l.token_address = book.sol_mint()
            left join tokens as t on t.wallet_address = w.wallet_address
            cross join lateral book.snapshot_numbers(
                coalesce(b.balance::numeric, 0) - coalesce(l.amount, 0),
                coalesce(t.value_sol, 0),
                coalesce(t.gain_sol, 0)
            ) as n
            where
                w.created_at <= at
                or (
                    -- A limit keeps it from being planned as one reading of all facts.
                    select true
                    from public.agent_transactions as f
                    where
                        f.agent_id = w.agent_id
                        and f.wallet_address = w.wallet_address
                        and f.transaction_time <= at
                        and f.voided_at is null
                    limit 1
                )
            -- In one order, so that two of these at once take turns.
            order by a.id, w.wallet_address
            on conflict (agent_id, wallet_address, snapshot_timestamp) do update set
                sol_balance = excluded.sol_balance,
                positions_value_sol = excluded.positions_value_sol,
                portfolio_balance_sol = excluded.portfolio_balance_sol,
                unrealized_pnl_sol = excluded.unrealized_pnl_sol,
                unpriced_positions = excluded.unpriced_positions,
                unpriced_cost_sol = excluded.unpriced_cost_sol;
            get diagnostics stored = row_count;
            return stored;
        exception
            -- A wallet went meanwhile: the others are still to be valued, as of the next reading.
            when foreign_key_violation or deadlock_detected then
                attempts_left := attempts_left - 1;
                if attempts_left = 0 then
                    raise;
                end if;
        end;
    end loop;
end
$$;

comment on function book.store_balance_snapshots(timestamptz) is
'Stores the snapshot of every wallet as of an instant in agent_balance_snapshots, replacing those of the same hour; how
many. The hour is that of the instant or before it, UTC.';
