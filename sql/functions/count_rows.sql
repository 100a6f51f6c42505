-- How many rows each table of the state has: those of schema public, and the runner's own.
create function book.count_rows()
returns table (table_name text, rows bigint)
language plpgsql
stable
as $$
begin
    for table_name in
        select format('%I.%I', t.schemaname, t.tablename)
        from pg_catalog.pg_tables as t
        where t.schemaname in ('public', 'installed')
        order by t.schemaname, t.tablename
    loop
        execute 'select count(*) from ' || table_name into rows;
        return next;
    end loop;
end
$$;

comment on function book.count_rows() is
'How many rows each table of schemas public and installed has, by its name with the schema.';
