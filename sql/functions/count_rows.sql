-- How many rows each table of the state has: those of schema public, and the runner's own.
create function book.count_rows()
returns table (table_name text, rows bigint)
language plpgsql
stable
as $$
declare
    relation regclass;
begin
    for relation in
        select c.oid
        from pg_catalog.pg_class as c
        where c.relnamespace in ('public'::regnamespace, 'installed'::regnamespace) and c.relkind = 'r'
        order by c.relnamespace, c.relname
    loop
        select format('%s.%s', n.nspname, c.relname) into table_name
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where c.oid = relation;
        execute format('select count(*) from %s', relation) into rows;
        return next;
    end loop;
end
$$;

comment on function book.count_rows() is
'How many rows each table of schemas public and installed has, by its name with the schema.';
