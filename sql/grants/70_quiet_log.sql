-- PostgreSQL's own log tells of an error what happened, and not the contents: its DETAIL and CONTEXT repeat rows, and
-- the beginning of a request that is no JSON. For all sessions of the database; elsewhere its administrator decides.
do $$
begin
    if (
        select pg_has_role(d.datdba, 'usage') and has_parameter_privilege('log_error_verbosity', 'set')
        from pg_catalog.pg_database as d
        where d.datname = current_database()
    ) then
        execute format('alter database %I set log_error_verbosity = terse', current_database());
    end if;
end
$$;
