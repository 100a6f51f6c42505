-- A boolean of a request, by its name; NULL where it is absent or null.
create function book.json_boolean(request jsonb, field_name text)
returns boolean
language plpgsql
immutable
as $$
declare
    field constant jsonb := nullif(request -> field_name, 'null');
begin
    if jsonb_typeof(field) <> 'boolean' then
        perform book.refuse('field_not_valid', field_name, 'it has to be true or false');
    end if;
    return field::boolean;
end
$$;

comment on function book.json_boolean(jsonb, text) is
'A boolean of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
