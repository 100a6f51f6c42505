-- Claims a job: its row in job_runs keeps others from running it until the run ends. Commit, then jobs.work_off.
--
-- moment: the time now, by which a run is told dead that ended without a word. One that lives holds its row locked, but
-- for the instant between two of its transactions: no lock is relied on that another login could take.
-- unless_done: whether the job is to be left alone where it was done for this instant, or a later one.
--
-- Raises not_found (TB007), field_not_valid (TB011) for a time to come, job_running (TB017), job_done (TB020).
create function book.start_job(
    job text, at timestamptz, since timestamptz, moment timestamptz, unless_done boolean
)
returns bigint
language plpgsql
volatile
as $$
declare
    is_of_its_instant boolean;
    run bigint;
begin
    select j.catches_up into is_of_its_instant
    from report.jobs as j
    where j.job = start_job.job;
    if not found then
        perform book.refuse('not_found', 'job', format('there is no job %s', job));
    end if;
    -- What will be so then cannot be known yet; the others do what there is to do now.
    if at is null or (is_of_its_instant and at > moment + interval '5 minutes') then
        perform book.refuse('field_not_valid', 'at', format('%s is for an instant that has come', job));
    end if;
    update public.job_runs as r
    set
        outcome = 'lost',
        finished_at = moment,
        error = 'its process was gone'
    from (
        select s.id
        from public.job_runs as s
        where
            s.job = start_job.job
            and s.outcome = 'running'
            and s.renewed_at < moment - interval '1 minute'
        for update skip locked
    ) as dead
    where r.id = dead.id;

    -- The insert by itself would wait for the end of the other one's step.
    if not exists (
        select from public.job_runs as r
        where r.job = start_job.job and r.outcome = 'running'
    ) then
        insert into public.job_runs (job, at, since, started_at, renewed_at)
        values (job, at, since, moment, moment)
        on conflict do nothing
        returning job_runs.id into run;
    end if;
    if run is null then
        perform book.refuse('job_running', 'job', format('%s is running already', job));
    end if;
    -- Only now, since a run that has just ended has left its row behind.
    if unless_done and exists (
        select from public.job_runs as r
        where r.job = start_job.job and r.outcome = 'done' and r.at between start_job.at and moment
    ) then
        perform book.refuse('job_done', 'at', format('%s has been done for that instant', job));
    end if;
    return run;
end
$$;

comment on function book.start_job(text, timestamptz, timestamptz, timestamptz, boolean) is
'Claims a job for an instant, or a period that ends there, and returns the run, a row of job_runs. moment: now. Raises
not_found (TB007), field_not_valid (TB011) for a time to come, job_running (TB017), and with unless_done job_done
(TB020).';
