-- name: health()$
-- Whether the database answers and its code is there, as JSON text.
select json_build_object('status', 'ok', 'time', book.plain_time(now()))::text;

-- name: error_codes()
-- Every error that a client can meet.
select
    e.code,
    e.name,
    e.http_status,
    e.title
from report.error_codes as e;

-- name: constraint_rules()
-- What each constraint of a table is about.
select
    r.constraint_name,
    r.rule,
    r.column_name
from report.constraint_rules as r;
