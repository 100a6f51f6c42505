-- Puts an agent's trading config back to the defaults, whole or below one path.
--
-- parameters: {"path"?: "dca.levels"}
create function book.reset_trading_config(owner uuid, agent uuid, parameters jsonb)
returns jsonb
language plpgsql
volatile
as $$
declare
    reset constant text[] := coalesce(string_to_array(parameters ->> 'path', '.'), '{}');
begin
    perform book.check_request(parameters, 'reset_trading_config');
    -- What is inside a list has no default.
    if not exists (select from report.trading_config_rules as r where r.place = reset and '*' <> all (r.place)) then
        perform book.refuse('field_not_valid', 'path', 'there is no such setting');
    end if;
    perform book.require_agent(owner, agent);
    update public.agents as a
    set trading_config = case when reset <> '{}' then a.trading_config #- reset end
    where a.id = agent;
    return (select c.effective from report.trading_configs as c where c.agent_id = agent);
end
$$;

comment on function book.reset_trading_config(uuid, uuid, jsonb) is
'Puts the trading config of a user''s agent back to the defaults, whole or below the parameter path; the effective one.
Raises not_found (TB007), field_not_valid (TB011), and config_not_valid (TB040) where the rest cannot be without it.';
