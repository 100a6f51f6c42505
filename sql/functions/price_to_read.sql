-- amount_sol / tokens for a column that only people read: rounded at 18 decimals and held at numeric(38, 18)'s limit.
create function book.price_to_read(amount_sol numeric, tokens numeric)
returns numeric
language sql
immutable
parallel safe
as $$
    -- A strict function would not become a part of the statements that use it, for the sake of least().
    select case
        when num_nulls(amount_sol, tokens) = 0
            then least(book.round_quotient(amount_sol, tokens), 99999999999999999999.999999999999999999)
    end
$$;

comment on function book.price_to_read(numeric, numeric) is
'SOL per token, rounded at 18 decimals and held at the limit of numeric(38, 18); NULL where either is. No rule may use
it.';
