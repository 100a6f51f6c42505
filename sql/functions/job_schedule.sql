-- When each job ran last, and when and what for it is to run next.
--
-- A job that failed is due again five minutes later, and until it has been done.
create function book.job_schedule(moment timestamptz)
returns table (
    place int,
    job text,
    every interval,
    time_limit interval,
    does text,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_outcome text,
    last_rows_done bigint,
    last_error text,
    at timestamptz,
    since timestamptz,
    next_start timestamptz
)
language sql
stable
as $$
    select
        j.place,
        j.job,
        j.every,
        j.time_limit,
        j.does,
        run.started_at,
        run.finished_at,
        run.outcome,
        run.rows_done,
        run.error,
        next.at,
        case when j.catches_up and done.next_at < next.at then done.next_at end,
        case
            when next.at is not null then
                greatest(next.at + j.delay, case when run.outcome = 'failed' then run.finished_at + interval '5 minutes' end)
        end
    from report.jobs as j
    left join lateral (
        select
            r.started_at,
            r.finished_at,
            r.outcome,
            r.rows_done,
            r.error
        from public.job_runs as r
        where r.job = j.job
        order by r.started_at desc
        limit 1
    ) as run on true
    cross join lateral (
        select date_bin(j.every, max(r.at), '2001-01-01T00:00:00Z') + j.every as next_at
        from public.job_runs as r
        -- A run for the future, made by hand, holds up nothing.
        where r.job = j.job and r.outcome = 'done' and r.at <= moment
    ) as done
    cross join lateral (
        select greatest(date_bin(j.every, moment - j.delay, '2001-01-01T00:00:00Z'), done.next_at) as at
        where j.every is not null
        union all
        select null::timestamptz
        where j.every is null
    ) as next
    order by j.place
$$;

comment on function book.job_schedule(timestamptz) is
'For each job of report.jobs, in its order: its last run (NULL where there was none), and what the next is for: the
instant at, and where it makes up for missed ones the first of them, since (NULL for none). It is due from next_start
on; NULL where it runs only when asked. moment: now.';
