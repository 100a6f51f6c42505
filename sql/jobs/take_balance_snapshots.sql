-- The snapshot of every wallet as of an instant, all in one statement; those of the same hour are replaced.
--
-- To be called once an hour with the full hour, which is also the only instant of which a snapshot equals the one that
-- jobs.backfill_snapshots makes. Raises job_running where another call is at work, field_not_valid for a time to come.
create procedure jobs.take_balance_snapshots(at timestamptz)
language plpgsql
as $$
begin
    perform book.start_job('jobs.take_balance_snapshots');
    -- What is held then cannot be known yet.
    if at is null or at > clock_timestamp() + interval '5 minutes' then
        perform book.refuse('field_not_valid', 'at', 'a snapshot is of an instant that has come');
    end if;
    perform book.store_balance_snapshots(at);
end
$$;

comment on procedure jobs.take_balance_snapshots (timestamptz) is
'Stores the value of every wallet as of an instant in agent_balance_snapshots; a second call in the same hour replaces
the rows of the first. at: the full hour. Raises job_running (TB017), field_not_valid (TB011).';
