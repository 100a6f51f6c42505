-- name: list_historical_swaps(owner, agent, wallet, token, start_time, end_time, limit, after_time, after_id)^
-- The user's historical swaps, newest sale first: body as JSON text, and the place of the last one where there may be
-- more.
with page as (
    select
        s.document,
        s.sale_time,
        s.id
    from api.historical_swaps as s
    where
        s.user_id = :owner::uuid
        and (:agent::uuid is null or s.agent_id = :agent::uuid)
        and (:wallet::text is null or s.wallet_address = :wallet::text)
        and (:token::text is null or s.token_address = :token::text)
        and (:start_time::timestamptz is null or s.sale_time >= :start_time::timestamptz)
        and (:end_time::timestamptz is null or s.sale_time < :end_time::timestamptz)
        and (
            :after_time::timestamptz is null
            or (s.sale_time, s.id) < (:after_time::timestamptz, :after_id::uuid)
        )
    order by s.sale_time desc, s.id desc
    limit :limit::int
)

select
    coalesce(json_agg(p.document order by p.sale_time desc, p.id desc), '[]')::text as body,
    case
        when count(*) = :limit::int
            then (array_agg(json_build_array(p.sale_time, p.id) order by p.sale_time, p.id))[1]::text
    end as last_place
from page as p;

-- name: get_historical_swap(owner, id)$
-- One of the user's historical swaps, as JSON text.
select s.document::text
from api.historical_swaps as s
where s.user_id = :owner::uuid and s.id = :id::uuid;
