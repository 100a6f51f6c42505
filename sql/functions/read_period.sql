-- The period that parameters name: timeframe, which ends now, or from and to; all time without them.
--
-- Raises field_not_valid where both are given, or the end is not after the start.
create function book.read_period(asked jsonb)
returns tstzrange
language plpgsql
stable
as $$
declare
    timeframe constant text := asked ->> 'timeframe';
    start_at constant timestamptz := coalesce((asked ->> 'from')::timestamptz, '-infinity');
    end_at constant timestamptz := coalesce((asked ->> 'to')::timestamptz, 'infinity');
begin
    if timeframe is not null and (asked ? 'from' or asked ? 'to') then
        perform book.refuse('field_not_valid', 'timeframe', 'a timeframe, or from and to, not both');
    elsif end_at <= start_at then
        perform book.refuse('field_not_valid', 'to', 'it has to be after from');
    elsif coalesce(timeframe, 'all') = 'all' then
        return tstzrange(start_at, end_at);
    end if;
    return tstzrange(now() - timeframe::interval, 'infinity');
end
$$;

comment on function book.read_period(jsonb) is
'The period [from, to) that parameters name: timeframe (24h, 7d, 30d or all, up to now), or from and to; else all time.
Raises field_not_valid (TB011).';
