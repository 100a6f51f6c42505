-- Inserts facts. Columns that are NULL take the table's defaults; triggers do the rest.
--
-- Their places among facts of the same time are drawn in the order given; they are inserted in the order of their ids,
-- so that two statements that share ids do not wait for each other.
create function book.insert_transactions(facts public.agent_transactions[])
returns void
language plpgsql
volatile
as $$
begin
    insert into public.agent_transactions (
        id,
        agent_id,
        wallet_address,
        transaction_type,
        transaction_value_usd,
        transaction_time,
        destination_address,
        signal_id,
        fees,
        routes,
        input_mint,
        input_symbol,
        input_amount,
        input_price,
        output_mint,
        output_symbol,
        output_amount,
        output_price,
        slippage,
        price_impact,
        transaction_hash,
        swap_payload,
        leg,
        fees_sol,
        fees_usd,
        value_sol,
        value_usd,
        value_is_unknown,
        sol_usd_price,
        sol_usd_price_source,
        sol_usd_price_age,
        close_reason,
        origin,
        corrects,
        ledger_order
    )
    overriding system value
    select
        f.id,
        f.agent_id,
        f.wallet_address,
        f.transaction_type,
        f.transaction_value_usd,
        f.transaction_time,
        f.destination_address,
        f.signal_id,
        f.fees,
        f.routes,
        f.input_mint,
        f.input_symbol,
        f.input_amount,
        f.input_price,
        f.output_mint,
        f.output_symbol,
        f.output_amount,
        f.output_price,
        f.slippage,
        f.price_impact,
        f.transaction_hash,
        f.swap_payload,
        coalesce(f.leg, 1),
        f.fees_sol,
        f.fees_usd,
        f.value_sol,
        f.value_usd,
        coalesce(f.value_is_unknown, false),
        f.sol_usd_price,
        f.sol_usd_price_source,
        f.sol_usd_price_age,
        f.close_reason,
        f.origin,
        f.corrects,
        f.place
    from (
        select
            o.*,
            nextval('public.agent_transactions_ledger_order_seq') as place
        from (
            select n.*
            from unnest(facts) with ordinality as n
            order by n.ordinality
            offset 0
        ) as o
    ) as f
    order by f.id;
end
$$;

comment on function book.insert_transactions(public.agent_transactions[]) is
'Inserts facts, which have their ids, in one statement: all or none. The order given breaks ties of time.';
