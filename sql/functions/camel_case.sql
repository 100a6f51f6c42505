-- A column's name as JSON shows it: token_address -> tokenAddress.
create function book.camel_case(column_name text)
returns text
language sql
immutable
strict
parallel safe
as $$
    select left(column_name, 1) || substr(replace(initcap(column_name), '_', ''), 2)
$$;

comment on function book.camel_case(text) is 'A column''s name as JSON shows it: token_address -> tokenAddress.';
