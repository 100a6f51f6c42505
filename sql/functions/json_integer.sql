-- An integer of a request, by its name; NULL where it is absent or null.
create function book.json_integer(request jsonb, field_name text, lowest bigint, highest bigint)
returns bigint
language plpgsql
immutable
as $$
declare
    field constant jsonb := request -> field_name;
    content constant text := field #>> '{}';
begin
    if content is null then
        return null;
    end if;
    if
        jsonb_typeof(field) <> 'number'
        or content !~ '^-?[0-9]{1,18}$'
        or content::bigint not between lowest and highest
    then
        perform book.refuse('field_not_valid', field_name, format(
            'it has to be an integer of %s to %s', lowest, highest
        ));
    end if;
    return content::bigint;
end
$$;

comment on function book.json_integer(jsonb, text, bigint, bigint) is
'An integer of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
