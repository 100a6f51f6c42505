-- The SOL amount of a transaction, which is its value before fees; NULL where neither side is SOL.
create function book.sol_leg(t public.agent_transactions)
returns numeric
language sql
immutable
parallel safe
as $$
    select case book.sol_mint()
        when t.input_mint then t.input_amount
        when t.output_mint then t.output_amount
    end
$$;

comment on function book.sol_leg(public.agent_transactions) is
'The SOL amount of a transaction, its value before fees; NULL where neither side is SOL.';
