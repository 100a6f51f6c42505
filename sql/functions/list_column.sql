-- The column of a list's source that a field of its documents shows.
create function book.list_column(list_name text, field text)
returns text
language plpgsql
stable
as $$
begin
    return 'b.' || quote_ident(case
        when (select l.is_joined from api.lists as l where l.request = list_name)
            then lower(regexp_replace(field, '([A-Z])', '_\1', 'g'))
        else field
    end);
end
$$;

comment on function book.list_column(text, text) is
'The column of a list''s source, b, that a field of its documents shows: a table''s is spelt token_address, not
tokenAddress.';
