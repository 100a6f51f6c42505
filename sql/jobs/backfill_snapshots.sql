-- Makes the hourly snapshots that are missing in a period, wallet by wallet, each from its first fact on; commits after
-- each wallet. To be called outside a transaction, as often as one likes: what is there is left alone.
--
-- A period that ends in the future is cut at the clock. Raises job_running where another call is at work,
-- field_not_valid where the period has no beginning or no end.
create procedure jobs.backfill_snapshots(start_at timestamptz, end_at timestamptz)
language plpgsql
as $$
declare
    until constant timestamptz := least(end_at, clock_timestamp());
    wallet text;
begin
    perform book.start_job('jobs.backfill_snapshots');
    if start_at is null or end_at is null then
        perform book.refuse('field_not_valid', case when start_at is null then 'start_at' else 'end_at' end, 'it is NULL');
    end if;
    for wallet in
        select w.wallet_address
        from public.agent_wallets as w
        order by w.agent_id, w.wallet_address
    loop
        perform book.start_job('jobs.backfill_snapshots');
        perform book.backfill_snapshots_of(wallet, start_at, until);
        commit;
    end loop;
end
$$;

comment on procedure jobs.backfill_snapshots (timestamptz, timestamptz) is
'Makes the missing snapshots of all wallets at full hours from start_at up to, not including, end_at (or now), each
wallet from its first fact on; to be called outside a transaction. ''-infinity'' and ''infinity'' are all there can be. Raises
job_running (TB017), field_not_valid (TB011).';
