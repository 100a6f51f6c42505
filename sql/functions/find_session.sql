-- Whose session an access token is of. Asked before it is known whose request it is, so no policy applies.
create function book.find_session(session uuid, token_hash bytea, at timestamptz)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select s.user_id
        from public.sessions as s
        where s.id = session and s.access_hash = token_hash and s.access_expires_at > at
    );
end
$$;

comment on function book.find_session(uuid, bytea, timestamptz) is
'The user of the session that has this access token (its SHA-256) at a time; NULL where it is not good. For the service
alone.';
