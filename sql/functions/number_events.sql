-- Gives the events that are committed, at most so many, their places in the order in which clients are told.
--
-- One caller at a time; another waits, so that where fewer were left, all are numbered that were committed when it
-- came. An event that is not committed yet gets a later place: no transaction holds up the events of others, and none
-- appears before one that was told.
create function book.number_events(most int, out numbered int, out last_sequence bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
    numbered := 0;
    if not exists (select from public.event_outbox) then
        select k.last_sequence into last_sequence
        from public.event_numbering as k;
        return;
    end if;
    select k.last_sequence into last_sequence
    from public.event_numbering as k
    for update;
    -- A later statement, so that it sees what the one before has taken.
    with taken as (
        delete from public.event_outbox as o
        where o.id = any (array(select f.id from public.event_outbox as f order by f.id limit most))
        returning
            o.id,
            o.user_id,
            o.agent_id,
            o.wallet_address,
            o.token_address,
            o.kind,
            o.change,
            o.subject_id,
            o.signal_id,
            o.created_at
    )

    insert into public.events (
        sequence,
        user_id,
        agent_id,
        wallet_address,
        token_address,
        kind,
        change,
        subject_id,
        signal_id,
        created_at
    )
    select
        number_events.last_sequence + row_number() over (order by t.id),
        t.user_id,
        t.agent_id,
        t.wallet_address,
        t.token_address,
        t.kind,
        t.change,
        t.subject_id,
        t.signal_id,
        t.created_at
    from taken as t;
    get diagnostics numbered = row_count;
    last_sequence := last_sequence + numbered;
    update public.event_numbering as k
    set last_sequence = number_events.last_sequence
    where k.only_row;
end
$$;

comment on function book.number_events(int) is
'Moves at most so many committed events from event_outbox to events, in order: how many, and the
newest number of all.';
