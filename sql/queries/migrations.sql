-- What `tradebook migrate` asks of the catalog, and its own three tables in schema installed.

-- name: lift_timeouts()$
-- A limit that the role carries must not cut a migration, or drop the connection that holds the lock.
-- The names that the server does not know are left out.
select count(set_config(name, '0', false))
from pg_catalog.pg_settings
where
    name in (
        'statement_timeout',
        'lock_timeout',
        'transaction_timeout',
        'idle_session_timeout',
        'idle_in_transaction_session_timeout'
    );

-- name: notice_a_dead_client(interval)$
-- Have the server look, during a long statement, whether this program still lives.
select set_config('client_connection_check_interval', :interval::text, false);

-- name: set_local(name, value)$
-- Sets a parameter for the rest of the transaction.
select set_config(:name::text, :value::text, true);

-- name: setting(name)$
-- The value of a parameter.
select current_setting(:name::text);

-- name: try_lock(key)$
-- Asked again and again rather than waited for: a waiting statement holds a snapshot, and
-- `create index concurrently` in the run that has the lock would wait for that, for ever.
select pg_try_advisory_lock(:key::bigint);

-- name: unlock(key)$
-- Ends this session's turn.
select pg_advisory_unlock(:key::bigint);

-- name: share_lock(key)$
-- Shows the next run that this connection works for one, should that one be killed.
select pg_advisory_lock_shared(:key::bigint) is not null;

-- name: lock_holders(key)
-- Who holds the advisory lock, described for a person.
select
    a.pid,
    coalesce(nullif(a.application_name, ''), 'a program without a name')
    || ' of role ' || coalesce(a.usename, 'unknown')
    || ' from ' || coalesce(host(a.client_addr), 'a local socket')
    || ', since ' || to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' as who
from pg_catalog.pg_locks as l
join pg_catalog.pg_stat_activity as a on a.pid = l.pid
where
    l.locktype = 'advisory'
    and l.granted
    and l.objsubid = 1
    and l.database = (
        select d.oid from pg_catalog.pg_database as d
        where d.datname = current_database()
    )
    and ((l.classid::bigint << 32) | l.objid::bigint) = :key::bigint
    and l.pid <> pg_backend_pid()
order by a.pid;

-- name: terminate(pid)$
-- Ends another server process.
select pg_terminate_backend(:pid::integer);

-- name: open_transactions()
-- Transactions of others in this database that hold a lock on a table, oldest first.
select
    a.pid,
    coalesce(nullif(a.application_name, ''), 'a program without a name')
    || ' of role ' || coalesce(a.usename, 'unknown')
    || ', ' || coalesce(a.state, 'state unknown')
    || ', its transaction open since ' || to_char(a.xact_start at time zone 'utc', 'HH24:MI:SS') || ' UTC' as who
from pg_catalog.pg_stat_activity as a
where
    a.datname = current_database()
    and a.pid <> pg_backend_pid()
    and a.xact_start is not null
    and exists (
        select 1
        from pg_catalog.pg_locks as l
        where l.pid = a.pid and l.locktype = 'relation' and l.granted and l.relation >= 16384
    )
order by a.xact_start;

-- name: is_bootstrapped()$
-- The table that bootstrap makes last.
select to_regclass('installed.code_objects') is not null;

-- name: bootstrap()#
-- Makes the schema and the tables that migrate keeps its own record in.
create schema if not exists installed;
comment on schema installed is 'What was applied to this database, kept by `tradebook migrate`. No business data.';
create table if not exists installed.migrations (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp(),
    program_version text not null
);
comment on table installed.migrations is
'Every migration file that was applied, written in the same transaction as its effects.';
create table if not exists installed.code (
    only_row boolean primary key default true check (only_row),
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp(),
    program_version text not null
);
comment on table installed.code is
'The re-runnable SQL that this database runs: the hash of its files and the program that wrote it.';
create table if not exists installed.code_objects (
    kind text,
    names text[],
    arguments text[],
    primary key (kind, names, arguments)
);
comment on table installed.code_objects is
'What the re-runnable SQL made: whatever else depends on it, or sits beside it, belongs to somebody else.';

-- name: recorded_migrations()
-- The migrations that were applied, with what their files were.
select
    m.name,
    m.sha256,
    m.program_version,
    to_char(m.applied_at at time zone 'utc', 'YYYY-MM-DD HH24:MI') as applied_at
from installed.migrations as m
order by m.name;

-- name: record_migration(name, sha256, program_version)!
-- Notes a migration in the transaction that applies it.
insert into installed.migrations (name, sha256, program_version)
values (:name::text, :sha256::text, :program_version::text);

-- name: recorded_code()^
-- What code the database has, and which program put it there.
select
    c.sha256,
    c.program_version
from installed.code as c;

-- name: record_code(sha256, program_version)!
-- Notes the code in the transaction that applies it.
insert into installed.code (sha256, program_version)
values (:sha256::text, :program_version::text)
on conflict (only_row) do update
    set
        sha256 = excluded.sha256,
        program_version = excluded.program_version,
        applied_at = excluded.applied_at;

