-- Does one step of a job, as book.job_steps lists them, in a transaction of its own.
--
-- rows_done: how many rows of what the job counts. rest: the step that is left of it, where it would be too long for
-- one transaction; NULL where nothing is.
create function book.job_step(
    job text, step text, at timestamptz, since timestamptz, out rows_done bigint, out rest text
)
language plpgsql
volatile
as $$
declare
    until_time timestamptz;
    reached timestamptz;
begin
    case
        -- By the clock: whether a price is fresh is not a matter of when the job was due.
        when job = 'apply_rules' and step = 'pending' then
            rows_done := book.act_on_pending(clock_timestamp()) + book.review_recent_prices(clock_timestamp());
        when job = 'apply_rules' and step = 'orders' then
            rows_done := book.expire_orders(clock_timestamp());
        when job = 'apply_rules' and step = 'forget' then
            rows_done := 0;
            -- A run a minute would be half a million rows a year; failures stay.
            delete from public.job_runs as r
            where
                r.job = job_step.job
                and r.outcome = 'done'
                and r.started_at < clock_timestamp() - interval '1 day';
        when job = 'apply_rules' then
            rows_done := book.apply_rules(
                array(select e from jsonb_array_elements_text(step::jsonb) as e), clock_timestamp()
            );
        when job = 'take_balance_snapshots' and step = 'all wallets' then
            rows_done := book.store_balance_snapshots(at);
        when job in ('take_balance_snapshots', 'backfill_snapshots') then
            rows_done := book.backfill_snapshots_of(step, since, at);
        when job = 'prune_prices' then
            -- Up to a full hour, so that no hour is cut in two; and a scheduler's wrong clock deletes nothing.
            select book.hour_at_or_after(least(at, clock_timestamp()) - s.price_retention) - interval '1 hour'
            into until_time
            from public.settings as s;
            reached := book.prune_prices_of(
                step::jsonb ->> 0, step::jsonb ->> 1, (step::jsonb ->> 2)::timestamptz, until_time, 10000
            );
            rest := jsonb_set(step::jsonb, '{2}', to_jsonb(reached))::text;
            rows_done := case when rest is null then 1 else 0 end;
        when job = 'prune_events' and step = 'number' then
            select n.numbered into rows_done from book.number_events(10000) as n;
            rest := case when rows_done >= 10000 then step end;
        when job = 'prune_events' then
            select book.prune_events(least(at, clock_timestamp()) - s.event_retention, 10000) into rows_done
            from public.settings as s;
            rest := case when rows_done >= 10000 then step end;
        when job = 'audit_wallets' then
            perform book.store_audit(step, at);
            rows_done := 1;
        when job = 'seal_ledgers' then
            -- A seal of more would be a row too large.
            rows_done := book.seal_wallet(step, at, book.settled_before(at), 100000);
            rest := case when rows_done >= 100000 then step end;
    end case;
end
$$;

comment on function book.job_step(text, text, timestamptz, timestamptz) is
'Does one step of a job, a wallet of it for instance: how many rows of what report.jobs.counts says, and the step that
is left of it, NULL where none is.';
