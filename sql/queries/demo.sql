-- name: make_demo()$
-- Makes the demo; its user's id.
select book.make_demo();

-- name: demo_user()$
-- The e-mail address of the demo's user; null where there is none.
select u.email
from users as u
where u.id = book.id_from('demo user');
