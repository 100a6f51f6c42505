-- Makes a wallet of an agent: its address is the client's.
--
-- request: {"agentId", "walletAddress", "walletType"}
create function book.assign_wallet(owner uuid, request jsonb)
returns json
language plpgsql
volatile
as $$
declare
    agent uuid;
    address text;
begin
    perform book.check_fields(
        request,
        array['agentId', 'walletAddress', 'walletType'],
        array['agentId', 'walletAddress', 'walletType']
    );
    agent := book.json_uuid(request, 'agentId');
    if not exists (select from public.agents as a where a.id = agent and a.user_id = owner) then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    address := book.json_text(request, 'walletAddress', 44);
    insert into public.agent_wallets (wallet_address, agent_id, wallet_type)
    values (address, agent, book.json_text(request, 'walletType', 20));
    return (select row_to_json(w) from api.wallets as w where w."walletAddress" = address);
end
$$;

comment on function book.assign_wallet(uuid, jsonb) is
'Makes a wallet of a user''s agent from a request (agentId, walletAddress, walletType); it as a document. Raises
not_found (TB007) and what book.check_fields raises.';
