-- A number as text without exponent and trailing zeros: how balances are stored and amounts are shown.
create function book.plain_number(value numeric)
returns api.decimal_text
language sql
immutable
strict
parallel safe
as $$
    select trim_scale(value)::text
$$;

comment on function book.plain_number(numeric) is 'A number as text, exact, without exponent and trailing zeros.';
