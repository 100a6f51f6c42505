-- Before any change of a derived table that is not the book's; sql/grants says when.
create function book.tg_refuse_derived_row()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform book.refuse('derived_row', null, format(
        '%s is derived from the facts: record, void or correct a transaction instead', tg_table_name
    ));
    return null;
end
$$;

comment on function book.tg_refuse_derived_row() is
'Refuses to write a table that is derived from the facts (derived_row, TB014).';
