-- Counts a request of a kind, for each of those that it is counted for, in order: where one has reached the limit, the
-- seconds until his period is over, and the ones after him are not counted, so that an address which is refused already
-- does not use up what another's e-mail address may.
--
-- To be committed by itself, whatever comes of the request.
create function book.count_request(kind text, subjects text[], most int, period interval, at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    subject text;
    counted record;
begin
    perform book.forget_request_counts(at);
    foreach subject in array subjects loop
        insert into public.request_counts as c (bucket, requests, ends_at)
        values (book.request_bucket(kind, subject), 1, at + period)
        on conflict (bucket) do update set
            requests = case when c.ends_at <= at then 1 else least(c.requests, most) + 1 end,
            ends_at = case when c.ends_at <= at then at + period else c.ends_at end
        returning c.requests, c.ends_at into counted;
        if counted.requests > most then
            return greatest(ceil(extract(epoch from counted.ends_at - at)), 1);
        end if;
    end loop;
    return null;
end
$$;

comment on function book.count_request(text, text[], int, interval, timestamptz) is
'Counts a request of a kind for those that it comes from: NULL, or the seconds to wait where one of them has had the
most in this period. For the service alone.';
