-- name: assign_wallet(owner, request)$
-- Makes a wallet of one of the user's agents; it as JSON text.
select book.assign_wallet(:owner::uuid, :request::jsonb)::text;

-- name: unassign_wallet(owner, wallet, request)$
-- Deletes a wallet of the user; it as it was, as JSON text.
select book.unassign_wallet(:owner::uuid, :wallet::text, :request::jsonb)::text;

-- name: reset_wallet(owner, wallet, request)$
-- Begins a simulation wallet of the user anew; its starting deposit as JSON text.
select book.reset_wallet(:owner::uuid, :wallet::text, :request::jsonb)::text;

-- name: reconcile_wallet(owner, wallet, chain, parameters)$
-- Compares a wallet of the user with the chain: each token as JSON text.
select coalesce(json_agg(row_to_json(r)), '[]')::text
from book.reconcile_wallet(:owner::uuid, :wallet::text, :chain::jsonb, :parameters::jsonb) as r;
