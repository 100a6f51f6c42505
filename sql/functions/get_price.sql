-- The latest price of a token, as the HTTP service shows it: book.latest_price. All NULL where none is known.
create function book.get_price(mint text)
returns api.prices
language plpgsql
stable
as $$
declare
    found_price api.prices;
begin
    select
        mint,
        book.plain_number(p.price_sol),
        book.plain_number(p.price_usd),
        (select s.price_source from public.settings as s),
        book.plain_time(p.observed_at),
        greatest(0, extract(epoch from now() - p.observed_at))::bigint
    into found_price
    from book.latest_price(mint, clock_timestamp()) as p;
    return found_price;
end
$$;

comment on function book.get_price(text) is
'The latest price of a token, of the source in force, whatever its age; all NULL where none is known.';
