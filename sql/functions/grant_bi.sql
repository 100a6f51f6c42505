-- Lets a login of PostgreSQL read the rows of one user; for an administrator. The login is made where there is none.
--
-- password: as PostgreSQL stores it (SCRAM), for a login that is made; NULL for one that logs in by other means.
-- The roles of this installation are those that have policies on its tables.
create function book.grant_bi(address text, login_name text, password text)
returns boolean
language plpgsql
volatile
as $$
declare
    reader constant uuid := (select u.id from public.users as u where lower(u.email) = lower(address));
    bi constant oid := (
        select p.polroles[1] from pg_catalog.pg_policy as p
        where p.polrelid = 'public.bi_logins'::regclass and p.polname = 'bi'
    );
    known record;
    objection text;
    made boolean;
begin
    if reader is null then
        perform book.refuse('not_found', 'email', format('there is no user %s', address));
    end if;
    select r.* into known
    from pg_catalog.pg_roles as r
    where r.rolname = login_name;
    made := not found;
    if made then
        execute format('create role %I login password %L', login_name, password);
    else
        objection := case
            when not known.rolcanlogin then 'is a role without login'
            when known.rolsuper then 'is a superuser'
            when known.rolbypassrls then 'bypasses row security'
            when known.rolcreaterole or known.rolcreatedb or known.rolreplication then 'is an administrator'
            when exists (
                select from pg_catalog.pg_policy as p
                cross join lateral unnest(p.polroles) as other (oid)
                where other.oid not in (bi, 0) and pg_has_role(known.oid, other.oid, 'member')
            ) then 'is a member of another role of tradebook'
            when exists (
                select from pg_catalog.pg_roles as r
                -- pg_read_all_data and the like
                where
                    r.rolname like 'pg\_%'
                    and r.rolname <> 'pg_database_owner'
                    and pg_has_role(known.oid, r.oid, 'member')
            ) then 'is a member of a role of PostgreSQL''s own'
            when exists (
                select from pg_catalog.pg_database as d
                where d.datname = current_database() and pg_has_role(known.oid, d.datdba, 'member')
            ) then 'owns the database'
            when exists (
                select from public.bi_logins as l
                where l.login = login_name and l.user_id <> reader
            ) then 'reads the rows of another user already'
        end;
        if objection is not null then
            perform book.refuse('login_not_fit', 'login', format('%s %s', login_name, objection));
        end if;
    end if;
    execute format('grant %s to %I', bi::regrole, login_name);
    -- Defaults, which spare others a slip; the rights are what holds.
    execute format(
        'alter role %I in database %I set default_transaction_read_only = on', login_name, current_database()
    );
    execute format('alter role %I in database %I set statement_timeout = ''60s''', login_name, current_database());
    insert into public.bi_logins (login, user_id) values (login_name, reader) on conflict (login) do nothing;
    return made;
end
$$;

comment on function book.grant_bi(text, text, text) is
'Lets a login read the rows of the user of that e-mail address; whether the login was made. password is as PostgreSQL
stores it, NULL for none. Raises not_found (TB007), login_not_fit (TB016).';
