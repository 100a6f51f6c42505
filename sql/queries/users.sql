-- name: add_user(email, password_hash)$
-- Makes an account; its id.
select book.add_user(:email::text, :password_hash::text);

-- name: set_password(email, password_hash)$
-- Sets the password of an account and ends its sessions; its id, or null where there is none.
select book.set_password(:email::text, :password_hash::text);

-- name: unlock_user(email)$
-- Opens the lock of an account; its id, or null where there is none.
update users as u
set failed_login_attempts = 0, locked_until = null
where lower(u.email) = lower(:email::text)
returning u.id;
