-- Locks a run's row for the transaction of its next step, which tells others that it lives.
--
-- Raises job_lost (TB021) where it was taken for dead, and query_canceled (57014) where its time is over.
create function book.renew_job(run bigint, moment timestamptz)
returns void
language plpgsql
volatile
as $$
declare
    r record;
begin
    update public.job_runs
    set renewed_at = moment
    where job_runs.id = run and job_runs.outcome = 'running'
    returning
        job_runs.job,
        job_runs.started_at
    into r;
    if not found then
        perform book.refuse('job_lost', null, format('run %s was taken for dead, and stops', run));
    end if;
    if r.started_at + (select j.time_limit from report.jobs as j where j.job = r.job) < moment then
        raise exception using errcode = 'query_canceled', message = 'its time was over';
    end if;
end
$$;

comment on function book.renew_job(bigint, timestamptz) is
'Tells others that a run lives, and keeps them out for the rest of the transaction. moment: now. Raises job_lost
(TB021), and query_canceled (57014) where its time is over.';
