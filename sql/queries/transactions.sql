-- name: get_transaction(owner, id)$
-- One of the user's transactions, as JSON text.
select row_to_json(t)::text
from api.transactions as t
inner join agent_transactions as f on f.id = t.id
where f.id = :id::uuid and f.user_id = :owner::uuid;

-- name: record_transaction(owner, request, idempotency_key)^
-- Books a transaction: body as JSON text, and whether it had been booked before.
select
    r.document::text as body,
    r.is_replayed
from book.record_transaction(:owner::uuid, :request::jsonb, :idempotency_key::uuid) as r;
