-- Makes an API key of a user. The key itself is made and hashed outside.
--
-- request: {"name", "scopes"}
create function book.create_api_key(owner uuid, request jsonb, key_hash text, key_prefix text)
returns api.new_api_key
language plpgsql
volatile
as $$
declare
    key constant uuid := gen_random_uuid();
    asked text[];
    made api.new_api_key;
begin
    perform book.check_request(request, 'create_api_key');
    asked := array(
        select distinct s.scope
        from jsonb_array_elements_text(request -> 'scopes') as s (scope)
        order by s.scope
    );
    if asked = '{}' then
        perform book.refuse('field_not_valid', 'scopes', 'it has to have one scope at least');
    elsif 'feed' = any(asked) then
        perform book.refuse('scope_not_granted', 'scopes', 'the scope feed is the operator''s');
    end if;
    insert into public.api_keys (id, user_id, name, key_hash, key_prefix, scopes)
    values (key, owner, book.json_text(request, 'name', 100), key_hash, key_prefix, asked);
    select
        k.id,
        null,
        k.name,
        k."keyPrefix",
        k.scopes,
        k."createdAt"
    into made
    from api.api_keys as k
    where k.id = key;
    return made;
end
$$;

comment on function book.create_api_key(uuid, jsonb, text, text) is
'Makes an API key of a user from a request (name, scopes), its bcrypt hash and its first 12 characters; the answer, but
for the key itself. Raises scope_not_granted (TB024), and what book.check_request raises.';
