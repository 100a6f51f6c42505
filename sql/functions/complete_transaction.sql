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
declare
    sol constant text := book.sol_mint();
    has_wallet boolean;
    held_symbol text;
begin
    select
        a.user_id,
        t.wallet_address is null or exists (
            select from public.agent_wallets as w
            where w.agent_id = a.id and w.wallet_address = t.wallet_address
        )
    into t.user_id, has_wallet
    from public.agents as a
    where a.id = t.agent_id;
    if t.user_id is null then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    elsif not has_wallet then
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
    if t.output_mint <> sol then
        -- As it looks before the wallet's turn; the book mends what was not so.
        select
            p.token_symbol,
            p.buy_count > 0 and not p.is_dust
        into held_symbol, t.is_dca
        from public.agent_positions as p
        where p.agent_id = t.agent_id and p.wallet_address = t.wallet_address and p.token_address = t.output_mint;
        t.is_dca := coalesce(t.is_dca, false);
    end if;
    t.voided_at := null;
    t.void_reason := null;
    t.voided_by := null;
    if t.input_symbol is null then
        t.input_symbol := case t.input_mint when sol then 'SOL' else book.symbol_of(t.wallet_address, t.input_mint) end;
    end if;
    if t.output_symbol is null then
        t.output_symbol := case t.output_mint
            when sol then 'SOL'
            else coalesce(held_symbol, book.symbol_of(t.wallet_address, t.output_mint))
        end;
    end if;
    return book.value_transaction(t, price_source, price_max_age);
end
$$;

comment on function book.complete_transaction(public.agent_transactions, timestamptz, text, interval) is
'A new fact with user, arrival, recorder, symbols and values filled in. Raises not_found (TB007),
transaction_in_future (TB006), value_required (TB001), amount_out_of_range (TB004).';
