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

-- name: record_batch(owner, requests, parameters)$
-- Books up to 10,000 transactions: what became of each, as JSON text.
select coalesce(json_agg(row_to_json(r) order by r.item), '[]')::text
from book.record_batch(:owner::uuid, :requests::jsonb, :parameters::jsonb) as r;

-- name: describe_transaction(owner, id, request)$
-- Changes what only describes a transaction; it as JSON text.
select book.describe_transaction(:owner::uuid, :id::uuid, :request::jsonb)::text;

-- name: void_transaction(id, request)$
-- Voids a transaction for a reason; it as JSON text.
select book.void_by_request(:id::uuid, :request::jsonb)::text;

-- name: correct_transaction(id, request)^
-- Puts another transaction in the place of one: body as JSON text, and whether that had been done before.
select
    r.document::text as body,
    r.is_replayed
from book.correct_by_request(:id::uuid, :request::jsonb) as r;
