-- A text field of a request, by its name; NULL where it is absent or null.
--
-- Raises field_not_valid where it is no JSON string, is longer than the limit or holds control characters.
create function book.json_text(request jsonb, field_name text, longest int)
returns text
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
    if jsonb_typeof(field) <> 'string' then
        perform book.refuse('field_not_valid', field_name, 'it has to be a string');
    elsif length(content) > longest then
        perform book.refuse('field_not_valid', field_name, format('it is longer than %s characters', longest));
    elsif content ~ '[[:cntrl:]]' then
        perform book.refuse('field_not_valid', field_name, 'it holds a control character');
    end if;
    return content;
end
$$;

comment on function book.json_text(jsonb, text, int) is
'A text field of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
