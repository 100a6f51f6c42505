-- name: take_demo_turn()$
-- Waits for whoever else makes a demo; for the rest of the session.
select pg_advisory_lock(hashtextextended('tradebook demo', 0));

-- name: begin_demo(until, days, agents)$
-- Begins the demo, which ends at an hour (null: the last full one): that hour, or null where the database has users.
select case when book.begin_demo(d.until_time, :days::int, :agents::int) then d.until_time end
from (select coalesce(:until::timestamptz, date_bin('1 hour', now(), '2001-01-01T00:00:00Z')) as until_time) as d;

-- name: play_demo(until, days, day)$
-- Has the demo's agents trade for one day.
select book.play_demo(:until::timestamptz, :days::int, :day::int);

-- name: end_demo(until, days)$
-- Ends the demo.
select book.end_demo(:until::timestamptz, :days::int);

-- name: demo_user()$
-- The e-mail address of the demo's user; null where there is none.
select u.email
from users as u
where u.id = book.id_from('demo user') and u.email not like 'unfinished%%';
