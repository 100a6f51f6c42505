-- The statement that finds the rows of a list: the whitelist of api.lists and api.request_fields as SQL. Its columns:
-- place (1, 2, ...), sort_value, tie, key, and, where the source's rows are the documents, document.
--
-- Made anew for each request, so that the planner sees the filters that there are and no others. What a client says is
-- in it as a quoted literal or inside `parameters` alone.
--
-- given: the parameters as book.read_parameters has read them, with owner. parameters: SQL for them, $1 or a quoted
-- literal. after: sort_value and tie of the row before the first, NULL for the beginning. row_limit: NULL is all.
create function book.list_statement(
    list_name text, given jsonb, parameters text, after text[], row_limit bigint
)
returns text
language plpgsql
stable
as $$
declare
    list constant api.lists := (select l from api.lists as l where l.request = list_name);
    sort constant text := coalesce(given ->> 'sort', list.default_sort);
    descends constant boolean := starts_with(sort, '-');
    sort_column constant text := book.list_column(list_name, ltrim(sort, '-'));
    tie_column constant text := book.list_column(list_name, list.tie);
    conditions text[] := array[format(list.condition, parameters)];
begin
    conditions := conditions || array(
        select format(r.filter, format('(%s ->> %L)', parameters, r.field))
        from api.request_fields as r
        where r.request = list_name and r.filter is not null and given ->> r.field is not null
    );
    if after is not null then
        conditions := conditions || format(
            '(%s, %s) %s (%L, %L)',
            sort_column, tie_column, case when descends then '<' else '>' end, after[1], after[2]
        );
    end if;
    return format(
        'select row_number() over (order by %1$s %3$s, %2$s %3$s) as place, %1$s as sort_value, %2$s as tie, %9$s as key%8$s'
        ' from %4$s where %5$s order by %1$s %3$s, %2$s %3$s limit %6$s offset %7$s',
        sort_column,
        tie_column,
        case when descends then 'desc' else 'asc' end,
        format(list.source, parameters),
        array_to_string(conditions, ' and '),
        coalesce(row_limit::text, 'all'),
        coalesce((given ->> 'offset')::bigint, 0),
        case when list.is_joined then '' else ', b as document' end,
        book.list_column(list_name, list.key)
    );
end
$$;

comment on function book.list_statement(text, jsonb, text, text[], bigint) is
'The SQL that finds the rows of a list of api.lists under filters, in order: place, sort_value, tie, key.';
