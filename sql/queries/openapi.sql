-- What the description of the interface is made of.

-- name: properties()
-- The fields of every document that is answered.
select
    p.document,
    p.field,
    p.type_name,
    p.type_kind,
    p.is_array,
    p.longest,
    p.labels,
    p.is_nullable,
    p.about,
    coalesce(
        pg_catalog.obj_description(to_regclass('api.' || p.document)::oid, 'pg_class'),
        pg_catalog.obj_description(to_regtype('api.' || p.document)::oid, 'pg_type')
    ) as document_about
from api.properties as p
order by p.document, p.place;

-- name: request_fields()
-- What requests may hold, each with what it means.
select
    r.request,
    r.field,
    r.kind,
    r.is_required,
    r.is_array,
    r.lowest,
    r.highest,
    r.choices,
    coalesce(
        (
            -- The comment of the column that it names.
            select pg_catalog.col_description(a.attrelid, a.attnum)
            from pg_catalog.pg_attribute as a
            where
                a.attrelid = to_regclass('public.' || quote_ident(r.about))
                and a.attname = lower(regexp_replace(r.field, '([A-Z]|[0-9]+)', '_\1', 'g'))
        ),
        r.about
    ) as about
from api.request_fields as r
order by r.request, r.field;

-- name: trading_config_rules()
-- What the settings of a trading config may be: place, kind, bounds, choices, is_nullable, about.
select
    r.place,
    r.kind,
    lower(r.allowed) as lowest,
    coalesce(lower_inc(r.allowed), true) as lowest_is_allowed,
    upper(r.allowed) as highest,
    r.choices,
    r.is_nullable,
    r.about
from report.trading_config_rules as r
order by cardinality(r.place), r.path;
