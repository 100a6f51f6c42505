-- The sort value and the tie of the row that a page begins after; NULL where there is no cursor.
--
-- Raises field_not_valid where it is no cursor of that order, or an offset is given too.
create function book.read_cursor(given jsonb, sort text)
returns text[]
language plpgsql
stable
as $$
declare
    cursor_text constant text := given ->> 'cursor';
    content jsonb;
begin
    if cursor_text is null then
        return null;
    elsif given ? 'offset' then
        perform book.refuse('field_not_valid', 'offset', 'a cursor or an offset, not both');
    end if;
    begin
        content := convert_from(
            decode(rpad(translate(cursor_text, '-_', '+/'), (length(cursor_text) + 3) / 4 * 4, '='), 'base64'), 'utf8'
        )::jsonb;
    exception
        when data_exception then
            content := null;
    end;
    if coalesce(
        jsonb_typeof(content) <> 'array'
        or jsonb_array_length(content) <> 3
        or jsonb_path_exists(content, '$[*] ? (@.type() != "string")'),
        true
    ) then
        perform book.refuse('field_not_valid', 'cursor', 'it has to be the cursor of a Link header');
    elsif content ->> 0 <> sort then
        perform book.refuse('field_not_valid', 'cursor', format('it is a cursor of the order %s', content ->> 0));
    end if;
    return array[content ->> 1, content ->> 2];
end
$$;

comment on function book.read_cursor(jsonb, text) is
'The sort value and the tie that the cursor among the parameters says; NULL without one. Raises field_not_valid
(TB011).';
