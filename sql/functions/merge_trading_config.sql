-- Changes the settings of an agent's trading config that are given; the others stay.
create function book.merge_trading_config(owner uuid, agent uuid, config jsonb)
returns jsonb
language plpgsql
volatile
as $$
begin
    perform book.check_fields(config, null, '{}');
    perform book.require_agent(owner, agent);
    -- In one statement, so that of two at once the second is merged with what the first one left.
    update public.agents as a
    set trading_config = book.merge_json(coalesce(a.trading_config, '{}'), config)
    where a.id = agent;
    return (select c.effective from report.trading_configs as c where c.agent_id = agent);
end
$$;

comment on function book.merge_trading_config(uuid, uuid, jsonb) is
'Changes the given settings of the trading config of a user''s agent, objects merged, lists replaced; the effective one.
Raises not_found (TB007), field_not_valid (TB011), config_not_valid (TB040).';
