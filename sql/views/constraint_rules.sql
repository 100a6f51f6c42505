-- What each constraint of a table is about, for telling the reader of an error which field broke which rule.
create view report.constraint_rules with (security_invoker = true) as
select
    c.conname::text as constraint_name,
    t.relname::text as table_name,
    case c.contype
        when 'f' then 'there is no such row'
        when 'c' then replace(c.conname::text, '_', ' ')
        else 'it is taken'
    end as rule,
    (
        -- A rule named after a column is about that column.
        select a.attname::text
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.conrelid and a.attnum = any(c.conkey)
        order by
            starts_with(c.conname::text, t.relname || '_' || a.attname) desc,
            length(a.attname) desc
        limit 1
    ) as column_name
from pg_catalog.pg_constraint as c
inner join pg_catalog.pg_class as t on t.oid = c.conrelid
where t.relnamespace = 'public'::regnamespace and c.contype in ('c', 'f', 'u', 'p');

comment on view report.constraint_rules is
'The constraints of the tables: the rule in words and the column that it is about.';
comment on column report.constraint_rules.constraint_name is 'Name of the constraint, as errors tell it.';
comment on column report.constraint_rules.table_name is 'Its table.';
comment on column report.constraint_rules.rule is 'The rule in words.';
comment on column report.constraint_rules.column_name is 'The column that it is about.';
