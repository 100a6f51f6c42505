-- Deletes a wallet and its history, where that is confirmed or there is none.
--
-- request: {"confirm"?}
create function book.unassign_wallet(owner uuid, wallet text, request jsonb)
returns json
language plpgsql
volatile
as $$
declare
    taken public.agent_wallets;
    document json;
begin
    perform book.check_request(request, 'unassign_wallet');
    taken := book.take_wallet_and_agent(owner, wallet);
    perform book.confirm_loss(taken, request);
    document := (select row_to_json(w) from api.wallets as w where w."walletAddress" = wallet);
    delete from public.agent_wallets as w where w.wallet_address = wallet;
    return document;
end
$$;

comment on function book.unassign_wallet(uuid, text, jsonb) is
'Deletes a wallet of a user with all that is of it; it as it was, as a document. Raises not_found (TB007),
wallet_has_history (TB032) and what book.check_request raises.';
