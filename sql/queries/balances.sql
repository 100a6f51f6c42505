-- name: list_balances(owner, agent, wallet, token)$
-- The balances of one of the user's agents, by wallet and token, as JSON text.
select coalesce(json_agg(b.document order by b.wallet_address, b.token_address), '[]')::text
from api.balances as b
where
    b.user_id = :owner::uuid
    and b.agent_id = :agent::uuid
    and (:wallet::text is null or b.wallet_address = :wallet::text)
    and (:token::text is null or b.token_address = :token::text);
