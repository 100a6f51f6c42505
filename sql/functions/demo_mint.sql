-- The mints of the demo's made-up tokens: of the form of real ones (base58, 44 characters).
create function book.demo_mint(n int)
returns text
language sql
immutable
strict
parallel safe
as $$
    select rpad('Demo' || replace(initcap(book.demo_symbol(n)), 'l', 'i'), 40, '1') || 'pump'
$$;

comment on function book.demo_mint(int) is 'Mint of demo token 1 to 12.';
