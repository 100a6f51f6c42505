-- Takes from a login what book.grant_bi gave it. The login itself stays: it may be used elsewhere.
create function book.revoke_bi(address text, login_name text)
returns void
language plpgsql
volatile
as $$
begin
    delete from public.bi_logins as l
    using public.users as u
    where l.login = login_name and u.id = l.user_id and lower(u.email) = lower(address);
    if not found then
        perform book.refuse(
            'not_found', 'login', format('%s does not read the rows of %s', login_name, address)
        );
    end if;
    -- The row may outlive the login.
    if to_regrole(quote_ident(login_name)) is not null then
        execute format('revoke %s from %I', (
            select p.polroles[1]::regrole from pg_catalog.pg_policy as p
            where p.polrelid = 'public.bi_logins'::regclass and p.polname = 'bi'
        ), login_name);
    end if;
end
$$;

comment on function book.revoke_bi(text, text) is
'Ends that a login reads the rows of the user of that e-mail address. Raises not_found (TB007).';
