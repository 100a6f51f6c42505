-- Makes the hourly snapshots that are missing in a period, wallet by wallet, each from its first fact on; commits after
-- each wallet. To be called outside a transaction, as often as one likes: what is there is left alone.
--
-- A period that ends in the future is cut at the clock; an empty one is nothing to do. Raises job_running where another
-- call is at work, field_not_valid where the period has no beginning or no end.
create procedure jobs.backfill_snapshots(start_at timestamptz, end_at timestamptz)
language plpgsql
as $$
declare
    until constant timestamptz := least(end_at, clock_timestamp());
begin
    if start_at is null or end_at is null then
        perform book.refuse('field_not_valid', case when start_at is null then 'start_at' else 'end_at' end, 'it is NULL');
    end if;
    if start_at < until then
        call jobs.run('backfill_snapshots', until, start_at);
    end if;
end
$$;

comment on procedure jobs.backfill_snapshots (timestamptz, timestamptz) is
'Makes the missing snapshots of all wallets at full hours from start_at up to, not including, end_at (or now), each
wallet from its first fact on; to be called outside a transaction. ''-infinity'' and ''infinity'' are all there can be.
Raises job_running (TB017), field_not_valid (TB011).';
