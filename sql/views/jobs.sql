-- The jobs, and when each is to run: the one list. What a job does is in book.job_steps and book.job_step.
create view report.jobs with (security_invoker = true) as
select
    j.place,
    j.job,
    j.every,
    j.delay,
    j.time_limit,
    j.catches_up,
    j.does,
    j.counts
from (
    values
    (
        1, 'apply_rules', interval '1 minute', interval '0', interval '50 seconds', false,
        'Holds the rules of agents against their open positions, and ends orders in time', 'actions and orders'
    ),
    (
        2, 'take_balance_snapshots', interval '1 hour', interval '1 minute', interval '50 minutes', true,
        'Takes the snapshot of every wallet at the full hour', 'snapshots'
    ),
    (
        3, 'audit_wallets', interval '1 hour', interval '5 minutes', interval '50 minutes', false,
        'Audits the wallets that changed since their last audit', 'wallets audited'
    ),
    (
        4, 'seal_ledgers', interval '1 hour', interval '10 minutes', interval '50 minutes', false,
        'Seals the facts and voids that are in no seal yet', 'facts and voids sealed'
    ),
    (
        5, 'prune_prices', interval '1 day', interval '3 hours 20 minutes', interval '3 hours', false,
        'Thins prices older than settings.price_retention', 'series of prices looked at'
    ),
    (
        6, 'prune_events', interval '1 hour', interval '15 minutes', interval '50 minutes', false,
        'Removes events older than settings.event_retention', 'events numbered or removed'
    ),
    (
        7, 'backfill_snapshots', null, null, interval '6 hours', false,
        'Makes the hourly snapshots that are missing in a period', 'snapshots'
    )
) as j (place, job, every, delay, time_limit, catches_up, does, counts);

comment on view report.jobs is
'The jobs, and when each is to run; book.job_schedule says when each ran last, job_runs what it did.';
comment on column report.jobs.place is 'The order in which jobs run that are due together.';
comment on column report.jobs.job is 'Its name, and that of its procedure in schema jobs.';
comment on column report.jobs.every is
'The instants that it is for: the multiples of this since a Monday 00:00 UTC. NULL: it runs when somebody asks.';
comment on column report.jobs.delay is 'How long after such an instant it is due; NULL as every.';
comment on column report.jobs.time_limit is
'How long it may run. It is held between its steps; for a step that hangs, its caller sets statement_timeout.';
comment on column report.jobs.catches_up is
'Whether it makes up for each instant that was missed; the others run once for the newest.';
comment on column report.jobs.does is 'What it does.';
comment on column report.jobs.counts is 'What job_runs.rows_done counts.';
