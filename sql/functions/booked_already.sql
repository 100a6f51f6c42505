-- The id of the fact that this one repeats: the same id, or the same leg of the same on-chain transaction of the
-- wallet.
--
-- NULL where there is none. What the repeat does not state is not compared. Raises repeat_differs, naming the column,
-- and taken where the id is another user's.
create function book.booked_already(t public.agent_transactions, owner uuid)
returns uuid
language plpgsql
stable
as $$
declare
    known public.agent_transactions;
    different text;
begin
    select k.* into known
    from public.agent_transactions as k
    where k.id = t.id;
    if known.id is null and t.transaction_hash is not null then
        select k.* into known
        from public.agent_transactions as k
        where
            k.wallet_address is not distinct from t.wallet_address
            and k.transaction_hash = t.transaction_hash
            and k.transaction_type = t.transaction_type
            and k.input_mint = t.input_mint
            and k.output_mint is not distinct from t.output_mint
            and k.leg = coalesce(t.leg, 1);
    end if;
    if known.id is null then
        return null;
    elsif known.user_id <> owner then
        perform book.refuse('taken', 'id', 'it is taken');
    end if;

    different := case
        when t.agent_id <> known.agent_id then 'agent_id'
        when t.wallet_address is distinct from known.wallet_address then 'wallet_address'
        when t.transaction_type <> known.transaction_type then 'transaction_type'
        when t.transaction_time <> known.transaction_time then 'transaction_time'
        when t.transaction_hash <> known.transaction_hash then 'transaction_hash'
        when t.input_mint <> known.input_mint then 'input_mint'
        when t.input_amount <> known.input_amount then 'input_amount'
        when t.output_mint is distinct from known.output_mint then 'output_mint'
        when t.output_amount is distinct from known.output_amount then 'output_amount'
        when coalesce(t.fees_sol, t.fees, known.fees_sol) <> known.fees_sol then 'fees_sol'
        when t.value_sol <> known.value_sol then 'value_sol'
        when t.value_usd <> known.value_usd then 'value_usd'
        when t.transaction_value_usd <> known.transaction_value_usd then 'transaction_value_usd'
        when t.fees_usd <> known.fees_usd then 'fees_usd'
        when t.destination_address <> known.destination_address then 'destination_address'
        when t.signal_id <> known.signal_id then 'signal_id'
        when t.close_reason <> known.close_reason then 'close_reason'
    end;
    if different is not null then
        perform book.refuse('repeat_differs', different, format('%s is booked with another %s', known.id, different));
    end if;
    return known.id;
end
$$;

comment on function book.booked_already(public.agent_transactions, uuid) is
'The id of the fact that this one repeats, NULL where there is none. Raises repeat_differs (TB008), taken (TB012).';
