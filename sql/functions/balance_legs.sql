-- What a transaction adds to each balance of its wallet. Fees leave SOL with every type.
create function book.balance_legs(t public.agent_transactions)
returns table (token_address text, token_symbol text, change numeric)
language sql
immutable
as $$
    select
        t.input_mint::text,
        t.input_symbol::text,
        case t.transaction_type when 'DEPOSIT' then t.input_amount else -t.input_amount end
    union all
    select
        t.output_mint::text,
        t.output_symbol::text,
        t.output_amount
    where t.transaction_type = 'SWAP'
    union all
    select
        book.sol_mint(),
        'SOL',
        -t.fees_sol
    where t.fees_sol > 0
$$;

comment on function book.balance_legs(public.agent_transactions) is
'What a transaction adds to each balance of its wallet, whole tokens, fees included; a token may appear twice.';
