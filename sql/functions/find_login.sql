-- The hash that the password of a login has to be checked against; asked before it is known who asks.
--
-- request: {"email", "password", "rememberMe"?}, the password blotted out: it is checked outside, since what is handed
-- to PostgreSQL can come to stand in its log.
create function book.find_login(request jsonb)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform book.check_request(request, 'log_in');
    return (
        select u.password_hash
        from public.users as u
        where lower(u.email) = lower(book.json_text(request, 'email', 255))
    );
end
$$;

comment on function book.find_login(jsonb) is
'The bcrypt hash of the password of a login request''s account; NULL where there is no such account or it has none. For
the service alone. Raises what book.check_request raises.';
