-- Stores a SOL/USD series that an import of trades brings. The same again changes nothing; another price for an instant
-- that the series has already is refused, since rows may have been valued by it.
create function book.import_sol_usd_prices(series text, times text[], prices text[])
returns int
language plpgsql
volatile
as $$
declare
    rows public.token_prices[] := array(
        select row(
            book.sol_mint(),
            series,
            book.json_time(jsonb_build_object('time', n.observed_at), 'time'),
            1,
            book.json_amount(jsonb_build_object('price', n.price), 'price'),
            now()
        )::public.token_prices
        from unnest(times, prices) as n (observed_at, price)
    );
begin
    return (select p.stored from book.store_prices(rows, null) as p);
end
$$;

comment on function book.import_sol_usd_prices(text, text[], text[]) is
'Stores SOL/USD prices of a series; answers how many were new. Raises repeat_differs (TB008), amount_not_valid
(TB005).';
