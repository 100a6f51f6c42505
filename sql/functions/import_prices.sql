-- Stores the prices of files that were copied into pg_temp.staged_prices: all, or none where a line is wrong. Nobody
-- acts on them, as on prices that come in by book.record_prices: they are history.
--
-- The opening price of a candle holds at its time. The closing one is the last before the next begins: it is kept one
-- microsecond before. The highest and lowest are not kept, since the times when they held are unknown.
-- max_age: how old a SOL/USD price may be that turns USD into SOL; NULL is settings.price_max_age. What none is known
-- for is left out.
create function book.import_prices(
    price_source text, candle interval, max_age interval, out told int, out stored int, out not_converted int
)
language plpgsql
volatile
as $$
declare
    s public.settings;
    line record;
    p public.token_prices;
    prices public.token_prices[] := '{}';
    outcome record;
    code text;
    hint text;
    message text;
begin
    select settings.* into s from public.settings;
    told := 0;
    stored := 0;
    not_converted := 0;
    -- SOL first, since it turns the others into SOL, and so in key order: two imports cannot wait for each other.
    for line in
        select
            c.file,
            c.line,
            c.token_address,
            c.opened_at,
            c.open_usd,
            c.close_usd,
            row_number() over by_key as number,
            lead(c.line) over by_key is null as is_last
        from pg_temp.staged_prices as c
        window by_key as (order by c.token_address <> book.sol_mint(), c.token_address, c.opened_at, c.file, c.line)
        order by c.token_address <> book.sol_mint(), c.token_address, c.opened_at, c.file, c.line
    loop
        begin
            p.token_address := line.token_address;
            p.source := price_source;
            p.observed_at := book.json_time(jsonb_build_object('time', line.opened_at), 'time');
            p.price_usd := book.json_amount(jsonb_build_object('price', line.open_usd), 'price');
            prices := prices || p;
            if line.close_usd is not null then
                p.observed_at := p.observed_at + candle - interval '1 microsecond';
                p.price_usd := book.json_amount(jsonb_build_object('price', line.close_usd), 'price');
                prices := prices || p;
            end if;
        exception
            when others then
                get stacked diagnostics code = returned_sqlstate, hint = pg_exception_hint, message = message_text;
                if not book.is_refusal(code) then
                    raise;
                end if;
                raise exception using
                    errcode = code,
                    message = format('%s:%s: %s', line.file, line.line, concat_ws(': ', nullif(hint, ''), message)),
                    hint = hint;
        end;
        if line.is_last or line.number % 10000 = 0 then
            select
                f.stored,
                f.not_converted
            into outcome
            from book.store_prices(prices, coalesce(max_age, s.price_max_age)) as f;
            told := told + cardinality(prices);
            stored := stored + outcome.stored;
            not_converted := not_converted + cardinality(outcome.not_converted);
            prices := '{}';
        end if;
    end loop;
end
$$;

comment on function book.import_prices(text, interval, interval) is
'Stores the prices of one source that were copied into pg_temp.staged_prices: how many were told, were new, and were
left out for want of a SOL/USD price. candle: how long a candle lasts. Raises amount_not_valid (TB005), field_not_valid
(TB011), repeat_differs (TB008).';
