-- What `tradebook jobs` asks.

-- name: act_as_scheduler(role, seconds)$
-- Makes the rest of the session that of a role, with a limit to each statement; for a connection that is no pooler's.
select
    set_config('role', :role::text, false)
    || set_config('statement_timeout', (:seconds::int * 1000)::text, false);

-- name: job_schedule()
-- The jobs, how each ran last, and when it is to run next.
select
    s.job,
    s.every,
    s.does,
    book.plain_time(date_trunc('second', s.last_started_at)) as last_run,
    s.last_outcome,
    s.last_error,
    book.plain_time(s.next_start) as next_due
from book.job_schedule(now()) as s;

-- name: due_jobs()
-- The jobs that are due, in their order, with the seconds that each may run.
select
    s.job,
    extract(epoch from s.time_limit)::int as seconds
from book.job_schedule(now()) as s
where s.next_start <= now()
order by s.place;

-- name: seconds_to_next_job()$
-- The seconds until a job is due; 0 where one is.
select coalesce(greatest(ceil(extract(epoch from min(s.next_start) - now())), 0), 3600)::int
from book.job_schedule(now()) as s;

-- name: job_to_run(job)^
-- The seconds that a job may run, and the newest instant that it is for; none where there is none of that name.
select
    extract(epoch from j.time_limit)::int as seconds,
    coalesce(date_bin(j.every, now(), '2001-01-01T00:00:00Z'), now()) as at
from report.jobs as j
where j.job = :job::text;

-- name: run_job(job, at, since)!
-- Runs a job for an instant, or the period since until then.
call jobs.run(:job::text, :at::timestamptz, :since::timestamptz);

-- name: run_due_job(job)!
-- Runs a job where it is due and nobody else runs it.
call jobs.run_due(now(), :job::text);

-- name: act_on_pending()$
-- Does what rules and signals left because a wallet was busy, or because two transactions overlapped; how much it was.
select book.act_on_pending(clock_timestamp()) + book.review_recent_prices(clock_timestamp());

-- name: last_run(job, since)^
-- The newest run of a job that ended since then, in words; none where there is none.
select
    r.job,
    book.plain_time(r.at) as at,
    book.plain_time(date_trunc('second', r.finished_at)) as finished_at,
    r.outcome,
    r.rows_done,
    j.every < interval '1 hour' as is_frequent,
    j.counts,
    round(extract(epoch from r.finished_at - r.started_at), 2)::text as seconds,
    r.error_code,
    r.error
from job_runs as r
inner join report.jobs as j on j.job = r.job
where r.job = :job::text and r.finished_at >= :since::timestamptz
order by r.started_at desc
limit 1;
