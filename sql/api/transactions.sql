-- Transactions as the HTTP service shows them. Every amount is a decimal string.
create view api.transactions with (security_invoker = true) as
select
    t.id,
    t.agent_id as "agentId",
    t.wallet_address as "walletAddress",
    t.transaction_type as "transactionType",
    book.plain_time(t.transaction_time) as "transactionTime",
    t.transaction_hash as "transactionHash",
    t.leg,
    t.ledger_order as "ledgerOrder",
    t.input_mint as "inputMint",
    t.input_symbol as "inputSymbol",
    book.plain_number(t.input_amount) as "inputAmount",
    book.plain_number(t.input_price) as "inputPrice",
    t.output_mint as "outputMint",
    t.output_symbol as "outputSymbol",
    book.plain_number(t.output_amount) as "outputAmount",
    book.plain_number(t.output_price) as "outputPrice",
    book.plain_number(t.fees) as fees,
    book.plain_number(t.fees_sol) as "feesSol",
    book.plain_number(t.fees_usd) as "feesUsd",
    book.plain_number(t.value_sol) as "valueSol",
    book.plain_number(t.value_usd) as "valueUsd",
    t.value_is_unknown as "valueIsUnknown",
    book.plain_number(t.transaction_value_usd) as "transactionValueUsd",
    book.plain_number(t.sol_usd_price) as "solUsdPrice",
    t.sol_usd_price_source as "solUsdPriceSource",
    extract(epoch from t.sol_usd_price_age)::bigint as "solUsdPriceAgeSeconds",
    t.destination_address as "destinationAddress",
    t.signal_id as "signalId",
    t.is_dca as "isDca",
    t.close_reason as "closeReason",
    book.plain_number(t.slippage) as slippage,
    book.plain_number(t.price_impact) as "priceImpact",
    t.routes,
    t.swap_payload as "swapPayload",
    t.origin,
    t.recorded_by as "recordedBy",
    t.corrects,
    book.plain_time(t.voided_at) as "voidedAt",
    t.void_reason as "voidReason",
    t.voided_by as "voidedBy",
    book.plain_time(t.created_at) as "createdAt",
    book.plain_time(t.updated_at) as "updatedAt"
from public.agent_transactions as t;

comment on view api.transactions is
'Transactions as the HTTP service shows them: the columns are the fields of the JSON.';
comment on column api.transactions."solUsdPriceAgeSeconds" is
'How old the SOL/USD price was that valued it, seconds; NULL where none did.';
