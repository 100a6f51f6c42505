-- The mint of SOL, native or wrapped.
create function book.sol_mint()
returns text
language sql
immutable
parallel safe
as $$
    select 'So11111111111111111111111111111111111111112'::text
$$;

comment on function book.sol_mint() is 'The mint of SOL, native or wrapped.';
