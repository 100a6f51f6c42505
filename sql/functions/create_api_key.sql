-- Makes an API key of a user. The key itself is made and hashed outside.
--
-- request: {"name", "scopes"}
create function book.create_api_key(owner uuid, request jsonb, key_hash text, key_prefix text)
returns json
language plpgsql
volatile
as $$
declare
    key constant uuid := gen_random_uuid();
    asked jsonb;
begin
    perform book.check_fields(request, array['name', 'scopes'], array['name', 'scopes']);
    asked := request -> 'scopes';
    if jsonb_typeof(asked) <> 'array' or jsonb_path_exists(asked, 'strict $[*] ? (@.type() <> "string")') or asked = '[]' then
        perform book.refuse('field_not_valid', 'scopes', 'it has to be an array of scopes, at least one');
    elsif asked ? 'feed' then
        perform book.refuse('scope_not_granted', 'scopes', 'the scope feed is the operator''s');
    end if;
    insert into public.api_keys (id, user_id, name, key_hash, key_prefix, scopes)
    values (
        key,
        owner,
        book.json_text(request, 'name', 100),
        key_hash,
        key_prefix,
        array(select distinct s.scope from jsonb_array_elements_text(asked) as s (scope) order by s.scope)
    );
    return (
        select row_to_json(k)
        from api.api_keys as k
        where k.id = key
    );
end
$$;

comment on function book.create_api_key(uuid, jsonb, text, text) is
'Makes an API key of a user from a request (name, scopes), its bcrypt hash and its first 12 characters; it as a
document. Raises scope_not_granted (TB024), field_required (TB010), field_unknown (TB009), field_not_valid (TB011).';
