-- The COPY statement that writes a view of schema report as CSV, of one agent or all; for `tradebook export view`.
--
-- Numbers are plain, times ISO 8601 in UTC, intervals ISO 8601; NULL is an empty cell. A text that a spreadsheet would
-- take for a formula has a ' before it. It sets for this transaction what dates and intervals look like.
--
-- Raises not_found where there is no such view, choice_unknown where an agent is asked for and the view has none.
create function book.csv_statement(view_name text, agent uuid)
returns text
language plpgsql
volatile
as $$
declare
    view_id constant oid := (
        select c.oid
        from pg_catalog.pg_class as c
        where c.relnamespace = 'report'::regnamespace and c.relkind = 'v' and c.relname = view_name
    );
    columns text;
begin
    if view_id is null then
        perform book.refuse(
            'not_found', 'view',
            format(
                'there is no view %s; there are: %s', view_name,
                (
                    select string_agg(c.relname, ', ' order by c.relname)
                    from pg_catalog.pg_class as c
                    where c.relnamespace = 'report'::regnamespace and c.relkind = 'v'
                )
            )
        );
    end if;
    if agent is not null and not exists (
        select from pg_catalog.pg_attribute as a
        where a.attrelid = view_id and a.attname = 'agent_id'
    ) then
        perform book.refuse('choice_unknown', 'agent', format('view %s is not about agents', view_name));
    end if;
    select string_agg(
        format(
            case
                when a.atttypid = 'numeric'::regtype then 'book.plain_number(v.%1$I) as %1$I'
                when a.atttypid = 'timestamptz'::regtype then 'book.plain_time(v.%1$I) as %1$I'
                when t.typcategory in ('S', 'A', 'U', 'E') and a.atttypid <> 'uuid'::regtype
                    then 'book.plain_cell(v.%1$I::text) as %1$I'
                else 'v.%1$I'
            end,
            a.attname
        ),
        ', ' order by a.attnum
    ) into columns
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_type as t on t.oid = a.atttypid
    where a.attrelid = view_id and a.attnum > 0 and not a.attisdropped;
    perform
        set_config('datestyle', 'ISO', true),
        set_config('intervalstyle', 'iso_8601', true);
    return format(
        'copy (select %s from report.%I as v where %s) to stdout with (format csv, header)',
        columns,
        view_name,
        case when agent is null then 'true' else format('v.agent_id = %L', agent) end
    );
end
$$;

comment on function book.csv_statement(text, uuid) is
'The COPY statement that writes a view of schema report as CSV, of one agent or, with NULL, of all; to be run in the
same transaction. Raises not_found (TB007), choice_unknown (TB022).';
