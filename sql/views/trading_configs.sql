-- The trading config that each agent goes by: what it says itself, over the defaults.
create view report.trading_configs with (security_invoker = true) as
select
    a.user_id,
    a.id as agent_id,
    a.trading_config as stored,
    e.effective,
    coalesce(a.trading_rules, book.default_trading_rules()) as in_force
from public.agents as a
cross join
    lateral book.merge_json(book.default_trading_config(), coalesce(a.trading_config, '{}')) as e (effective);

comment on view report.trading_configs is
'The trading config that each agent goes by. report.trading_config_rules says what each setting means.';
comment on column report.trading_configs.user_id is 'Whose agent it is.';
comment on column report.trading_configs.agent_id is 'The agent.';
comment on column report.trading_configs.stored is
'What differs from the defaults: agents.trading_config; NULL where nothing does.';
comment on column report.trading_configs.effective is
'Every setting: those that are stored over the defaults, objects merged, lists replaced.';
comment on column report.trading_configs.in_force is
'The same with the levels and the moon bag of presets, where a mode is one: what the rules go by.';
