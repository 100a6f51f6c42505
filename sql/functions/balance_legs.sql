-- What a transaction adds to each balance of its wallet. Fees leave SOL with every type.
create function book.balance_legs(t public.agent_transactions)
returns table (token_address text, token_symbol text, change numeric, kind text)
language sql
immutable
as $$
    select
        leg.token_address,
        leg.token_symbol,
        leg.change,
        leg.kind
    from (
        values
        (
            t.input_mint::text,
            t.input_symbol::text,
            case t.transaction_type when 'DEPOSIT' then t.input_amount else -t.input_amount end,
            case t.transaction_type
                when 'DEPOSIT' then 'deposit'
                when 'WITHDRAWAL' then 'withdrawal'
                when 'BURN' then 'burn'
                when 'SWAP' then 'given'
            end
        ),
        (t.output_mint::text, t.output_symbol::text, t.output_amount, 'received'),
        (book.sol_mint(), 'SOL', -t.fees_sol, 'fee')
    ) as leg (token_address, token_symbol, change, kind)
    where leg.change <> 0
$$;

comment on function book.balance_legs(public.agent_transactions) is
'What a transaction adds to each balance of its wallet, whole tokens, fees included; a token may appear twice. kind:
deposit, withdrawal, burn, given or received (of a SWAP), fee.';
