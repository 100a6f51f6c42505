-- Begins the numbers of events anew, far from those that were given, in a book that was restored: what happened after
-- the backup has gone, and a client that resumes after an event of that time has to be told so.
create function book.restart_events()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update public.event_numbering as k
    set
        last_sequence = k.last_sequence + 1000000000,
        pruned_sequence = k.last_sequence + 1000000000
    where k.only_row
$$;

comment on function book.restart_events() is
'Begins the numbers of events anew after a restore, so that whoever resumes after an earlier one is told events_gone.';
