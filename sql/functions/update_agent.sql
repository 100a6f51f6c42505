-- Changes the fields of an agent that a request has; the others stay.
--
-- request: {"name"?, "tradingMode"?, "automatedTradingSimulation"?, "automatedTradingLive"?, "simulationSlippageBps"?,
-- "simulationFeeLamports"?}
create function book.update_agent(owner uuid, agent uuid, request jsonb)
returns json
language plpgsql
volatile
as $$
begin
    perform book.check_request(request, 'update_agent');
    perform book.require_agent(owner, agent);
    update public.agents as a
    set
        name = coalesce(request ->> 'name', a.name),
        trading_mode = coalesce(request ->> 'tradingMode', a.trading_mode),
        automated_trading_simulation = coalesce(
            (request ->> 'automatedTradingSimulation')::boolean, a.automated_trading_simulation
        ),
        automated_trading_live = coalesce((request ->> 'automatedTradingLive')::boolean, a.automated_trading_live),
        simulation_slippage_bps = coalesce((request ->> 'simulationSlippageBps')::int, a.simulation_slippage_bps),
        simulation_fee_lamports = coalesce((request ->> 'simulationFeeLamports')::int, a.simulation_fee_lamports)
    where a.id = agent;
    return (select row_to_json(a) from api.agents as a where a.id = agent);
end
$$;

comment on function book.update_agent(uuid, uuid, jsonb) is
'Changes the fields of a user''s agent that a request has; it as a document. Raises not_found (TB007) and what
book.check_request raises.';
