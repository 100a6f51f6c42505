-- name: find_api_keys(prefix)
-- The keys whose first 12 characters these are: id, user_id, key_hash, scopes.
select
    k.id,
    k.user_id,
    k.key_hash,
    k.scopes
from book.find_api_keys(:prefix::text) as k;

-- name: grant_api_key(email, name, key_hash, key_prefix, scopes)$
-- Stores a key of the user of that e-mail address; its id, or null where there is no such user.
insert into api_keys (user_id, name, key_hash, key_prefix, scopes)
select
    u.id,
    :name::text,
    :key_hash::text,
    :key_prefix::text,
    :scopes::text[]
from users as u
where lower(u.email) = lower(:email::text)
returning id;

-- name: get_api_key(owner, id)$
-- One of the user's keys, as JSON text.
select row_to_json(d)::text
from api_keys as k
inner join api.api_keys as d on d.id = k.id
where k.user_id = :owner::uuid and k.id = :id::uuid;

-- name: create_api_key(owner, request, key_hash, key_prefix)$
-- Makes a key of the user; it as JSON text, without the key itself.
select row_to_json(k)::text
from book.create_api_key(:owner::uuid, :request::jsonb, :key_hash::text, :key_prefix::text) as k;

-- name: delete_api_key(owner, id)$
-- Deletes one of the user's keys; its id, or null where there is no such key.
delete from api_keys as k
where k.user_id = :owner::uuid and k.id = :id::uuid
returning k.id;
