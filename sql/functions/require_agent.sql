-- Refuses an agent that the user does not have, or a wallet that the agent does not have: an empty answer would say
-- that there is nothing in it.
create function book.require_agent(owner uuid, agent uuid, wallet text default null)
returns void
language plpgsql
stable
as $$
begin
    if not exists (select from public.agents as a where a.id = agent and a.user_id = owner) then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    elsif wallet is not null and not exists (
        select from public.agent_wallets as w where w.agent_id = agent and w.wallet_address = wallet
    ) then
        perform book.refuse('not_found', 'wallet_address', 'the agent has no such wallet');
    end if;
end
$$;

comment on function book.require_agent(uuid, uuid, text) is
'Raises not_found (TB007) where the user has no such agent, or the agent no such wallet (NULL: none is asked for).';
