-- The roles of an installation, as `tradebook migrate` and `tradebook doctor` ask for them.

-- name: missing_role_statements(prefix, purposes)
-- The statements that make the roles what they have to be for this login, in order.
with roles as (
    select
        n.place,
        n.purpose,
        :prefix::text || '_' || n.purpose as name,
        r.oid
    from unnest(:purposes::text[]) with ordinality as n (purpose, place)
    left join pg_catalog.pg_roles as r on r.rolname = :prefix::text || '_' || n.purpose
)

select s.statement
from (
    select
        1 as step,
        r.place,
        format('create role %%I nologin', r.name) as statement
    from roles as r
    where r.oid is null
    union all
    -- To own what it makes, and to work as each of them.
    select
        2,
        r.place,
        format('grant %%I to %%I', r.name, current_user)
    from roles as r
    inner join pg_catalog.pg_roles as me on me.rolname = current_user
    where r.purpose <> 'bi' and not me.rolsuper and (r.oid is null or not pg_has_role(r.oid, 'usage'))
    union all
    select
        3,
        r.place,
        format('grant usage, create on schema public to %%I', r.name)
    from roles as r
    where
        r.purpose = 'owner'
        and (
            r.oid is null
            -- One by one: of several, any would do.
            or not has_schema_privilege(r.oid, 'public'::regnamespace, 'usage')
            or not has_schema_privilege(r.oid, 'public'::regnamespace, 'create')
        )
) as s
order by s.step, s.place;

-- name: unfit_roles(names)
-- Those of these roles that can log in or do more than they are granted: name, what they can.
select
    r.rolname::text as name,
    concat_ws(
        ' and ',
        case when r.rolcanlogin then 'can log in' end,
        case when r.rolsuper then 'is a superuser' end,
        case when r.rolbypassrls then 'bypasses row security' end,
        case when r.rolreplication then 'can replicate' end
    ) as what
from pg_catalog.pg_roles as r
where
    r.rolname = any(:names::text[])
    and (r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolreplication)
order by name;

-- name: role_stamp(names)$
-- The roles with their numbers, which are others on another server or when a role is made again.
select coalesce(string_agg(r.rolname || ' ' || r.oid, ', ' order by r.rolname), '')
from pg_catalog.pg_roles as r
where r.rolname = any(:names::text[]);
