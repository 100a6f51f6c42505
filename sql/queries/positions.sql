-- name: close_position(owner, agent, id, request, idempotency_key)^
-- Sells all of a position of the user: body as JSON text, and whether it had been done before.
select
    r.document::text as body,
    r.is_replayed
from
    book.close_position(
        :owner::uuid, :agent::uuid, :id::uuid, :request::jsonb, :idempotency_key::uuid, clock_timestamp()
    ) as r;

-- name: take_profit_summary(owner, agent)$
-- How far the take-profit ladders of an agent's positions are, as JSON text.
select row_to_json(s)::text
from book.take_profit_summary(:owner::uuid, :agent::uuid) as s;
