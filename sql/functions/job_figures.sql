-- How each job is doing, for who watches the installation.
create function book.job_figures(at timestamptz)
returns table (job text, last_success_age_seconds numeric, failures bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        j.job,
        round(extract(epoch from job_figures.at - max(r.finished_at) filter (where r.outcome = 'done')), 3),
        count(*) filter (where r.outcome in ('failed', 'lost'))
    from report.jobs as j
    left join public.job_runs as r on r.job = j.job
    group by j.job, j.place
    order by j.place;
end
$$;

comment on function book.job_figures(timestamptz) is
'For each job of report.jobs: the seconds since it was last done (NULL where it never was), and how many of its runs
failed or died. at: now.';
