-- name: list_positions(owner, agent, wallet, token)$
-- The positions of one of the user's agents, newest first, dust included and marked, as JSON text.
select coalesce(json_agg(p.document order by p.created_at desc, p.id desc), '[]')::text
from api.positions as p
where
    p.user_id = :owner::uuid
    and p.agent_id = :agent::uuid
    and (:wallet::text is null or p.wallet_address = :wallet::text)
    and (:token::text is null or p.token_address = :token::text);
