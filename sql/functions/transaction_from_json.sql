-- A fact as a program states it -> a row of agent_transactions with what was stated, all else NULL.
--
-- Shape only (fields, types, sizes, plain decimals): what it means is judged by the table and the book.
create function book.transaction_from_json(request jsonb)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    t public.agent_transactions;
    kind text;
begin
    perform book.check_fields(
        request,
        array[
            'id', 'agentId', 'walletAddress', 'transactionType', 'transactionTime', 'transactionHash', 'leg',
            'inputMint', 'inputSymbol', 'inputAmount', 'inputPrice', 'outputMint', 'outputSymbol', 'outputAmount',
            'outputPrice', 'fees', 'feesSol', 'feesUsd', 'valueSol', 'valueUsd', 'transactionValueUsd',
            'destinationAddress', 'signalId', 'routes', 'swapPayload', 'slippage', 'priceImpact', 'closeReason'
        ],
        array['agentId', 'transactionType', 'transactionTime', 'inputMint', 'inputAmount']
    );

    kind := book.json_text(request, 'transactionType', 20);
    if kind not in ('DEPOSIT', 'WITHDRAWAL', 'SWAP', 'BURN') then
        perform book.refuse('field_not_valid', 'transactionType', 'it has to be DEPOSIT, WITHDRAWAL, SWAP or BURN');
    elsif kind = 'SWAP' then
        perform book.check_fields(request, null, array['outputMint', 'outputAmount']);
    end if;

    t.id := book.json_uuid(request, 'id');
    t.agent_id := book.json_uuid(request, 'agentId');
    t.wallet_address := book.json_text(request, 'walletAddress', 44);
    t.transaction_type := kind;
    t.transaction_time := book.json_time(request, 'transactionTime');
    t.input_mint := book.json_text(request, 'inputMint', 255);
    t.input_amount := book.json_amount(request, 'inputAmount');
    t.output_mint := book.json_text(request, 'outputMint', 255);
    t.output_amount := book.json_amount(request, 'outputAmount');
    t.fees_sol := book.json_amount(request, 'feesSol', '0');
    t.value_usd := book.fit(book.json_amount(request, 'valueUsd', '0'), 12, 'valueUsd');
    t.signal_id := book.json_integer(request, 'signalId', 1, 2147483647);
    -- Most requests have none of the rest.
    if
        request ?| array[
            'transactionHash', 'leg', 'inputSymbol', 'inputPrice', 'outputSymbol', 'outputPrice', 'fees', 'feesUsd',
            'valueSol', 'transactionValueUsd', 'destinationAddress', 'routes', 'swapPayload', 'slippage',
            'priceImpact', 'closeReason'
        ]
    then
        t.transaction_hash := book.json_text(request, 'transactionHash', 255);
        t.leg := book.json_integer(request, 'leg', 1, 32767);
        t.input_symbol := left(book.json_text(request, 'inputSymbol', 255), 20);
        t.input_price := book.json_amount(request, 'inputPrice', '0');
        t.output_symbol := left(book.json_text(request, 'outputSymbol', 255), 20);
        t.output_price := book.json_amount(request, 'outputPrice', '0');
        t.fees := book.fit(book.json_amount(request, 'fees', '0', 8), 12, 'fees');
        t.fees_usd := book.json_amount(request, 'feesUsd', '0');
        t.value_sol := book.json_amount(request, 'valueSol', '0');
        t.transaction_value_usd := book.fit(
            book.json_amount(request, 'transactionValueUsd', '0', 8), 12, 'transactionValueUsd'
        );
        t.destination_address := book.json_text(request, 'destinationAddress', 255);
        t.routes := book.json_object(request, 'routes');
        t.swap_payload := book.json_object(request, 'swapPayload');
        t.slippage := book.fit(book.json_amount(request, 'slippage', 'any'), 6, 'slippage');
        t.price_impact := book.fit(book.json_amount(request, 'priceImpact', 'any'), 6, 'priceImpact');
        t.close_reason := book.json_text(request, 'closeReason', 20);
    end if;
    return t;
end
$$;

comment on function book.transaction_from_json(jsonb) is
'A row of agent_transactions with what a request states, all else NULL. Fields are the columns in camel case;
amounts are decimal strings. Raises field_unknown (TB009), field_required (TB010), field_not_valid (TB011),
amount_not_valid (TB005), amount_out_of_range (TB004).';
