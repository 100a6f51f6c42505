-- Removes events older than settings.event_retention, at most 10,000 in a transaction; before that, numbers what nobody
-- has numbered because no client was there. To be called outside a transaction, as often as one likes.
create procedure jobs.prune_events(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('prune_events', at);
end
$$;

comment on procedure jobs.prune_events (timestamptz) is
'Removes events older than settings.event_retention, and numbers those that no client has waited for; to be called
outside a transaction. at: now. Raises job_running (TB017).';
