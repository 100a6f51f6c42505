-- name: grant_bi(email, login, password)$
-- Lets a login read the rows of a user; whether the login was made. password is as PostgreSQL stores it, or null.
select book.grant_bi(:email::text, :login::text, :password::text);

-- name: revoke_bi(email, login)$
-- Ends that.
select book.revoke_bi(:email::text, :login::text);
