-- Removes the oldest events, those of before a time, at most so many; how many went. None after one that stays goes.
create function book.prune_events(until_time timestamptz, most int)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    last_gone bigint;
    gone int;
begin
    select max(e.sequence) into last_gone
    from (
        select
            f.sequence,
            bool_and(f.created_at < until_time) over (order by f.sequence) as is_old
        from (
            select
                k.sequence,
                k.created_at
            from public.events as k
            order by k.sequence
            limit most
        ) as f
    ) as e
    where e.is_old;
    if last_gone is null then
        return 0;
    end if;
    update public.event_numbering as k
    set pruned_sequence = greatest(k.pruned_sequence, last_gone)
    where k.only_row;
    delete from public.events as k
    where k.sequence <= last_gone;
    get diagnostics gone = row_count;
    return gone;
end
$$;

comment on function book.prune_events(timestamptz, int) is
'Removes events of before a time, the oldest first and at most so many; how many. Who resumes after one of them is told
events_gone.';
