-- Before truncate, which knows neither policies nor the triggers of rows.
create function book.tg_refuse_truncate()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform book.refuse('truncate_refused', null, format(
        '%s has rows of users: delete those that are meant', tg_table_name
    ));
    return null;
end
$$;

comment on function book.tg_refuse_truncate() is
'Refuses to truncate a table that has rows of users (truncate_refused, TB015).';
