-- Agents as the HTTP service shows them.
create view api.agents with (security_invoker = true) as
select
    a.id,
    a.user_id as "userId",
    a.name,
    a.trading_mode as "tradingMode",
    a.automated_trading_simulation as "automatedTradingSimulation",
    a.automated_trading_live as "automatedTradingLive",
    a.trading_config as "tradingConfig",
    a.simulation_slippage_bps as "simulationSlippageBps",
    a.simulation_fee_lamports as "simulationFeeLamports",
    book.plain_time(a.created_at) as "createdAt",
    book.plain_time(a.updated_at) as "updatedAt"
from public.agents as a;

comment on view api.agents is 'Agents as the HTTP service shows them: the columns are the fields of the JSON.';
