-- Stores a SOL/USD series that an import brings. The same again changes nothing; another price for an instant that the
-- series has already is refused, since rows may have been valued by it.
create function book.import_sol_usd_prices(series text, times text[], prices text[])
returns int
language plpgsql
volatile
as $$
declare
    clash record;
    added int;
begin
    select
        p.observed_at,
        p.price_usd as known,
        n.price as given
    into clash
    from unnest(times, prices) as n (observed_at, price)
    inner join public.token_prices as p
        on
            p.token_address = book.sol_mint()
            and p.source = series
            and p.observed_at = n.observed_at::timestamptz
    where p.price_usd <> n.price::numeric
    order by p.observed_at
    limit 1;
    if found then
        perform book.refuse('repeat_differs', 'price', format(
            'series %L has %s at %s already, not %s', series, book.plain_number(clash.known), clash.observed_at, clash.given
        ));
    end if;

    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    select
        book.sol_mint(),
        series,
        n.observed_at::timestamptz,
        1,
        (book.json_amount(jsonb_build_object('price', n.price), 'price'))
    from unnest(times, prices) as n (observed_at, price)
    on conflict (token_address, source, observed_at) do nothing;
    get diagnostics added = row_count;
    return added;
end
$$;

comment on function book.import_sol_usd_prices(text, text[], text[]) is
'Stores SOL/USD prices of a series; answers how many were new. Raises repeat_differs (TB008), amount_not_valid (TB005).';
