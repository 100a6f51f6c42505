-- The fields of every document that the HTTP service answers, from the catalog: the columns of the views and composite
-- types of this schema. The description of the interface is made of them.
create view api.properties with (security_invoker = true) as
with documents as (
    select
        c.oid,
        c.relname,
        c.reltype,
        c.relkind
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'api'::regnamespace and c.relkind in ('v', 'c')
        and c.relname not in ('lists', 'request_fields', 'properties')
),

fields as (
    select
        d.oid,
        d.relname,
        d.relkind,
        a.attnum,
        a.attname,
        a.atttypid,
        a.atttypmod,
        lower(regexp_replace(a.attname, '([A-Z]|[0-9]+)', '_\1', 'g')) as column_name
    from documents as d
    inner join pg_catalog.pg_attribute as a on a.attrelid = d.oid and a.attnum > 0 and not a.attisdropped
),

tables_of_views as (
    select distinct
        r.ev_class as oid,
        k.refobjid as table_oid
    from pg_catalog.pg_rewrite as r
    inner join pg_catalog.pg_depend as k on k.classid = 'pg_rewrite'::regclass and k.objid = r.oid
    inner join pg_catalog.pg_class as t on t.oid = k.refobjid and t.relkind = 'r'
    where k.refclassid = 'pg_class'::regclass
)

select
    f.relname::text as document,
    f.attnum::int as place,
    f.attname::text as field,
    coalesce(e.typname, t.typname)::text as type_name,
    coalesce(e.typnamespace, t.typnamespace)::regnamespace::text as type_schema,
    coalesce(e.typtype, t.typtype)::text as type_kind,
    e.oid is not null as is_array,
    case when t.oid = 'varchar'::regtype and f.atttypmod > 4 then f.atttypmod - 4 end as longest,
    (
        select array_agg(l.enumlabel::text order by l.enumsortorder)
        from pg_catalog.pg_enum as l
        where l.enumtypid = t.oid
    ) as labels,
    coalesce(
        -- A column shown as it is stored is never NULL where the table's is not.
        not base.attnotnull,
        coalesce(pg_catalog.col_description(f.oid, f.attnum), metric.formula, elsewhere.about) ~ 'NULL'
        or metric.denominator is not null
        -- Undefined without a trade, or a day.
        or f.column_name ~ '^(median|best|worst|longest|starting|ending|volatility|gain_drawdown)'
        or f.column_name in ('net_flow_sol', 'unknown_flows', 'return_count')
        or coalesce(metric.unit in ('date', 'time'), false),
        true
    ) as is_nullable,
    coalesce(
        pg_catalog.col_description(f.oid, f.attnum),
        pg_catalog.col_description(base.attrelid, base.attnum),
        metric.about,
        elsewhere.about
    ) as about
from fields as f
inner join pg_catalog.pg_type as t on t.oid = f.atttypid
left join pg_catalog.pg_type as e on e.oid = t.typelem and t.typcategory = 'A'
left join lateral (
    select
        a.attrelid,
        a.attnum,
        a.attnotnull
    from tables_of_views as v
    inner join pg_catalog.pg_attribute as a on a.attrelid = v.table_oid
    where v.oid = f.oid and a.attname = f.column_name
    -- The table that the view is named after, where several have such a column.
    order by a.attrelid::regclass::text like '%' || f.relname desc, a.attrelid
    limit 1
) as base on true
left join lateral (
    select
        m.formula,
        m.denominator,
        m.unit,
        format('%s (%s)', m.formula, m.unit) || coalesce(', per ' || m.denominator, '') as about
    from report.metric_definitions as m
    where base.attrelid is null and m.name = f.column_name
) as metric on true
left join lateral (
    select pg_catalog.col_description(a.attrelid, a.attnum) as about
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_class as c on c.oid = a.attrelid
    where
        base.attrelid is null and metric.about is null and a.attname = f.column_name
        and c.relnamespace in ('public'::regnamespace, 'report'::regnamespace)
        and c.relkind in ('r', 'v') and pg_catalog.col_description(a.attrelid, a.attnum) is not null
    order by c.relkind desc, c.relname
    limit 1
) as elsewhere on true;

comment on view api.properties is
'The fields of every document that the HTTP service answers. A field has the comment of its column, or else that of the
table''s column that it shows, or of a column of that name in the tables and reports.';
comment on column api.properties.document is 'The view or type of schema api.';
comment on column api.properties.place is 'Place of the field in the document.';
comment on column api.properties.field is 'Its name.';
comment on column api.properties.type_name is 'Its type; of an array, that of its elements.';
comment on column api.properties.type_schema is 'The schema of that type.';
comment on column api.properties.type_kind is 'b: a base type, d: a domain, e: an enum, c: another document.';
comment on column api.properties.is_array is 'Whether it is an array.';
comment on column api.properties.longest is 'How many characters it holds at the most; NULL where nothing says.';
comment on column api.properties.labels is 'The values of an enum; NULL for other types.';
comment on column api.properties.is_nullable is
'Whether it can be null: where the table''s column can, or, where it is computed, its description says NULL or it is
divided
by something.';
comment on column api.properties.about is 'What it means.';
