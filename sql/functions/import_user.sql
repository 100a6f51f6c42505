-- The user of that e-mail address, made without a password where unknown.
create function book.import_user(address text)
returns uuid
language plpgsql
volatile
as $$
begin
    insert into public.users (email) values (lower(address)) on conflict do nothing;
    return (select u.id from public.users as u where lower(u.email) = lower(address));
end
$$;

comment on function book.import_user(text) is 'The user of that e-mail address, made without a password where unknown.';
