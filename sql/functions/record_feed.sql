-- Records prices as the HTTP service answers it: book.record_prices.
create function book.record_feed(prices jsonb)
returns api.recorded_prices
language plpgsql
volatile
as $$
declare
    new_prices constant int := book.record_prices(prices);
begin
    return (jsonb_array_length(prices), new_prices)::api.recorded_prices;
end
$$;

comment on function book.record_feed(jsonb) is
'Records 1 to 10,000 prices, all or none: how many there were, and how many were new. Raises what book.record_prices
raises.';
