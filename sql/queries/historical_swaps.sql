-- name: get_historical_swap(owner, id)$
-- One of the user's historical swaps, as JSON text.
select row_to_json(s)::text
from api.historical_swaps as s
inner join agent_historical_swaps as h on h.id = s.id
where h.id = :id::uuid and h.user_id = :owner::uuid;
