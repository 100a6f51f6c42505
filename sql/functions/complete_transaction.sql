-- Fills the columns of a new fact that the book knows better than its writer, and values it.
--
-- arrived_at is the clock, read by the entry point. Raises not_found, transaction_in_future, value_required,
-- amount_out_of_range.
create function book.complete_transaction(
    t public.agent_transactions, arrived_at timestamptz, price_source text, price_max_age interval
)
returns public.agent_transactions
language plpgsql
stable
as $$
begin
    t.user_id := (select a.user_id from public.agents as a where a.id = t.agent_id);
    if t.user_id is null then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    if t.wallet_address is not null and not exists (
        select from public.agent_wallets as w
        where w.agent_id = t.agent_id and w.wallet_address = t.wallet_address
    ) then
        perform book.refuse('not_found', 'wallet_address', 'the agent has no such wallet');
    end if;
    -- The table's key sees every user's.
    if t.signal_id is not null and not exists (
        select from public.trading_signals as s
        where s.id = t.signal_id and (s.user_id is null or s.user_id = t.user_id)
    ) then
        perform book.refuse('not_found', 'signal_id', 'there is no such signal');
    end if;
    if t.transaction_time > arrived_at + interval '5 minutes' then
        perform book.refuse('transaction_in_future', 'transaction_time', format(
            '%s is more than 5 minutes after %s', t.transaction_time, arrived_at
        ));
    end if;
    t.created_at := arrived_at;
    t.recorded_by := book.recorder();
    t.updated_at := arrived_at;
    t.is_dca := false;
    t.voided_at := null;
    t.void_reason := null;
    t.voided_by := null;
    t.input_symbol := coalesce(t.input_symbol, book.symbol_of(t.wallet_address, t.input_mint));
    t.output_symbol := coalesce(t.output_symbol, book.symbol_of(t.wallet_address, t.output_mint));
    return book.value_transaction(t, price_source, price_max_age);
end
$$;

comment on function book.complete_transaction(public.agent_transactions, timestamptz, text, interval) is
'A new fact with user, arrival, recorder, symbols and values filled in. Raises not_found (TB007),
transaction_in_future (TB006), value_required (TB001), amount_out_of_range (TB004).';
