-- A column's name as JSON shows it: token_address -> tokenAddress.
create function book.field_name(column_name text)
returns text
language plpgsql
immutable
strict
as $$
declare
    words constant text[] := string_to_array(column_name, '_');
begin
    return words[1] || array_to_string(array(
        select upper(left(w.word, 1)) || substr(w.word, 2)
        from unnest(words[2 :]) with ordinality as w (word, place)
        order by w.place
    ), '');
end
$$;

comment on function book.field_name(text) is 'A column''s name as JSON shows it: token_address -> tokenAddress.';
