-- A price as a program states it -> a row of token_prices with what was stated; price_sol NULL where that is USD alone.
create function book.price_from_json(request jsonb, default_source text, latest timestamptz)
returns public.token_prices
language plpgsql
stable
as $$
declare
    p public.token_prices;
begin
    perform book.check_fields(
        request,
        array['tokenAddress', 'source', 'observedAt', 'priceSol', 'priceUsd'],
        array['tokenAddress', 'observedAt']
    );
    p.token_address := book.json_text(request, 'tokenAddress', 255);
    p.source := coalesce(book.json_text(request, 'source', 100), default_source);
    p.observed_at := book.json_time(request, 'observedAt');
    p.price_sol := book.json_amount(request, 'priceSol');
    p.price_usd := book.json_amount(request, 'priceUsd');
    if p.price_usd is null and (p.price_sol is null or p.token_address = book.sol_mint()) then
        perform book.refuse('field_required', 'priceUsd', 'a price has to be stated; that of SOL in USD');
    elsif p.observed_at > latest then
        perform book.refuse('price_in_future', 'observedAt', 'the price lies more than 5 minutes in the future');
    end if;
    return p;
end
$$;

comment on function book.price_from_json(jsonb, text, timestamptz) is
'A row of token_prices with what a request states (tokenAddress, source, observedAt, priceSol, priceUsd), all else NULL.
latest: the last time that is taken. Raises field_unknown (TB009), field_required (TB010), field_not_valid (TB011),
amount_not_valid (TB005), amount_out_of_range (TB004), price_in_future (TB018).';
