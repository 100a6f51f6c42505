-- A nested document of a request, by its name, as it is; NULL where it is absent or null.
create function book.json_object(request jsonb, field_name text)
returns jsonb
language plpgsql
immutable
as $$
declare
    field constant jsonb := nullif(request -> field_name, 'null');
begin
    if jsonb_typeof(field) not in ('object', 'array') then
        perform book.refuse('field_not_valid', field_name, 'it has to be an object or an array');
    end if;
    return field;
end
$$;

comment on function book.json_object(jsonb, text) is
'A nested document of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
