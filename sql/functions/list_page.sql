-- A page of a list: its documents as a JSON array, the cursor of the next page (NULL where there is none), and, where
-- it is counted, how many rows the list has under its filters.
--
-- given: the parameters of the URL by name, all texts; those of the path among them.
create function book.list_page(list_name text, owner uuid, given jsonb, is_counted boolean)
returns table (body json, next_cursor text, total bigint)
language plpgsql
stable
set jit = off
as $$
declare
    asked constant jsonb := book.read_parameters(given, list_name) || jsonb_build_object('owner', owner);
    list constant api.lists := (select l from api.lists as l where l.request = list_name);
    sort constant text := coalesce(asked ->> 'sort', list.default_sort);
    after constant text[] := book.read_cursor(asked, sort);
    row_limit constant bigint := coalesce((asked ->> 'limit')::bigint, 100);
    last_place constant bigint := row_limit + coalesce((asked ->> 'offset')::bigint, 0);
begin
    if list.needs_agent then
        perform book.require_agent(owner, (asked ->> 'agentId')::uuid);
    end if;
    execute format(
        'select coalesce(json_agg(row_to_json(d) order by p.place) filter (where p.place <= %1$s), ''[]''),'
        ' case when max(p.place) > %1$s then book.write_cursor(%2$L,'
        ' max(to_json(p.sort_value) #>> ''{}'') filter (where p.place = %1$s),'
        ' max(p.tie::text) filter (where p.place = %1$s)) end'
        ' from %3$s',
        last_place,
        sort,
        book.list_documents(list_name, book.list_statement(list_name, asked, '$1', after, row_limit + 1))
    )
    into body, next_cursor
    using asked;
    if is_counted then
        execute format(
            'select count(*) from (%s) as p', book.list_statement(list_name, asked - 'offset', '$1', null, null)
        )
        into total
        using asked;
    end if;
    return next;
end
$$;

comment on function book.list_page(text, uuid, jsonb, boolean) is
'A page of a list of api.lists for a user: documents, the cursor of the next page, and the number of rows under the
filters where that is asked. Raises what book.read_parameters and book.read_cursor raise, and not_found (TB007) where
the list is of an agent that the user does not have.';
