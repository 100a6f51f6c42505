-- A user whose four simulated agents have traded for 30 days: prices first, then every trade through the book, like any
-- other insert. Nothing in it depends on the clock or on what else is in the database, so it is the same every time.
--
-- Each agent runs 16 rounds: a buy, often a DCA buy, then sales; some tokens are burned as worthless, some are still
-- held at the end. A database that has users is left as it is.
create function book.make_demo()
returns uuid
language plpgsql
volatile
as $$
declare
    start constant timestamptz := '2026-01-01T00:00:00Z';
    owner constant uuid := book.id_from('demo user');
begin
    -- Two programs that start at once on an empty database make one demo.
    perform pg_advisory_xact_lock(hashtextextended('tradebook demo', 0));
    if exists (select from public.users) then
        return null;
    end if;
    perform book.make_demo_prices(start, 30 * 24);
    insert into public.users (id, email, created_at) values (owner, 'demo@tradebook.example', start);

    insert into public.agents (id, user_id, name, created_at)
    select
        book.id_from('demo agent ' || n),
        owner,
        (array['Careful', 'Steady', 'Eager', 'Reckless'])[n],
        start + n * interval '1 second'
    from generate_series(1, 4) as n;

    insert into public.agent_wallets (wallet_address, agent_id, wallet_type, created_at)
    select
        'sim_' || replace(book.id_from('demo wallet ' || n)::text, '-', ''),
        book.id_from('demo agent ' || n),
        'simulation',
        start + n * interval '1 second'
    from generate_series(1, 4) as n;

    perform book.insert_transactions(array(
        select t
        from book.demo_transactions(owner, start) as t
        order by t.transaction_time, t.id
    ));
    perform book.backfill_snapshots_of(w.wallet_address, start, start + interval '30 days 1 hour')
    from public.agent_wallets as w
    inner join public.agents as a on a.id = w.agent_id
    where a.user_id = owner;
    return owner;
end
$$;

comment on function book.make_demo() is
'Makes the demo in a database without users: a user, four agents with simulation wallets, a month of prices, their
trades and hourly snapshots; the user''s id, or NULL.';
