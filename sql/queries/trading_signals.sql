-- name: create_trading_signal(owner, request, idempotency_key)^
-- Makes a signal, for everyone where the owner is null: body as JSON text, and whether it had been made before.
select
    r.document::text as body,
    r.is_replayed
from book.create_trading_signal(:owner::uuid, :request::jsonb, :idempotency_key::uuid) as r;

-- name: get_trading_signal(owner, id)$
-- A signal that the user sees, as JSON text.
select row_to_json(s)::text
from api.trading_signals as s
where s.id = :id::int and (s."userId" is null or s."userId" = :owner::uuid);

-- name: update_trading_signal(owner, id, request)$
-- Changes a signal of the user; it as JSON text.
select book.update_trading_signal(:owner::uuid, :id::int, :request::jsonb)::text;

-- name: delete_trading_signal(owner, id)$
-- Deletes a signal of the user.
select book.delete_trading_signal(:owner::uuid, :id::int);
