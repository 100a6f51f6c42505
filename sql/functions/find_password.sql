-- The hash that the current password of a change has to be checked against; with the rights and the rows of the caller.
--
-- request: {"currentPassword", "newPassword"}, both blotted out.
create function book.find_password(owner uuid, request jsonb)
returns text
language plpgsql
stable
as $$
begin
    perform book.check_request(request, 'change_password');
    return (
        select u.password_hash
        from public.users as u
        where u.id = owner
    );
end
$$;

comment on function book.find_password(uuid, jsonb) is
'The bcrypt hash of a user''s password, for a request that changes it; NULL where he has none. Raises what
book.check_request raises.';
