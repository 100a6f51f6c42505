-- The first full hour, UTC, at or after an instant: the first snapshot that it is in.
create function book.hour_at_or_after(at timestamptz)
returns timestamptz
language sql
immutable
parallel safe
as $$
    select date_bin(
        interval '1 hour', at - interval '1 microsecond', timestamptz '1970-01-01T00:00:00Z'
    ) + interval '1 hour'
$$;

comment on function book.hour_at_or_after(timestamptz) is
'The first full hour, UTC, at or after an instant.';
