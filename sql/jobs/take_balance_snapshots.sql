-- The snapshot of every wallet as of an instant, all in one statement; those of the same hour are replaced.
--
-- To be called once an hour with the full hour, which is also the only instant of which a snapshot equals the one that
-- jobs.backfill_snapshots makes; outside a transaction. Called by itself it takes the one snapshot; jobs.run_due makes
-- up for the hours since the last one too.
create procedure jobs.take_balance_snapshots(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('take_balance_snapshots', at);
end
$$;

comment on procedure jobs.take_balance_snapshots (timestamptz) is
'Stores the value of every wallet as of an instant in agent_balance_snapshots; a second call in the same hour replaces
the rows of the first. To be called outside a transaction. at: the full hour. Raises job_running (TB017), field_not_valid
(TB011).';
