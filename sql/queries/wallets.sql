-- name: list_wallets(owner, agent)$
-- The wallets of one of the user's agents, newest first, as JSON text.
select coalesce(json_agg(w.document order by w.created_at desc, w.wallet_address asc), '[]')::text
from api.wallets as w
where w.user_id = :owner::uuid and w.agent_id = :agent::uuid;

-- name: assign_wallet(owner, request)$
-- Makes a wallet of one of the user's agents; it as JSON text.
select book.assign_wallet(:owner::uuid, :request::jsonb)::text;
