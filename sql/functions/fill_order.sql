-- Books what an executor did for an order: a swap of its tokens, with the signature on the chain.
--
-- request: {"transactionHash", "outputAmount", "inputAmount"?, "feesSol"?, "valueUsd"?, "transactionTime"?,
-- "slippage"?, "priceImpact"?, "routes"?, "swapPayload"?}; inputAmount is that of the order unless told otherwise.
-- What has happened on the chain has happened: an order that has expired meanwhile, or that another executor said has
-- failed, is filled too, once it was claimed. The same signature again answers the first result. at: now.
create function book.fill_order(owner uuid, trade_order uuid, request jsonb, at timestamptz)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    o public.trade_orders;
    booked record;
    fact uuid;
begin
    perform book.check_request(request, 'fill_order');
    o := book.take_order(owner, trade_order);
    if o.status = 'filled' and o.transaction_hash <> request ->> 'transactionHash' then
        perform book.refuse(
            'repeat_differs', 'transaction_hash', format('the order was filled by %s', o.transaction_hash)
        );
    elsif o.status = 'pending' or o.claimed_by is null then
        perform book.refuse('order_not_open', 'id', format('the order is %s', o.status));
    end if;
    select
        r.document,
        r.is_replayed
    into booked
    from book.record_transaction(
        owner,
        jsonb_build_object(
            'agentId', o.agent_id,
            'walletAddress', o.wallet_address,
            'transactionType', 'SWAP',
            'transactionTime', book.plain_time(coalesce((
                select t.transaction_time from public.agent_transactions as t
                where t.agent_id = o.agent_id and t.id = o.transaction_id
            ), at)),
            'inputMint', case o.side when 'buy' then book.sol_mint() else o.token_address end,
            'inputAmount', book.plain_number(o.amount),
            'outputMint', case o.side when 'buy' then o.token_address else book.sol_mint() end,
            'signalId', o.signal_id,
            'closeReason', case o.side when 'sell' then o.reason end
        )
        || case o.side
            when 'buy' then jsonb_build_object('outputSymbol', o.token_symbol)
            else jsonb_build_object('inputSymbol', o.token_symbol)
        end
        || request,
        null
    ) as r;
    is_replayed := booked.is_replayed;
    if exists (
        select from public.trade_orders as k
        where k.agent_id = o.agent_id and k.transaction_id = (booked.document ->> 'id')::uuid and k.id <> o.id
    ) then
        perform book.refuse('repeat_differs', 'transaction_hash', 'another order was filled by that transaction');
    end if;
    fact := booked.document ->> 'id';
    if o.status <> 'filled' then
        update public.trade_orders as k
        set
            status = 'filled',
            transaction_id = fact,
            transaction_hash = request ->> 'transactionHash',
            error = null,
            updated_at = at
        where k.id = o.id;
        perform book.end_orders(array[o.id], at);
    end if;
    document := (select row_to_json(k) from api.trade_orders as k where k.id = o.id);
    return next;
end
$$;

comment on function book.fill_order(uuid, uuid, jsonb, timestamptz) is
'Books the swap that an executor made for an order: the order as a document, and whether it had been filled so before.
at: now. Raises not_found (TB007), order_not_open (TB041), repeat_differs (TB008), and what book.record_transaction
raises.';
