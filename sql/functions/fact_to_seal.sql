-- A fact as the text that its seal is made of: every column that is final, in this order, whatever the session's
-- settings are. Seals stay valid only as long as a fact's text stays the same.
--
-- Left out: is_dca, updated_at and what may be filled in later (routes, swap_payload, slippage, price_impact); the
-- void, which is sealed by itself. The signature is an argument, since one that was missing may be filled in: a seal
-- from before holds the text without it.
--
-- A column that comes later is added at the end, as its name and value, and only where it is not null: facts from
-- before it keep their text.
create function book.fact_to_seal(t public.agent_transactions, signature text)
returns text
language sql
stable
as $$
    select concat_ws(
        ',',
        quote_nullable(t.id::text),
        quote_nullable(t.agent_id::text),
        quote_nullable(t.user_id::text),
        quote_nullable(t.wallet_address::text),
        quote_nullable(t.transaction_type::text),
        quote_nullable(extract(epoch from t.transaction_time)::text),
        quote_nullable(t.ledger_order::text),
        quote_nullable(t.leg::text),
        quote_nullable(t.input_mint::text),
        quote_nullable(t.input_symbol::text),
        quote_nullable(trim_scale(t.input_amount)::text),
        quote_nullable(trim_scale(t.input_price)::text),
        quote_nullable(t.output_mint::text),
        quote_nullable(t.output_symbol::text),
        quote_nullable(trim_scale(t.output_amount)::text),
        quote_nullable(trim_scale(t.output_price)::text),
        quote_nullable(t.destination_address::text),
        quote_nullable(t.signal_id::text),
        quote_nullable(signature),
        quote_nullable(trim_scale(t.fees)::text),
        quote_nullable(trim_scale(t.fees_sol)::text),
        quote_nullable(trim_scale(t.fees_usd)::text),
        quote_nullable(trim_scale(t.transaction_value_usd)::text),
        quote_nullable(trim_scale(t.value_sol)::text),
        quote_nullable(trim_scale(t.value_usd)::text),
        quote_nullable(t.value_is_unknown::text),
        quote_nullable(trim_scale(t.sol_usd_price)::text),
        quote_nullable(t.sol_usd_price_source::text),
        -- Months, days and seconds: equal ages only have equal texts, and none depends on IntervalStyle.
        quote_nullable((
            extract(year from t.sol_usd_price_age) * 12 + extract(month from t.sol_usd_price_age)
        )::text),
        quote_nullable(extract(day from t.sol_usd_price_age)::text),
        quote_nullable((
            extract(hour from t.sol_usd_price_age) * 3600
            + extract(minute from t.sol_usd_price_age) * 60
            + extract(second from t.sol_usd_price_age)
        )::text),
        quote_nullable(t.close_reason::text),
        quote_nullable(t.origin::text),
        quote_nullable(extract(epoch from t.created_at)::text),
        quote_nullable(t.recorded_by::text),
        quote_nullable(t.corrects::text)
    )
$$;

comment on function book.fact_to_seal(public.agent_transactions, text) is
'A fact as the exact text that its seal is made of. signature: its transaction_hash, or NULL for the text from before
that was filled in.';
