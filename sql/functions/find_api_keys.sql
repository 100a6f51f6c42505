-- The keys whose first 12 characters these are. Asked before it is known whose request it is, so no policy applies.
create function book.find_api_keys(prefix text)
returns table (id uuid, user_id uuid, key_hash text, scopes text[])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        k.id,
        k.user_id,
        k.key_hash,
        k.scopes
    from public.api_keys as k
    where k.key_prefix = prefix;
end
$$;

comment on function book.find_api_keys(text) is
'The API keys that begin with these 12 characters, of whatever user, with their bcrypt hashes. For the service alone.';
