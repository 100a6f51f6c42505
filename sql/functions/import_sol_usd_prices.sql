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
    insert into public.token_prices (token_address, source, observed_at, price_sol, price_usd)
    select
        book.sol_mint(),
        series,
        book.json_time(jsonb_build_object('time', n.observed_at), 'time'),
        1,
        book.json_amount(jsonb_build_object('price', n.price), 'price')
    from unnest(times, prices) as n (observed_at, price)
    on conflict (token_address, source, observed_at) do nothing;
    get diagnostics added = row_count;

    select
        c.observed_at,
        c.price
    into clash
    from (
        select
            n.observed_at::timestamptz as observed_at,
            n.price::numeric as price
        from unnest(times, prices) as n (observed_at, price)
        except
        select
            p.observed_at,
            p.price_usd
        from public.token_prices as p
        where p.token_address = book.sol_mint() and p.source = series
    ) as c
    order by c.observed_at
    limit 1;
    if found then
        perform book.refuse('repeat_differs', 'price', format(
            'series %L has another price at %s already than %s', series, clash.observed_at, clash.price
        ));
    end if;
    return added;
end
$$;

comment on function book.import_sol_usd_prices(text, text[], text[]) is
'Stores SOL/USD prices of a series; answers how many were new. Raises repeat_differs (TB008), amount_not_valid
(TB005).';
