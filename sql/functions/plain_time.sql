-- An instant as ISO 8601 in UTC, with a fraction only where there is one: 2025-04-27T23:01:47Z.
create function book.plain_time(at timestamptz)
returns api.time_text
language sql
stable
strict
parallel safe
as $$
    select
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || rtrim(rtrim(to_char(at at time zone 'UTC', '.US'), '0'), '.')
        || 'Z'
$$;

comment on function book.plain_time(timestamptz) is 'An instant as ISO 8601 in UTC, such as 2025-04-27T23:01:47Z.';
