-- Removes a few counts that are over. Whoever adds one calls this first, so that the table cannot grow for ever; rows
-- that somebody else is at are left to him.
create function book.forget_request_counts(at timestamptz)
returns void
language plpgsql
volatile
as $$
begin
    delete from public.request_counts as c
    where c.bucket = any(array(
        select o.bucket
        from public.request_counts as o
        where o.ends_at <= at
        order by o.ends_at
        limit 3
        for update skip locked
    ));
end
$$;

comment on function book.forget_request_counts(timestamptz) is 'Removes up to three request counts that are over.';
