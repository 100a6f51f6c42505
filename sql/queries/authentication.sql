-- name: act_as(role, user_id, actor)$
-- Makes the rest of the transaction that of a role, and of a user; actor is who recorded_by tells, or null.
select
    set_config('tradebook.user_id', coalesce(:user_id::text, ''), true)
    || set_config('tradebook.actor', coalesce(:actor::text, ''), true)
    || set_config('role', :role::text, true);

-- name: serve_as_key(role, key, key_hash, application_name, statement_ms, lock_ms)^
-- Makes the rest of the transaction that of a role, and of the user of an API key that was verified against this hash:
-- user_id, scopes; nulls, and no user, where there is no such key any more.
select
    k.user_id,
    k.scopes,
    set_config('tradebook.user_id', coalesce(k.user_id::text, ''), true) as user_set,
    set_config('tradebook.actor', 'key ' || :key::uuid, true) as actor_set,
    book.limit_work(:application_name::text, :statement_ms::int, :lock_ms::int) as limits_set,
    set_config('role', :role::text, true) as role_set
from book.find_api_key(:key::uuid, :key_hash::text) as k;

-- name: serve_as_session(role, session, token_hash, application_name, statement_ms, lock_ms)^
-- Makes the rest of the transaction that of a role, and of the user who has the access token with this SHA-256:
-- user_id; null, and no user, where it is not good any more.
select
    u.user_id,
    set_config('tradebook.user_id', coalesce(u.user_id::text, ''), true) as user_set,
    set_config('tradebook.actor', 'user ' || coalesce(u.user_id::text, 'unknown'), true) as actor_set,
    book.limit_work(:application_name::text, :statement_ms::int, :lock_ms::int) as limits_set,
    set_config('role', :role::text, true) as role_set
from book.find_session(:session::uuid, :token_hash::bytea, clock_timestamp()) as u (user_id);

-- name: check_constraints_now()#
-- Has deferred constraints speak, for a transaction that will not be committed.
set constraints all immediate;

-- name: find_session(session, token_hash)$
-- The user who has the access token with this SHA-256; null where it is not good.
select book.find_session(:session::uuid, :token_hash::bytea, clock_timestamp());

-- name: count_request(kind, subjects, most, seconds)$
-- Counts a request of a kind for each of those that it comes from: null, or the seconds to wait.
select book.count_request(
    :kind::text, :subjects::text[], :most::int, make_interval(secs => :seconds::int), clock_timestamp()
);

-- name: register(request, password_hash)$
-- Makes an account; it as JSON text.
select book.register(:request::jsonb, :password_hash::text)::text;

-- name: find_login(request)$
-- The hash that the password of a login has to be checked against; null where there is none.
select book.find_login(:request::jsonb);

-- name: log_in(request, checked_hash, is_right, session, access_hash, refresh_hash)^
-- Finishes a login whose password was checked: verdict, locked_until, and the session as JSON text.
select
    l.verdict,
    book.plain_time(l.locked_until) as locked_until,
    case when (l.tokens)."tokenType" is not null then row_to_json(l.tokens)::text end as document
from book.log_in(
        :request::jsonb,
        :checked_hash::text,
        :is_right::boolean,
        :session::uuid,
        :access_hash::bytea,
        :refresh_hash::bytea,
        clock_timestamp()
    ) as l;

-- name: refresh_session(request, session, used_hash, access_hash, refresh_hash)^
-- Gives a session new tokens: it as JSON text, or null; and whose it was, where its token was used again.
select
    case when (s.tokens)."tokenType" is not null then row_to_json(s.tokens)::text end as document,
    s.reused_by
from book.refresh_session(
        :request::jsonb,
        :session::uuid,
        :used_hash::bytea,
        :access_hash::bytea,
        :refresh_hash::bytea,
        clock_timestamp()
    ) as s;

-- name: log_out(session)$
-- Ends the session that the request is of.
select book.log_out(:session::uuid)::text;

-- name: get_account(owner)$
-- The user, as JSON text.
select row_to_json(u)::text
from api.users as u
where u.id = :owner::uuid;

-- name: find_password(owner, request)$
-- The bcrypt hash that the current password of a change has to be checked against; null where the user has none.
select book.find_password(:owner::uuid, :request::jsonb);

-- name: change_password(owner, checked_hash, is_right, new_hash)^
-- Changes the user's password, whose old one was checked: verdict, locked_until.
select
    c.verdict,
    book.plain_time(c.locked_until) as locked_until
from book.change_password(
        :owner::uuid, :checked_hash::text, :is_right::boolean, :new_hash::text, clock_timestamp()
    ) as c;
