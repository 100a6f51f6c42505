-- The price of a demo token at an instant, SOL.
create function book.demo_price(mint text, at timestamptz)
returns numeric
language sql
stable
as $$
    select p.price_sol
    from book.latest_price(mint, at) as p
$$;

comment on function book.demo_price(text, timestamptz) is 'The price of a demo token at an instant, SOL per token.';
