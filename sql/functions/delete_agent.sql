-- Deletes an agent with its wallets and their history, where that is confirmed or there is none.
--
-- parameters: {"confirm"?}
create function book.delete_agent(owner uuid, agent uuid, parameters jsonb)
returns void
language plpgsql
volatile
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'delete_agent');
begin
    perform book.require_agent(owner, agent);
    -- Whoever trades for it refers to it with a lock on its key.
    perform from public.agents as a where a.id = agent for update;
    if
        not coalesce((asked ->> 'confirm')::boolean, false)
        and exists (select from public.agent_transactions as t where t.agent_id = agent)
    then
        perform book.refuse('agent_has_history', 'confirm', 'the agent has transactions, which would go with it');
    end if;
    delete from public.agents as a where a.id = agent;
end
$$;

comment on function book.delete_agent(uuid, uuid, jsonb) is
'Deletes an agent of a user with all that is of it. Raises not_found (TB007), agent_has_history (TB033) and what
book.read_parameters raises.';
