-- Accounts as the HTTP service shows them to themselves.
create view api.users with (security_invoker = true) as
select
    u.id,
    u.email,
    book.plain_time(u.created_at) as "createdAt"
from public.users as u;

comment on view api.users is 'Accounts as the HTTP service shows them: the columns are the fields of the JSON.';
