-- numerator / denominator, rounded once, half away from zero, at 18 decimals.
--
-- numeric division rounds at a scale of its own before round() sees the digits, so that a quotient just below a half
-- could be rounded up twice. Integer division of the doubled numerator is exact.
create function book.round_quotient(numerator numeric, denominator numeric)
returns numeric
language sql
immutable
strict
parallel safe
as $$
    select sign(numerator) * sign(denominator) * 0.000000000000000001
        * div(abs(numerator) * 2000000000000000000 + abs(denominator), abs(denominator) * 2)
$$;

comment on function book.round_quotient(numeric, numeric) is
'numerator / denominator rounded once at 18 decimals, half away from zero. Division by zero is error 22012.';
