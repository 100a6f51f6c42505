-- As judge_password, for an e-mail address that nobody has: the answers must not tell which addresses have an account.
--
-- Failures of the last day are remembered, after which a row has to go.
create function book.judge_unknown_email(
    address text, at timestamptz, out verdict text, out locked_until timestamptz
)
language plpgsql
volatile
as $$
declare
    failures int;
    ends_at timestamptz;
begin
    perform book.forget_request_counts(at);
    insert into public.request_counts as c (bucket, requests, ends_at)
    values (book.request_bucket('unknown e-mail', address), 1, at + interval '1 day')
    on conflict (bucket) do update set
        requests = case when c.ends_at <= at then 1 else c.requests + 1 end,
        ends_at = case
            when c.ends_at <= at then at + interval '1 day'
            when c.requests + 1 = 5 then at + interval '15 minutes'
            else c.ends_at
        end
    returning c.requests, c.ends_at into failures, ends_at;
    verdict := case when failures >= 5 then 'locked' else 'wrong' end;
    locked_until := case when failures >= 5 then ends_at end;
end
$$;

comment on function book.judge_unknown_email(text, timestamptz) is
'Counts a failed login of an e-mail address that nobody has: verdict wrong or locked, and locked_until, NULL unless
locked.';
