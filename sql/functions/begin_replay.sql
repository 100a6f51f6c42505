-- Begins a replay: an agent with a simulation wallet for each config, in a database that holds nothing but prices.
--
-- configs: {name: trading config}. starting_sol: what each wallet begins with. price_source: whose prices count;
-- max_age: how old a SOL/USD price may be. slippage_bps, fee_lamports: of each trade. Ids follow from the names, so
-- that chance is the same for a config whatever stands beside it. Answers the instants of the prices, in order: the
-- first one at which SOL has a price begins it.
create function book.begin_replay(
    configs jsonb, starting_sol numeric, price_source text, max_age interval, slippage_bps int, fee_lamports bigint
)
returns timestamptz[]
language plpgsql
volatile
as $$
declare
    owner constant uuid := book.id_from('replay user');
    instants timestamptz[];
begin
    update public.settings as s
    set
        price_source = begin_replay.price_source,
        price_max_age = max_age;
    instants := array(
        select distinct p.observed_at
        from public.token_prices as p
        where
            p.source = begin_replay.price_source
            and p.token_address <> book.sol_mint()
            and book.price_at(book.sol_mint(), begin_replay.price_source, p.observed_at, max_age) is not null
        order by p.observed_at
    );
    if cardinality(instants) = 0 then
        perform book.refuse('price_required', null, 'no price has a SOL/USD price beside it');
    end if;
    insert into public.users (id, email) values (owner, 'replay@tradebook.example');
    insert into public.agents (
        id,
        user_id,
        name,
        trading_config,
        simulation_slippage_bps,
        simulation_fee_lamports
    )
    select
        book.id_from('replay agent ' || c.key),
        owner,
        c.key,
        c.value,
        slippage_bps,
        fee_lamports
    from jsonb_each(configs) as c;
    insert into public.agent_wallets (wallet_address, agent_id, wallet_type)
    select
        'sim_' || replace(a.id::text, '-', ''),
        a.id,
        'simulation'
    from public.agents as a
    where a.user_id = owner;
    insert into public.agent_transactions (
        agent_id,
        wallet_address,
        transaction_type,
        transaction_time,
        input_mint,
        input_amount,
        origin
    )
    select
        w.agent_id,
        w.wallet_address,
        'DEPOSIT',
        instants[1],
        book.sol_mint(),
        starting_sol,
        'simulation'
    from public.agent_wallets as w
    order by w.wallet_address;
    return instants;
end
$$;

comment on function book.begin_replay(jsonb, numeric, text, interval, int, bigint) is
'Begins a replay with an agent for each config ({name: trading config}); the instants of the prices. Raises
price_required (TB043), config_not_valid (TB040).';
