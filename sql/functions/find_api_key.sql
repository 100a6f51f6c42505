-- Whose key it is that was verified before, while it is there: a key that was deleted is refused at once. Asked before
-- it is known whose request it is, so no policy applies.
create function book.find_api_key(key uuid, known_hash text, out user_id uuid, out scopes text[])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        k.user_id,
        k.scopes
    into user_id, scopes
    from public.api_keys as k
    where k.id = key and k.key_hash = known_hash;
end
$$;

comment on function book.find_api_key(uuid, text) is
'The user and the scopes of a key with this bcrypt hash; NULL where there is no such key any more. For the service
alone.';
