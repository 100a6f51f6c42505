-- Has the agents whom a signal concerns decide on it, each by its rules, and in simulation buys at once: a row of
-- signal_executions each. A few statements, however many agents.
--
-- The agents of the signal's user, or for everyone all. Those that have decided are left; a wallet that is busy leaves
-- its agent pending, and is asked again (book.act_on_pending). A live wallet gets an order. at: now. Answers how many
-- agents were decided on.
create function book.act_on_signal(signal int, at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    s public.trading_signals;
    of_all public.settings;
    price public.token_prices;
    sol_price_is_known boolean;
    deciding uuid[];
    idle text[];
    facts public.agent_transactions[];
    failures jsonb;
    decided int;
begin
    select k.* into s from public.trading_signals as k where k.id = signal;
    if s.id is null then
        return 0;
    end if;
    select settings.* into of_all from public.settings;
    price := book.price_at(s.token_address, of_all.price_source, at, interval '60 seconds');
    sol_price_is_known := book.price_at(book.sol_mint(), of_all.price_source, at, of_all.price_max_age) is not null;

    -- One that somebody is about to delete is left: to refer to it would be to wait for that.
    deciding := array(
        select a.id
        from public.agents as a
        left join public.signal_executions as e on e.signal_id = s.id and e.agent_id = a.id
        where
            (s.user_id is null or a.user_id = s.user_id)
            and (e.id is null or (e.status = 'pending' and e.order_id is null))
        order by a.id
        for key share of a skip locked
    );
    idle := book.lock_idle_wallets(array(
        select w.wallet_address
        from public.agents as a
        inner join public.agent_wallets as w on w.agent_id = a.id and w.wallet_type = a.trading_mode
        where a.id = any (deciding)
    ));

    -- Only now, since whoever had a wallet before may have traded with it.
    insert into public.signal_executions as e (signal_id, agent_id, status, reason, error, size_sol, executed_at)
    select
        s.id,
        a.id,
        case when v.reason is null then 'pending' else 'skipped' end,
        v.reason,
        r.about,
        v.size,
        at
    from public.agents as a
    left join public.agent_wallets as w on w.agent_id = a.id and w.wallet_type = a.trading_mode
    cross join lateral (
        select
            count(*) filter (where p.managed and not p.is_dust) as open_positions,
            coalesce(bool_or(p.token_address = s.token_address and not p.is_dust), false) as is_open
        from public.agent_positions as p
        where p.agent_id = a.id and p.wallet_address = w.wallet_address
    ) as held
    cross join lateral (
        select
            count(*) filter (where o.position_id is null) as open_positions,
            coalesce(bool_or(o.token_address = s.token_address), false) as is_open
        from public.trade_orders as o
        where o.agent_id = a.id and o.wallet_address = w.wallet_address and o.status in ('pending', 'claimed')
    ) as ordered
    cross join lateral book.judge_signal(
        s,
        coalesce(a.trading_rules, book.default_trading_rules()),
        case a.trading_mode when 'live' then a.automated_trading_live else a.automated_trading_simulation end,
        w.wallet_address is not null,
        held.is_open or ordered.is_open,
        (held.open_positions + ordered.open_positions)::int,
        book.sol_to_spend(a.id, w.wallet_address),
        price.token_address is not null,
        concat_ws('/', s.id, a.id, of_all.chance_seed)
    ) as j
    cross join lateral (
        -- What a busy wallet holds is not known yet.
        select
            case
                when j.reason in ('automation_off', 'no_wallet') or w.wallet_address = any (idle) then j.reason
            end as reason,
            case when w.wallet_address = any (idle) then j.size end as size
    ) as v
    left join report.decision_reasons as r on r.reason = v.reason
    where a.id = any (deciding)
    order by a.id
    on conflict (signal_id, agent_id) do update set
        status = excluded.status,
        reason = excluded.reason,
        error = excluded.error,
        size_sol = excluded.size_sol,
        executed_at = excluded.executed_at
    where e.status = 'pending' and e.order_id is null;
    get diagnostics decided = row_count;

    facts := array(
        select book.simulated_swap(
            gen_random_uuid(),
            e.agent_id,
            w.wallet_address,
            s.token_address,
            s.symbol,
            'buy',
            e.size_sol,
            price.price_sol,
            case when not sol_price_is_known then book.round_quotient(price.price_usd, price.price_sol) end,
            a.simulation_slippage_bps,
            a.simulation_fee_lamports,
            at
        )
        from public.signal_executions as e
        inner join public.agents as a on a.id = e.agent_id
        inner join public.agent_wallets as w on w.agent_id = a.id and w.wallet_type = a.trading_mode
        where
            e.signal_id = s.id
            and e.status = 'pending'
            and e.size_sol is not null
            and w.wallet_type = 'simulation'
            and w.wallet_address = any (idle)
    );
    for n in 1..cardinality(facts) loop
        facts[n].signal_id := s.id;
    end loop;
    failures := (
        select coalesce(jsonb_object_agg(f.fact_id, jsonb_build_array(f.error, f.explanation)), '{}')
        from book.fill_simulated(facts) as f
    );
    update public.signal_executions as e
    set
        status = case when failures ? f.id::text then 'failed' else 'success' end,
        transaction_id = case when not failures ? f.id::text then f.id end,
        reason = left(failures -> f.id::text ->> 0, 40),
        error = failures -> f.id::text ->> 1
    from unnest(facts) as f
    where e.signal_id = s.id and e.agent_id = f.agent_id;

    perform book.order_purchases(s, idle, price.price_sol, at);
    return decided;
end
$$;

comment on function book.act_on_signal(int, timestamptz) is
'Has the agents whom a signal concerns decide on it, those of its user or all, and buys in simulation, at the latest
price; a row of signal_executions each. How many were decided on. at: now.';
