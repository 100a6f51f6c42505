-- The time before which all that was recorded can be seen by statements that begin after this one.
--
-- A fact's time of arrival is drawn before its transaction commits. Whoever may not look at others' transactions
-- (pg_read_all_stats) is not told when they began: an hour is kept for them. One that stays open for longer beside
-- such a caller makes its facts look put in later.
create function book.settled_before(at timestamptz)
returns timestamptz
language sql
volatile
as $$
    select least(at - interval '1 hour', min(a.xact_start))
    from pg_catalog.pg_stat_activity as a
    where a.datname = current_database()
$$;

comment on function book.settled_before(timestamptz) is
'The time before which all that was recorded can be seen: an hour before at, or the begin of the oldest open transaction
where that is earlier.';
