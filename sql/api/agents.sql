-- Agents as the HTTP service shows them.
create view api.agents with (security_invoker = true) as
select
    a.id,
    a.user_id,
    a.created_at,
    json_build_object(
        'id', a.id,
        'userId', a.user_id,
        'name', a.name,
        'tradingMode', a.trading_mode,
        'automatedTradingSimulation', a.automated_trading_simulation,
        'automatedTradingLive', a.automated_trading_live,
        'tradingConfig', a.trading_config,
        'createdAt', book.plain_time(a.created_at),
        'updatedAt', book.plain_time(a.updated_at)
    ) as document
from public.agents as a;

comment on view api.agents is 'Agents as JSON documents, with the columns that requests filter and sort by.';
