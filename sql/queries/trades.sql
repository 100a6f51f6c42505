-- name: execute_trade(owner, request, idempotency_key)^
-- Buys a token for a simulation wallet of the user: body as JSON text, and whether it had been bought before.
select
    r.document::text as body,
    r.is_replayed
from book.execute_trade(:owner::uuid, :request::jsonb, :idempotency_key::uuid, clock_timestamp()) as r;
