-- Begins a simulation wallet anew: its transactions and all that came of them go, and a starting deposit is booked.
--
-- request: {"confirm"?, "startingSol"?, "valueUsd"?}
-- The wallet is deleted and made again in one transaction, so that whatever refers to it goes by the cascades that
-- every table has. Whoever trades meanwhile waits, and trades with the new one.
create function book.reset_wallet(owner uuid, wallet text, request jsonb)
returns json
language plpgsql
volatile
as $$
declare
    taken public.agent_wallets;
    deposit public.agent_transactions;
begin
    perform book.check_request(request, 'reset_wallet');
    taken := book.take_wallet_and_agent(owner, wallet);
    if taken.wallet_type <> 'simulation' then
        perform book.refuse('wallet_is_live', 'wallet_address', 'only a simulation wallet is reset');
    end if;
    perform book.confirm_loss(taken, request);
    delete from public.agent_wallets as w where w.wallet_address = wallet;
    insert into public.agent_wallets (wallet_address, agent_id, wallet_type)
    values (wallet, taken.agent_id, taken.wallet_type);

    deposit.id := gen_random_uuid();
    deposit.agent_id := taken.agent_id;
    deposit.wallet_address := wallet;
    deposit.transaction_type := 'DEPOSIT';
    deposit.transaction_time := now();
    deposit.input_mint := book.sol_mint();
    deposit.input_amount := coalesce(
        book.json_amount(request, 'startingSol'), (select s.simulation_starting_sol from public.settings as s)
    );
    deposit.value_usd := book.fit(book.json_amount(request, 'valueUsd', '0'), 12, 'valueUsd');
    deposit.origin := 'simulation';
    perform book.insert_transactions(array[deposit]);
    return (select row_to_json(t) from api.transactions as t where t.id = deposit.id);
end
$$;

comment on function book.reset_wallet(uuid, text, jsonb) is
'Deletes the history of a simulation wallet of a user and books its starting deposit; that as a document. Raises
not_found (TB007), wallet_is_live (TB034), wallet_has_history (TB032), value_required (TB001) where no SOL/USD price is known and
none is stated, and what book.check_request raises.';
