-- amount_sol / tokens for a column that only people read: rounded at 18 decimals and held at numeric(38, 18)'s limit.
create function book.price_to_read(amount_sol numeric, tokens numeric)
returns numeric
language plpgsql
immutable
strict
parallel safe
as $$
begin
    return least(book.round_quotient(amount_sol, tokens), 99999999999999999999.999999999999999999);
end
$$;

comment on function book.price_to_read(numeric, numeric) is
'SOL per token, rounded at 18 decimals and held at the limit of numeric(38, 18). No rule may use it.';
