-- Sets an account's password, opens its lock and ends its sessions; for an administrator.
create function book.set_password(address text, new_hash text)
returns uuid
language plpgsql
volatile
as $$
declare
    account uuid;
begin
    update public.users as u
    set password_hash = new_hash, failed_login_attempts = 0, locked_until = null
    where lower(u.email) = lower(address)
    returning u.id into account;
    delete from public.sessions as s
    where s.user_id = account;
    return account;
end
$$;

comment on function book.set_password(text, text) is
'Sets the bcrypt hash of an account''s password, opens its lock, ends its sessions; its id, NULL where there is none.';
