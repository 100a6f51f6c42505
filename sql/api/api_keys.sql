-- API keys as the HTTP service shows them: never the key or its hash.
create view api.api_keys with (security_invoker = true) as
select
    k.id,
    k.name,
    k.key_prefix as "keyPrefix",
    k.scopes,
    book.plain_time(k.created_at) as "createdAt"
from public.api_keys as k;

comment on view api.api_keys is 'API keys as the HTTP service shows them: the columns are the fields of the JSON.';
