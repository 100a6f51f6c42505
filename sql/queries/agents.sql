-- name: get_agent(owner, id)$
-- One of the user's agents, as JSON text.
select row_to_json(a)::text
from api.agents as a
where a.id = :id::uuid and a."userId" = :owner::uuid;

-- name: create_agent(owner, request)$
-- Makes an agent and its simulation wallet; the agent as JSON text.
select book.create_agent(:owner::uuid, :request::jsonb)::text;

-- name: performance_summary(owner, parameters)$
-- What the agent has earned in a period, and holds, as JSON text.
select row_to_json(p)::text
from book.performance_summary(:owner::uuid, :parameters::jsonb) as p;

-- name: agent_statistics(owner, parameters)$
-- Statistics of the agent in a period, as JSON text.
select row_to_json(s)::text
from book.agent_statistics(:owner::uuid, :parameters::jsonb) as s;

-- name: get_trading_config(owner, id)$
-- The effective trading config of one of the user's agents, as JSON text.
select c.effective::text
from report.trading_configs as c
where c.agent_id = :id::uuid and c.user_id = :owner::uuid;

-- name: replace_trading_config(owner, id, config)$
-- Replaces what the agent's trading config says itself; the effective one, as JSON text.
select book.replace_trading_config(:owner::uuid, :id::uuid, :config::jsonb)::text;

-- name: merge_trading_config(owner, id, config)$
-- Changes the settings that are given; the effective config, as JSON text.
select book.merge_trading_config(:owner::uuid, :id::uuid, :config::jsonb)::text;

-- name: reset_trading_config(owner, id, parameters)$
-- Puts the agent's trading config back to the defaults, whole or below a path; the effective one, as JSON text.
select book.reset_trading_config(:owner::uuid, :id::uuid, :parameters::jsonb)::text;

-- name: update_agent(owner, id, request)$
-- Changes an agent of the user; it as JSON text.
select book.update_agent(:owner::uuid, :id::uuid, :request::jsonb)::text;

-- name: delete_agent(owner, id, parameters)$
-- Deletes an agent of the user.
select book.delete_agent(:owner::uuid, :id::uuid, :parameters::jsonb);

-- name: balance_history(owner, parameters)$
-- What the agent was worth in a period, as JSON text.
select row_to_json(h)::text
from book.balance_history_of(:owner::uuid, :parameters::jsonb) as h;
