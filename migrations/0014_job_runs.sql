-- What the scheduled jobs did. The row of a run is also what keeps a second one of the same job from running.

create table job_runs (
    id bigint generated always as identity constraint job_runs_pkey primary key,
    job text not null,
    at timestamptz not null,
    since timestamptz,
    started_at timestamptz not null,
    renewed_at timestamptz not null,
    finished_at timestamptz,
    outcome text not null default 'running',
    steps int not null default 0,
    rows_done bigint not null default 0,
    error_code text,
    error text,
    constraint job_runs_job_is_a_name check (job ~ '^[a-z][a-z0-9_]*$'),
    constraint job_runs_at_is_finite check (isfinite(at)),
    constraint job_runs_since_is_before_at check (since < at),
    constraint job_runs_times_are_in_order check (
        isfinite(started_at) and isfinite(renewed_at) and isfinite(finished_at)
        and started_at <= renewed_at and renewed_at <= finished_at
    ),
    constraint job_runs_outcome_is_known check (outcome in ('running', 'done', 'failed', 'lost')),
    constraint job_runs_finished_at_comes_with_its_end check ((finished_at is null) = (outcome = 'running')),
    constraint job_runs_error_comes_with_a_failure check ((error is not null) = (outcome in ('failed', 'lost'))),
    constraint job_runs_error_code_comes_with_a_failure check ((error_code is not null) = (outcome = 'failed')),
    constraint job_runs_counts_are_not_negative check (steps >= 0 and rows_done >= 0)
);

-- One instance of each job runs at a time.
create unique index job_runs_running_key on job_runs (job) where outcome = 'running';
-- The last run of a job, and the last instant for which it was done.
create index job_runs_job_started_at_idx on job_runs (job, started_at);
create index job_runs_job_at_idx on job_runs (job, at) where outcome = 'done';

comment on table job_runs is
'Every run of a scheduled job, the operator''s alone to read. Nothing here is about a user. A few rows an hour: none is
ever removed.';
comment on column job_runs.id is 'The run.';
comment on column job_runs.job is 'Which job: one of report.jobs.';
comment on column job_runs.at is 'The instant that it was for.';
comment on column job_runs.since is
'The start of the period that it was for as well, of which at is the end; -infinity for all that can be. NULL where it
was for the instant alone.';
comment on column job_runs.started_at is 'When it began.';
comment on column job_runs.renewed_at is
'When its newest step began. A run whose row is not locked a minute later has lost its process.';
comment on column job_runs.finished_at is 'When it ended, or was found lost; NULL while it runs.';
comment on column job_runs.outcome is
'running; done; failed, of which the steps that went well stay; lost: its process was gone.';
comment on column job_runs.steps is 'Steps that went well, each a transaction: wallets of an audit, for instance.';
comment on column job_runs.rows_done is 'What they did, in rows: report.jobs says of what.';
comment on column job_runs.error_code is 'SQLSTATE of the first failure; NULL where there is none, or it was lost.';
comment on column job_runs.error is 'What went wrong first, and how many steps failed; NULL where nothing did.';