-- name: recorded_attachments()
-- Triggers and policies of the code on tables that are not code, to be dropped before it is made again.
select
    o.kind,
    o.names
from installed.code_objects as o
where o.kind in ('trigger', 'policy')
order by o.kind, o.names;

-- name: attachments(schemas)
-- Triggers and policies on the tables outside the code's schemas.
select
    a.type,
    a.object_names,
    a.object_args
from (
    select
        'pg_catalog.pg_trigger'::regclass as classid,
        t.oid as objid,
        t.tgrelid as relid
    from pg_catalog.pg_trigger as t
    where not t.tgisinternal and t.tgparentid = 0
    union all
    select
        'pg_catalog.pg_policy'::regclass,
        p.oid,
        p.polrelid
    from pg_catalog.pg_policy as p
) as attached
join pg_catalog.pg_class as c on c.oid = attached.relid
cross join lateral pg_identify_object_as_address(attached.classid, attached.objid, 0) as a
where c.relnamespace::regnamespace::text <> all(:schemas::text[]);

-- name: contents(schemas)
-- Everything that lies directly in the code's schemas.
select
    a.type,
    a.object_names,
    a.object_args
from pg_catalog.pg_depend as d
cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) as a
where
    d.refclassid = 'pg_catalog.pg_namespace'::regclass
    and d.refobjid in (
        select n.oid from pg_catalog.pg_namespace as n
        where n.nspname = any(:schemas::text[])
    );

-- name: forget_code_objects()!
-- Forgets what the code of before had made outside its schemas.
delete from installed.code_objects;

-- name: record_code_object(kind, names, arguments)!
-- Notes one thing that the code makes outside its schemas.
insert into installed.code_objects (kind, names, arguments)
values (:kind::text, :names::text[], :arguments::text[])
on conflict do nothing;

-- name: strangers(schemas)
-- Things in the code's schemas that the code did not make; a rebuild would lose them.
select pg_describe_object(d.classid, d.objid, d.objsubid) as what
from pg_catalog.pg_depend as d
cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) as a
where
    d.refclassid = 'pg_catalog.pg_namespace'::regclass
    and d.refobjid in (
        select n.oid from pg_catalog.pg_namespace as n
        where n.nspname = any(:schemas::text[])
    )
    and not exists (
        select 1
        from installed.code_objects as o
        where o.kind = a.type and o.names = a.object_names and o.arguments = a.object_args
    )
order by what;

-- name: dependents(schemas)
-- Things outside the code's schemas that need something inside, so that dropping the schemas would drop them.
-- What belongs to an object inside (a view's rule, a table's index, a type's array) counts as inside.
with recursive inside as (
    select
        d.classid,
        d.objid
    from pg_catalog.pg_depend as d
    where
        d.refclassid = 'pg_catalog.pg_namespace'::regclass
        and d.refobjid in (
            select n.oid from pg_catalog.pg_namespace as n
            where n.nspname = any(:schemas::text[])
        )
    union
    select
        d.classid,
        d.objid
    from pg_catalog.pg_depend as d
    join inside on inside.classid = d.refclassid and inside.objid = d.refobjid
    where d.deptype <> 'n'
)

select distinct
    case
        when d.classid = 'pg_catalog.pg_rewrite'::regclass
            then pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0)
        else pg_describe_object(d.classid, d.objid, d.objsubid)
    end as what
from pg_catalog.pg_depend as d
join inside on inside.classid = d.refclassid and inside.objid = d.refobjid
left join pg_catalog.pg_rewrite as r on d.classid = 'pg_catalog.pg_rewrite'::regclass and r.oid = d.objid
where
    not exists (
        select 1 from inside as i
        where i.classid = d.classid and i.objid = d.objid
    )
order by what;

-- name: functions_to_check(schemas)
-- Functions whose body is text: the others were checked when they were made.
select
    p.oid,
    p.oid::regprocedure::text as signature,
    l.lanname as language,
    coalesce(
        (
            select substr(c.setting, length('search_path=') + 1)
            from unnest(p.proconfig) as c (setting)
            where starts_with(c.setting, 'search_path=')
        ),
        'public'
    ) as search_path
from pg_catalog.pg_proc as p
join pg_catalog.pg_language as l on l.oid = p.prolang
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname = any(:schemas::text[]) and p.prosqlbody is null and l.lanname in ('sql', 'plpgsql')
order by signature;

-- name: check_sql_function(oid)$
-- Has PostgreSQL check the body of a function in language sql.
select fmgr_sql_validator(:oid::oid) is not null;

-- name: check_plpgsql_function(oid)$
-- Has PostgreSQL check the body of a function in language plpgsql.
select plpgsql_validator(:oid::oid) is not null;

-- name: still_connected()$
-- Whether the connection, and so its lock, is still there.
select true;
