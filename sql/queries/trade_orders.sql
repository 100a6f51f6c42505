-- name: get_trade_order(owner, id)$
-- One of the user's orders, as JSON text.
select row_to_json(o)::text
from api.trade_orders as o
inner join trade_orders as t on t.id = o.id
where t.id = :id::uuid and t.user_id = :owner::uuid;

-- name: claim_orders(owner, request, idempotency_key)^
-- Gives an executor orders of the user: body as JSON text, an array, and whether they had been given before.
select
    r.document::text as body,
    r.is_replayed
from book.claim_orders(:owner::uuid, :request::jsonb, :idempotency_key::uuid, clock_timestamp()) as r;

-- name: fill_order(owner, id, request)^
-- Books what an executor did for an order of the user: body as JSON text, and whether it had been booked before.
select
    r.document::text as body,
    r.is_replayed
from book.fill_order(:owner::uuid, :id::uuid, :request::jsonb, clock_timestamp()) as r;

-- name: fail_order(owner, id, request)^
-- Ends an order of the user that could not be executed: body as JSON text, and whether that had been said before.
select
    r.document::text as body,
    r.is_replayed
from book.fail_order(:owner::uuid, :id::uuid, :request::jsonb, clock_timestamp()) as r;
