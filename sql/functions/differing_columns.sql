-- The names of the columns in which two rows differ, as text; NULL where they are equal. Numbers compare by value.
create function book.differing_columns(expected jsonb, actual jsonb)
returns text
language plpgsql
immutable
as $$
begin
    if expected = actual then
        return null;
    elsif expected is null or actual is null then
        return 'the row';
    end if;
    return (
        select string_agg(e.key, ', ' order by e.key)
        from jsonb_each(expected) as e
        where e.value is distinct from actual -> e.key
    );
end
$$;

comment on function book.differing_columns(jsonb, jsonb) is
'The columns in which two rows differ, "the row" where one is missing (NULL), NULL where they are equal.';
