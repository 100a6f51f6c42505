-- An instant as ISO 8601 in a time zone, with its offset from UTC.
create function book.time_in_zone(at text, zone text)
returns text
language sql
stable
strict
parallel safe
as $$
    select
        to_char(l.local, 'YYYY-MM-DD"T"HH24:MI:SS')
        || rtrim(rtrim(to_char(l.local, '.US'), '0'), '.')
        || case when l.offset_seconds < 0 then '-' else '+' end
        || to_char(make_interval(secs => abs(l.offset_seconds)), 'HH24:MI')
    from (
        select
            at::timestamptz at time zone zone as local,
            extract(
                epoch from (at::timestamptz at time zone zone) - (at::timestamptz at time zone 'UTC')
            )::int as offset_seconds
    ) as l
$$;

comment on function book.time_in_zone(text, text) is
'An instant as ISO 8601 in a time zone, with its offset: 2025-04-28T01:01:47+02:00.';
