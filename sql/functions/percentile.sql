-- The value below which a fraction of a sample lies, by linear interpolation between its neighbours; exact, where
-- PostgreSQL's own percentile_cont is a float.
create function book.percentile(sample numeric[], fraction numeric)
returns numeric
language plpgsql
immutable
strict
parallel safe
as $$
declare
    sorted constant numeric[] := array(select s.v from unnest(sample) as s (v) where s.v is not null order by s.v);
    place constant numeric := 1 + fraction * (cardinality(sorted) - 1);
begin
    return sorted[floor(place)] + (place - floor(place)) * (sorted[ceil(place)] - sorted[floor(place)]);
end
$$;

comment on function book.percentile(numeric[], numeric) is
'The percentile of a sample at a fraction from 0 to 1 (0.5: the median), interpolated linearly between neighbours. NULLs
do not count; NULL for an empty sample.';
