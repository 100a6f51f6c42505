-- Changes what only describes a transaction: routes, payload, slippage, price impact, and a signature that it lacks.
--
-- request: the fields to change; one that is null is emptied. Raises not_found, fact_is_final where it names a
-- signature and has another, and what book.check_request raises.
create function book.describe_transaction(owner uuid, fact uuid, request jsonb)
returns json
language plpgsql
volatile
as $$
begin
    perform book.check_request(request, 'describe_transaction');
    update public.agent_transactions as t
    set
        routes = case when request ? 'routes' then book.json_object(request, 'routes') else t.routes end,
        swap_payload = case
            when request ? 'swapPayload' then book.json_object(request, 'swapPayload') else t.swap_payload
        end,
        slippage = case
            when request ? 'slippage'
                then book.fit(book.json_amount(request, 'slippage', 'any'), 6, 'slippage')
            else t.slippage
        end,
        price_impact = case
            when request ? 'priceImpact'
                then book.fit(book.json_amount(request, 'priceImpact', 'any'), 6, 'priceImpact')
            else t.price_impact
        end,
        transaction_hash = case
            when request ? 'transactionHash' then book.json_text(request, 'transactionHash', 255)
            else t.transaction_hash
        end
    where t.id = fact and t.user_id = owner;
    if not found then
        perform book.refuse('not_found', 'id', 'there is no such transaction');
    end if;
    return (select row_to_json(k) from api.transactions as k where k.id = fact);
end
$$;

comment on function book.describe_transaction(uuid, uuid, jsonb) is
'Changes the descriptive fields of a transaction that a request names (routes, swapPayload, slippage, priceImpact, a
missing transactionHash); it as a document. Raises not_found (TB007), fact_is_final (TB013) and what book.check_request
raises.';
