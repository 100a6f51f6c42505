-- The product of numbers. Each step is rounded at 30 decimals: else the digits would grow with every factor.
create function book.multiply(so_far numeric, factor numeric)
returns numeric
language sql
immutable
strict
parallel safe
as $$
    select round(so_far * factor, 30)
$$;

create aggregate book.product(numeric) ( -- noqa: LT01
    sfunc = book.multiply,
    stype = numeric,
    initcond = '1',
    parallel = safe
);

comment on function book.multiply(numeric, numeric) is
'Transition of book.product: the product rounded at 30 decimals.';
comment on aggregate book.product(numeric) is -- noqa: LT01
'The product, each step rounded at 30 decimals. NULLs count as 1, as does no row at all.';
