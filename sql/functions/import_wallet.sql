-- The agent of a wallet that an import brings rows for: the user's own, or a new one whose live wallet
-- it is.
--
-- Raises taken where the wallet is another user's.
create function book.import_wallet(owner uuid, address text)
returns uuid
language plpgsql
volatile
as $$
declare
    agent uuid;
    agent_owner uuid;
begin
    select
        a.id,
        a.user_id
    into agent, agent_owner
    from public.agent_wallets as w
    inner join public.agents as a on a.id = w.agent_id
    where w.wallet_address = address;

    if agent is null then
        insert into public.agents (user_id, name, trading_mode)
        values (owner, address, 'live')
        returning id into agent;
        insert into public.agent_wallets (wallet_address, agent_id, wallet_type)
        values (address, agent, 'live');
    elsif agent_owner <> owner then
        perform book.refuse('taken', 'wallet_address', 'the wallet is another user''s');
    end if;
    return agent;
end
$$;

comment on function book.import_wallet(uuid, text) is
'The agent of the user''s wallet; agent and live wallet are made where the address is new. Raises taken (TB012).';
