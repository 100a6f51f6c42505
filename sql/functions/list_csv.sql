-- The COPY statement that writes a list as CSV, all its rows under the filters; to be run in the same transaction.
--
-- The digits are those of the JSON. A text that a spreadsheet would take for a formula has a ' before it; NULL is an
-- empty cell. given: as for book.list_page; a limit is kept to; timezone, which a file may have
-- beside them, is where its times are shown.
create function book.list_csv(list_name text, owner uuid, given jsonb)
returns text
language plpgsql
stable
as $$
declare
    asked constant jsonb := book.read_parameters(given - 'timezone', list_name) || jsonb_build_object('owner', owner);
    list constant api.lists := (select l from api.lists as l where l.request = list_name);
    after constant text[] := book.read_cursor(asked, coalesce(asked ->> 'sort', list.default_sort));
    zone constant text := given ->> 'timezone';
    columns text;
begin
    perform book.require_time_zone(zone);
    if list.needs_agent then
        perform book.require_agent(owner, (asked ->> 'agentId')::uuid);
    end if;
    select string_agg(
        format(
            case
                when a.atttypid = 'api.time_text'::regtype and zone is not null
                    then 'book.time_in_zone(d.%1$I, %2$L) as %1$I'
                when a.atttypid in ('api.decimal_text'::regtype, 'api.time_text'::regtype) or t.typcategory in ('N', 'B')
                    or a.atttypid = 'uuid'::regtype then 'd.%1$I'
                else 'book.plain_cell(d.%1$I::text) as %1$I'
            end,
            a.attname,
            zone
        ),
        ', ' order by a.attnum
    ) into columns
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_type as t on t.oid = a.atttypid
    where a.attrelid = format('api.%I', list.documents)::regclass and a.attnum > 0 and not a.attisdropped;
    return format(
        'copy (select %s from %s order by p.place) to stdout with (format csv, header)',
        columns,
        book.list_documents(list_name, book.list_statement(
            list_name, asked, quote_literal(asked::text) || '::jsonb', after, (asked ->> 'limit')::bigint
        ))
    );
end
$$;

comment on function book.list_csv(text, uuid, jsonb) is
'The COPY statement that writes a list of api.lists as CSV, for a user, all rows under the filters. Raises what
book.list_page raises.';
