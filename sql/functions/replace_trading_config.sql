-- Replaces what an agent's trading config says itself; what it does not say is as in the defaults.
create function book.replace_trading_config(owner uuid, agent uuid, config jsonb)
returns jsonb
language plpgsql
volatile
as $$
begin
    perform book.check_fields(config, null, '{}');
    perform book.require_agent(owner, agent);
    update public.agents as a
    set trading_config = config
    where a.id = agent;
    return (select c.effective from report.trading_configs as c where c.agent_id = agent);
end
$$;

comment on function book.replace_trading_config(uuid, uuid, jsonb) is
'Replaces what the trading config of a user''s agent says itself; the effective one. Raises not_found (TB007),
field_not_valid (TB011), config_not_valid (TB040).';
