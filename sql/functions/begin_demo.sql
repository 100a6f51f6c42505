-- Begins the demo in a database without users: prices, a user, agents with simulation wallets of 100 SOL each. Then
-- book.play_demo has them trade, day by day, and book.end_demo ends it.
--
-- Each is to be a transaction of its own: within one, the versions of a position that moves with each price would pile
-- up. One that was broken off is known by its user, who gets the name of the demo's at the end, and is made anew.
-- until_time: the hour that it ends with. Nothing in it depends on the clock or on what else is in the database, so
-- that the same arguments make the same trades, but for ids. Answers whether there is to be one: a database that has
-- users is left as it is.
create function book.begin_demo(until_time timestamptz, days int, agents int)
returns boolean
language plpgsql
volatile
as $$
declare
    start constant timestamptz := until_time - days * interval '24 hours';
    owner constant uuid := book.id_from('demo user');
    unfinished constant text := 'unfinished-demo@tradebook.example';
begin
    if exists (select from public.users as u where u.email <> unfinished) then
        return false;
    end if;
    delete from public.users as u where u.email = unfinished;
    delete from public.trading_signals as s where s.activation_reason = 'made up for the demo';
    delete from public.token_prices as p
    where
        p.token_address = book.sol_mint()
        or p.token_address = any (array(select book.demo_mint(n) from generate_series(1, 12) as n));
    perform book.make_demo_prices(start, days * 24, book.demo_rug_hour(days));
    insert into public.users (id, email, created_at) values (owner, unfinished, start);

    insert into public.agents (
        id,
        user_id,
        name,
        trading_config,
        simulation_slippage_bps,
        simulation_fee_lamports,
        created_at
    )
    select
        book.id_from('demo agent ' || n.number),
        owner,
        d.name || case when n.number > n.kinds then ' ' || (n.number - 1) / n.kinds + 1 else '' end,
        d.trading_config,
        50,
        1000000,
        start + n.number * interval '1 millisecond'
    from (
        select
            g.number,
            (select count(*)::int from report.demo_agents) as kinds
        from generate_series(1, begin_demo.agents) as g (number)
    ) as n
    inner join report.demo_agents as d on d.number = 1 + (n.number - 1) % n.kinds;

    insert into public.agent_wallets (wallet_address, agent_id, wallet_type, created_at)
    select
        'sim_' || replace(book.id_from('demo wallet ' || n)::text, '-', ''),
        book.id_from('demo agent ' || n),
        'simulation',
        start
    from generate_series(1, begin_demo.agents) as n;

    insert into public.agent_transactions (
        id,
        agent_id,
        wallet_address,
        transaction_type,
        transaction_time,
        input_mint,
        input_amount,
        origin
    )
    select
        book.id_from('demo deposit ' || w.wallet_address),
        w.agent_id,
        w.wallet_address,
        'DEPOSIT',
        start,
        book.sol_mint(),
        100,
        'simulation'
    from public.agent_wallets as w
    inner join public.agents as a on a.id = w.agent_id and a.user_id = owner
    order by w.wallet_address;
    return true;
end
$$;

comment on function book.begin_demo(timestamptz, int, int) is
'Begins the demo in a database without users, which ends at a full hour: its user, agents with 100 SOL each, prices.
Whether it was begun.';
