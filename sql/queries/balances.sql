-- name: get_balance(owner, id)$
-- One of the user's balances, as JSON text.
select row_to_json(b)::text
from api.balances as b
inner join agent_balances as f on f.id = b.id
where f.id = :id::uuid and f.user_id = :owner::uuid;
