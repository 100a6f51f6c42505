-- The id of the fact that this one repeats: the same id, or the same leg of the same on-chain transaction of the
-- wallet.
--
-- A leg is looked for among the facts that count; an id stays taken by its fact even when that is voided. NULL where
-- there is none. What the repeat does not state is not compared. Raises repeat_differs, naming the column, and taken
-- where the id is another user's.
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
            k.agent_id = t.agent_id
            -- `is not distinct from` would keep it from the index.
            and (k.wallet_address = t.wallet_address or (k.wallet_address is null and t.wallet_address is null))
            and k.transaction_hash = t.transaction_hash
            and k.transaction_type = t.transaction_type
            and k.input_mint = t.input_mint
            and k.output_mint is not distinct from t.output_mint
            and k.leg = coalesce(t.leg, 1)
            and k.voided_at is null;
    end if;
    if known.id is null then
        return null;
    elsif known.user_id <> owner then
        perform book.refuse('taken', 'id', 'it is taken');
    end if;

    different := case
        when t.wallet_address is distinct from known.wallet_address then 'wallet_address'
        when t.output_mint is distinct from known.output_mint then 'output_mint'
        when t.output_amount is distinct from known.output_amount then 'output_amount'
        when t.agent_id is not null and t.agent_id is distinct from known.agent_id then 'agent_id'
        when
            t.transaction_type is not null
            and t.transaction_type is distinct from known.transaction_type then 'transaction_type'
        when
            t.transaction_time is not null
            and t.transaction_time is distinct from known.transaction_time then 'transaction_time'
        when
            t.transaction_hash is not null
            and t.transaction_hash is distinct from known.transaction_hash then 'transaction_hash'
        when t.leg is not null and t.leg is distinct from known.leg then 'leg'
        when t.input_mint is not null and t.input_mint is distinct from known.input_mint then 'input_mint'
        when t.input_symbol is not null and t.input_symbol is distinct from known.input_symbol then 'input_symbol'
        when t.input_amount is not null and t.input_amount is distinct from known.input_amount then 'input_amount'
        when t.input_price is not null and t.input_price is distinct from known.input_price then 'input_price'
        when t.output_symbol is not null and t.output_symbol is distinct from known.output_symbol then 'output_symbol'
        when t.output_price is not null and t.output_price is distinct from known.output_price then 'output_price'
        when t.fees is not null and t.fees is distinct from known.fees then 'fees'
        when t.fees_sol is not null and t.fees_sol is distinct from known.fees_sol then 'fees_sol'
        when t.value_sol is not null and t.value_sol is distinct from known.value_sol then 'value_sol'
        when t.value_usd is not null and t.value_usd is distinct from known.value_usd then 'value_usd'
        when
            t.transaction_value_usd is not null
            and t.transaction_value_usd is distinct from known.transaction_value_usd then 'transaction_value_usd'
        when t.fees_usd is not null and t.fees_usd is distinct from known.fees_usd then 'fees_usd'
        when
            t.destination_address is not null
            and t.destination_address is distinct from known.destination_address then 'destination_address'
        when t.signal_id is not null and t.signal_id is distinct from known.signal_id then 'signal_id'
        when t.close_reason is not null and t.close_reason is distinct from known.close_reason then 'close_reason'
        when t.slippage is not null and t.slippage is distinct from known.slippage then 'slippage'
        when t.price_impact is not null and t.price_impact is distinct from known.price_impact then 'price_impact'
        when t.routes is not null and t.routes is distinct from known.routes then 'routes'
        when t.swap_payload is not null and t.swap_payload is distinct from known.swap_payload then 'swap_payload'
    end;
    if different is not null then
        perform book.refuse('repeat_differs', different, format('%s is booked with another %s', known.id, different));
    end if;
    return known.id;
end
$$;

comment on function book.booked_already(public.agent_transactions, uuid) is
'The id of the fact that this one repeats, NULL where there is none. Raises repeat_differs (TB008), taken (TB012).';
