-- Ends the demo: the snapshots of its hours, and its user gets his name.
create function book.end_demo(until_time timestamptz, days int)
returns void
language plpgsql
volatile
as $$
begin
    perform book.backfill_snapshots_of(
        w.wallet_address, until_time - days * interval '24 hours', until_time + interval '1 hour'
    )
    from public.agent_wallets as w
    inner join public.agents as a on a.id = w.agent_id
    where a.user_id = book.id_from('demo user');
    update public.users as u set email = 'demo@tradebook.example' where u.id = book.id_from('demo user');
end
$$;

comment on function book.end_demo(timestamptz, int) is
'Makes the hourly snapshots of the demo''s wallets, and ends it.';
