-- name: list_agents(owner, limit, after_time, after_id)^
-- The user's agents, newest first: body as JSON text, and the place of the last one where there may be more.
with page as (
    select
        a.document,
        a.created_at,
        a.id
    from api.agents as a
    where
        a.user_id = :owner::uuid
        and (
            :after_time::timestamptz is null
            or (a.created_at, a.id) < (:after_time::timestamptz, :after_id::uuid)
        )
    order by a.created_at desc, a.id desc
    limit :limit::int
)

select
    coalesce(json_agg(p.document order by p.created_at desc, p.id desc), '[]')::text as body,
    case
        when count(*) = :limit::int
            then (array_agg(json_build_array(p.created_at, p.id) order by p.created_at, p.id))[1]::text
    end as last_place
from page as p;

-- name: get_agent(owner, id)$
-- One of the user's agents, as JSON text.
select a.document::text
from api.agents as a
where a.user_id = :owner::uuid and a.id = :id::uuid;

-- name: create_agent(owner, request)$
-- Makes an agent and its simulation wallet; the agent as JSON text.
select book.create_agent(:owner::uuid, :request::jsonb)::text;

-- name: performance_summary(owner, agent, start_at, end_at, wallet)$
-- What the agent has earned in a period and holds, as JSON text.
select book.performance_summary(
    :owner::uuid, :agent::uuid, :start_at::timestamptz, :end_at::timestamptz, :wallet::text
)::text;
