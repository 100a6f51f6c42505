-- The voiding of a fact as the text that its seal is made of, like book.fact_to_seal.
create function book.void_to_seal(t public.agent_transactions)
returns text
language sql
stable
as $$
    select concat_ws(
        ',',
        'void',
        quote_nullable(t.id::text),
        quote_nullable(extract(epoch from t.voided_at)::text),
        quote_nullable(t.void_reason),
        quote_nullable(t.voided_by)
    )
$$;

comment on function book.void_to_seal(public.agent_transactions) is
'The voiding of a fact as the exact text that its seal is made of.';
