-- name: find_api_keys(prefix)
-- The keys whose first 12 characters these are: id, user_id, key_hash, scopes.
select
    k.id,
    k.user_id,
    k.key_hash,
    k.scopes
from book.find_api_keys(:prefix::text) as k;

-- name: create_api_key(email, name, key_hash, key_prefix, scopes)$
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

-- name: act_as(role, user_id, actor)$
-- Makes the rest of the transaction that of a role, and of a user; actor is who recorded_by tells, or null.
select
    set_config('tradebook.user_id', coalesce(:user_id::text, ''), true)
    || set_config('tradebook.actor', coalesce(:actor::text, ''), true)
    || set_config('role', :role::text, true);

-- name: check_constraints_now()#
-- Has deferred constraints speak, for a transaction that will not be committed.
set constraints all immediate;
