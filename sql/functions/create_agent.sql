-- Makes an agent and its simulation wallet.
--
-- request: {"name", "tradingMode"?, "automatedTradingSimulation"?, "automatedTradingLive"?, "tradingConfig"?,
-- "simulationSlippageBps"?, "simulationFeeLamports"?}
create function book.create_agent(owner uuid, request jsonb)
returns json
language plpgsql
volatile
as $$
declare
    agent constant uuid := gen_random_uuid();
begin
    perform book.check_fields(
        request,
        array[
            'name', 'tradingMode', 'automatedTradingSimulation', 'automatedTradingLive', 'tradingConfig',
            'simulationSlippageBps', 'simulationFeeLamports'
        ],
        array['name']
    );
    insert into public.agents (
        id,
        user_id,
        name,
        trading_mode,
        automated_trading_simulation,
        automated_trading_live,
        trading_config,
        simulation_slippage_bps,
        simulation_fee_lamports
    )
    values (
        agent,
        owner,
        book.json_text(request, 'name', 255),
        coalesce(book.json_text(request, 'tradingMode', 20), 'simulation'),
        coalesce(book.json_boolean(request, 'automatedTradingSimulation'), true),
        coalesce(book.json_boolean(request, 'automatedTradingLive'), true),
        book.stored_trading_config(nullif(request -> 'tradingConfig', 'null'), '/tradingConfig'),
        coalesce(book.json_integer(request, 'simulationSlippageBps', 0, 5000), 0),
        coalesce(book.json_integer(request, 'simulationFeeLamports', 0, 1000000000), 0)
    );
    insert into public.agent_wallets (wallet_address, agent_id, wallet_type)
    values ('sim_' || replace(gen_random_uuid()::text, '-', ''), agent, 'simulation');
    return (select row_to_json(a) from api.agents as a where a.id = agent);
end
$$;

comment on function book.create_agent(uuid, jsonb) is
'Makes an agent of a user and its simulation wallet from a request (name, tradingMode, automatedTrading...,
tradingConfig, simulationSlippageBps, simulationFeeLamports); it as a document.
Raises field_required (TB010), field_unknown (TB009), field_not_valid (TB011), config_not_valid (TB040).';
