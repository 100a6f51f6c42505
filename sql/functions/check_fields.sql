-- Refuses a request that is no object, has a field that does not exist (known NULL: any may be), or lacks one that
-- has to be there. Fields are named as in the request.
create function book.check_fields(request jsonb, known text[], required text[])
returns void
language plpgsql
immutable
as $$
declare
    field text;
begin
    if request is null or jsonb_typeof(request) <> 'object' then
        perform book.refuse('field_not_valid', null, 'the request has to be a JSON object');
    end if;
    foreach field in array required loop
        if coalesce(request -> field, 'null') = 'null' then
            perform book.refuse('field_required', field, 'it is required');
        end if;
    end loop;
    if known is not null and request - known <> '{}' then
        field := (select min(f.name) from jsonb_object_keys(request - known) as f (name));
        perform book.refuse('field_unknown', left(field, 60), 'there is no such field');
    end if;
end
$$;

comment on function book.check_fields(jsonb, text[], text[]) is
'Checks which fields a request has. Raises field_unknown (TB009), field_required (TB010), field_not_valid (TB011).';
