-- Writes what came of a run: done where error is NULL.
create function book.finish_job(
    run bigint, moment timestamptz, steps int, rows_done bigint, error_code text, error text
)
returns void
language plpgsql
volatile
as $$
begin
    update public.job_runs
    set
        outcome = case when finish_job.error is null then 'done' else 'failed' end,
        finished_at = moment,
        steps = finish_job.steps,
        rows_done = finish_job.rows_done,
        error_code = finish_job.error_code,
        error = finish_job.error
    where job_runs.id = run and job_runs.outcome = 'running';
end
$$;

comment on function book.finish_job(bigint, timestamptz, int, bigint, text, text) is
'Writes what came of a run. moment: now; error_code and error: SQLSTATE and words of its first failure, NULL for none.';
