-- Makes an account. Raises taken where the e-mail address has one, in whatever case.
create function book.add_user(address text, password_hash text)
returns uuid
language plpgsql
volatile
as $$
declare
    account uuid;
begin
    insert into public.users (email, password_hash)
    values (lower(address), password_hash)
    on conflict do nothing
    returning id into account;
    if account is null then
        perform book.refuse('taken', 'email', 'there is an account of that e-mail address');
    end if;
    return account;
end
$$;

comment on function book.add_user(text, text) is
'Makes an account of an e-mail address with the bcrypt hash of its password; its id. Raises taken (TB012).';
