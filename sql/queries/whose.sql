-- For commands: whose rows are asked for.

-- name: user_of_email(email)$
-- The user of that e-mail address; null where there is none.
select u.id
from users as u
where lower(u.email) = lower(:email::text);

-- name: agents_named(agent, user_id)
-- The agents of that id or name, of one user or, where that is null, of all.
select
    a.id,
    a.name
from agents as a
where
    (a.id::text = lower(:agent::text) or a.name = :agent::text)
    and (:user_id::uuid is null or a.user_id = :user_id::uuid)
order by a.id
limit 2;
