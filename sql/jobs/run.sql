-- Runs a job, one of report.jobs, whenever it was run last; to be called outside a transaction.
--
-- Raises not_found (TB007), job_running (TB017), or the first failure of its steps.
create procedure jobs.run(job text, at timestamptz, since timestamptz default null)
language plpgsql
as $$
declare
    run constant bigint := book.start_job(job, at, since, clock_timestamp(), false);
    failure record;
begin
    commit;
    call jobs.work_off(run);
    select
        r.error_code,
        r.error
    into failure
    from public.job_runs as r
    where r.id = run and r.outcome <> 'done';
    if found then
        raise exception using errcode = coalesce(failure.error_code, 'TB021'), message = failure.error;
    end if;
end
$$;

comment on procedure jobs.run (text, timestamptz, timestamptz) is
'Runs a job of report.jobs for an instant, or the period since until then; to be called outside a transaction. The run
is in job_runs. Raises not_found (TB007), job_running (TB017), or the first failure of its steps.';
