-- name: assign_wallet(owner, request)$
-- Makes a wallet of one of the user's agents; it as JSON text.
select book.assign_wallet(:owner::uuid, :request::jsonb)::text;
