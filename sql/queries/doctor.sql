-- What `tradebook doctor` asks a server that it can reach.

-- name: limit_statements(duration)$
-- A check that hangs must not hang the others.
select set_config('statement_timeout', :duration::text, false);

-- name: settings_off()
-- Settings of durability that let a crash lose or damage what was committed.
select s.name
from pg_catalog.pg_settings as s
where s.name in ('fsync', 'full_page_writes', 'synchronous_commit') and s.setting = 'off'
order by s.name;

-- name: clock()$
-- The server's clock.
select clock_timestamp();

-- name: in_recovery()$
-- Whether the server is a standby.
select pg_is_in_recovery();

-- name: server_process()$
-- The number of this connection's server process.
select pg_backend_pid();

-- name: missing_rights(schemas)
-- What the role may not do and migrating needs, with the statement that allows it.
select
    'may not make schemas in database ' || quote_ident(current_database()) as what,
    'grant create on database ' || quote_ident(current_database()) || ' to ' || quote_ident(current_user) as mend
where not has_database_privilege(current_database(), 'create')
union all
select
    'may not make tables in schema public' as what,
    'grant create on schema public to ' || quote_ident(current_user) as mend
from pg_catalog.pg_namespace as n
where n.nspname = 'public' and not has_schema_privilege(n.oid, 'create')
union all
select
    'does not own schema ' || quote_ident(n.nspname) as what,
    'grant ' || quote_ident(pg_get_userbyid(n.nspowner)) || ' to ' || quote_ident(current_user) as mend
from pg_catalog.pg_namespace as n
where n.nspname = any(:schemas::text[]) and not pg_has_role(n.nspowner, 'usage');

-- name: has_table(name)$
-- Whether there is a table of that name.
select to_regclass(:name::text) is not null;

-- name: marked_migrations()
-- The migrations that yoyo has marked as applied.
select m.migration_id
from installed._yoyo_migration as m
order by m.migration_id;

-- name: yoyo_locks()
-- The runs that yoyo believes to be under way.
select l.pid
from installed.yoyo_lock as l;

-- name: tables_without_policies()
-- Tables of schema public on which row security is not forced, or nobody sees a row.
select c.relname::text
from pg_catalog.pg_class as c
where
    c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and not (
        c.relrowsecurity and c.relforcerowsecurity
        and exists (
            select from pg_catalog.pg_policy as p
            where p.polrelid = c.oid
        )
    )
order by c.relname;
