-- A cursor: the place of a page's last row in an order, as a text that a URL can hold.
create function book.write_cursor(sort text, sort_value text, tie text)
returns text
language plpgsql
immutable
as $$
begin
    return translate(
        rtrim(
            replace(
                encode(convert_to(jsonb_build_array(sort, sort_value, tie)::text, 'utf8'), 'base64'), E'\n', ''
            ),
            '='
        ),
        '+/',
        '-_'
    );
end
$$;

comment on function book.write_cursor(text, text, text) is
'A cursor for book.read_cursor: the place of a row in an order, in the letters of base64url.';
