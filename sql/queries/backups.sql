-- What `tradebook backup` and `tradebook restore` ask.

-- name: export_snapshot()$
-- What this transaction sees, for others to see the same as long as it lasts.
select pg_export_snapshot();

-- name: count_rows()
-- How many rows each table has.
select
    r.table_name,
    r.rows
from book.count_rows() as r;

-- name: tables_that_hide_rows()
-- Tables of which this role may not be shown all rows, so that a dump by it could not be trusted.
select c.oid::regclass::text as table_name
from pg_catalog.pg_class as c
inner join pg_catalog.pg_roles as me on me.rolname = current_user
where
    c.relnamespace in ('public'::regnamespace, 'installed'::regnamespace)
    and c.relkind = 'r'
    and c.relrowsecurity
    and not me.rolsuper
    and not me.rolbypassrls
    -- Of the policies that this role reads by, one shows all rows and none takes any away.
    and not (
        select
            coalesce(
                bool_or(p.polpermissive and pg_get_expr(p.polqual, p.polrelid) = 'true') and bool_and(p.polpermissive),
                false
            )
        from pg_catalog.pg_policy as p
        where
            p.polrelid = c.oid
            and p.polcmd in ('*', 'r')
            and exists (
                select 1 from unnest(p.polroles) as r (oid)
                where case when r.oid = 0 then true else pg_has_role(r.oid, 'usage') end
            )
    )
order by table_name;

-- name: occupants()
-- What is in the database beside PostgreSQL's own: nothing, in one that a backup can be restored into.
select c.oid::regclass::text as what
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
    n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and n.nspname !~ '^pg_(toast_)?temp_'
    and not exists (
        select 1 from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
union all
select 'schema ' || quote_ident(n.nspname)
from pg_catalog.pg_namespace as n
where n.nspname in ('book', 'report', 'api', 'jobs', 'installed')
order by what;

-- name: analyze_everything()#
-- A restored database has no statistics.
analyze;

-- name: restart_events()$
-- Nobody resumes after events that came after the backup.
select book.restart_events();
