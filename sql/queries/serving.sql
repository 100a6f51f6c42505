-- What the HTTP service says and asks on its own behalf.

-- name: serve_as(role, user_id, actor, application_name, statement_ms, lock_ms)^
-- As act_as; its statements, waits for a lock and pauses between statements end after so many milliseconds, and the
-- server's own log and pg_stat_activity show the application's name.
select
    set_config('tradebook.user_id', coalesce(:user_id::text, ''), true) as user_set,
    set_config('tradebook.actor', coalesce(:actor::text, ''), true) as actor_set,
    book.limit_work(:application_name::text, :statement_ms::int, :lock_ms::int) as limits_set,
    set_config('role', :role::text, true) as role_set;

-- name: installed_code()$
-- The hash of the code that the database has.
select book.installed_code();

-- name: ledger_health()$
-- How audits and seals stand, as JSON text.
select row_to_json(h)::text
from api.ledger_health as h;

-- name: ledger_figures()^
-- The same for Prometheus.
select
    f.wallets,
    f.facts,
    f.audited_wallets,
    f.unaudited_facts,
    f.unsealed_facts,
    f.audit_violations,
    f.oldest_audit_age_seconds
from book.ledger_figures(now()) as f;

-- name: job_figures()
-- How each job is doing.
select
    j.job,
    j.last_success_age_seconds,
    j.failures
from book.job_figures(now()) as j;

-- name: connections_left()$
-- How many connections the server allows this login; a limit of the role or the database counts too.
select
    least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
        nullif(r.rolconnlimit, -1),
        nullif(d.datconnlimit, -1)
    )
from pg_catalog.pg_database as d
cross join pg_catalog.pg_roles as r
where d.datname = current_database() and r.rolname = current_user;
