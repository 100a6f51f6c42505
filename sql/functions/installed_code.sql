-- Which code the database has, so that the service can tell whether it is its own.
create function book.installed_code()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select c.sha256 from installed.code as c);
end
$$;

comment on function book.installed_code() is
'The hash of the code in schemas book, report, api and jobs, as `tradebook migrate` recorded it.';
