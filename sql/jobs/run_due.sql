-- Runs the jobs that are due, one after the other, or that one of them; to be called outside a transaction, as often as
-- one likes: every minute by a scheduler that knows no more. What others run, or have just run, is left to them.
--
-- at: now. Raises the first failure, when all have run.
create procedure jobs.run_due(at timestamptz, only_job text default null)
language plpgsql
as $$
declare
    due record;
    run bigint;
    failure record;
    first_failure record;
begin
    for due in
        select
            s.job,
            s.at,
            s.since
        from book.job_schedule(run_due.at) as s
        where s.next_start <= run_due.at and s.job = coalesce(only_job, s.job)
        order by s.place
    loop
        begin
            run := book.start_job(due.job, due.at, due.since, clock_timestamp(), true);
        exception
            when sqlstate 'TB017' or sqlstate 'TB020' then
                run := null;
        end;
        commit;
        continue when run is null;
        call jobs.work_off(run);
        select
            r.error_code,
            r.job || ': ' || r.error as error
        into failure
        from public.job_runs as r
        where r.id = run and r.outcome <> 'done';
        if found and first_failure is null then
            first_failure := failure;
        end if;
    end loop;
    if first_failure is not null then
        raise exception using
            errcode = coalesce(first_failure.error_code, 'TB021'),
            message = first_failure.error;
    end if;
end
$$;

comment on procedure jobs.run_due (timestamptz, text) is
'Runs the jobs of report.jobs that are due, one after the other, or one of them; what another session runs is left to
it. To be called outside a transaction. at: now. Raises the first failure, when all have run.';
