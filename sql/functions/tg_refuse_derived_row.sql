-- Before any change of a derived table that is not the book's, whose role is the argument. A cascade comes from inside
-- a trigger of a foreign key.
--
-- Not as a condition of the trigger, whose text every statement of the book would read, plan and compile anew.
create function book.tg_refuse_derived_row()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user <> tg_argv[0] and pg_trigger_depth() = 1 then
        perform book.refuse('derived_row', null, format(
            '%s is derived from the facts: record, void or correct a transaction instead', tg_table_name
        ));
    end if;
    return null;
end
$$;

comment on function book.tg_refuse_derived_row() is
'Refuses to write a table that is derived from the facts (derived_row, TB014), but for the role that is its argument.';
