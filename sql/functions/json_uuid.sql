-- A UUID of a request, by its name; NULL where it is absent or null.
create function book.json_uuid(request jsonb, field_name text)
returns uuid
language plpgsql
immutable
as $$
declare
    content constant text := book.json_text(request, field_name, 36);
begin
    if content !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        perform book.refuse('field_not_valid', field_name, 'it has to be a UUID');
    end if;
    return content::uuid;
end
$$;

comment on function book.json_uuid(jsonb, text) is
'A UUID of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
