-- A text as a cell that no spreadsheet takes for a formula: where it begins like one, with a ' before it.
create function book.plain_cell(value text)
returns text
language sql
immutable
strict
parallel safe
as $$
    select case when value ~ '^[=+\-@\t\r\n]' then '''' || value else value end
$$;

comment on function book.plain_cell(text) is
'A text as a cell of a CSV file: with a '' before it where a spreadsheet would take it for a formula.';
