-- The user of that e-mail address, made without a password where unknown.
create function book.import_user(address text)
returns uuid
language plpgsql
volatile
as $$
declare
    owner uuid := (select u.id from public.users as u where lower(u.email) = lower(address));
begin
    if owner is null then
        insert into public.users (email) values (lower(address)) returning id into owner;
    end if;
    return owner;
end
$$;

comment on function book.import_user(text) is 'The user of that e-mail address, made without a password where unknown.';
