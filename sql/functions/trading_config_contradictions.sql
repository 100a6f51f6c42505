-- What is wrong between two settings of a trading config that may each be right: where, and in words.
--
-- Settings that are wrong by themselves, or missing, are passed over.
create function book.trading_config_contradictions(config jsonb)
returns table (pointer text, detail text)
language plpgsql
stable
as $$
declare
    stops constant jsonb := jsonb_path_query_array(config, 'strict $.stopLoss.trailingLevels[*]', '{}', true);
    sales constant jsonb := jsonb_path_query_array(config, 'strict $.takeProfit.levels[*]', '{}', true);
    sold constant numeric := (
        select coalesce(sum(book.setting_number(l.level -> 'sellPercent')), 0)
        from jsonb_array_elements(sales) as l (level)
    );
    retained constant numeric := case
        when config #> '{takeProfit,moonBag,enabled}' = 'true'
            then book.setting_number(config #> '{takeProfit,moonBag,retainPercent}')
    end;
begin
    return query
    select
        '/' || array_to_string(o.place || o.higher, '/'),
        format(
            'it has to be %s %s, %s',
            case when o.is_strict then 'above' else 'at least' end, o.lower, trim_scale(n.low)
        )
    from (
        values
        (array['signals'], 'marketCapMin', 'marketCapMax', false),
        (array['signals'], 'liquidityMin', 'liquidityMax', false),
        (array['signals'], 'holderCountMin', 'holderCountMax', false),
        (array['positionCalculator', 'solBalanceThresholds'], 'minimum', 'medium', true),
        (array['positionCalculator', 'solBalanceThresholds'], 'medium', 'large', true),
        (array['positionCalculator', 'positionSizes', 'small'], 'min', 'max', false),
        (array['positionCalculator', 'positionSizes', 'medium'], 'min', 'max', false),
        (array['positionCalculator', 'positionSizes', 'large'], 'min', 'max', false),
        (array['staleTrade'], 'minProfitPercent', 'maxProfitPercent', false)
    ) as o (place, lower, higher, is_strict)
    cross join lateral (
        select
            book.setting_number(config #> o.place -> o.lower) as low,
            book.setting_number(config #> o.place -> o.higher) as high
    ) as n
    where n.high < n.low or (o.is_strict and n.high = n.low);

    return query
    select
        format('/stopLoss/trailingLevels/%s/change', l.number - 1),
        format('it has to be below that of the level before, %s', trim_scale(l.before))
    from (
        select
            e.number,
            book.setting_number(e.level -> 'change') as change,
            lag(book.setting_number(e.level -> 'change')) over (order by e.number) as before
        from jsonb_array_elements(stops) with ordinality as e (level, number)
    ) as l
    where l.change >= l.before;

    return query
    select
        format('/takeProfit/levels/%s/targetPercent', l.number - 1),
        format('it has to be above that of the level before, %s', trim_scale(l.before))
    from (
        select
            e.number,
            book.setting_number(e.level -> 'targetPercent') as target,
            lag(book.setting_number(e.level -> 'targetPercent')) over (order by e.number) as before
        from jsonb_array_elements(sales) with ordinality as e (level, number)
    ) as l
    where l.target <= l.before;

    if
        config #> '{stopLoss,enabled}' = 'true'
        and config #> '{stopLoss,mode}' = '"custom"'
        and config #> '{stopLoss,trailingLevels}' = '[]'
    then
        return query select '/stopLoss/trailingLevels', 'it cannot be empty while the mode is custom';
    end if;

    if sold + coalesce(retained, 0) > 100 then
        return query select
            '/takeProfit/levels',
            format(
                'they sell %s percent and the moon bag retains %s, more than 100 together',
                trim_scale(sold), trim_scale(coalesce(retained, 0))
            );
    end if;
end
$$;

comment on function book.trading_config_contradictions(jsonb) is
'What is wrong between the settings of a whole trading config: a JSON pointer and words for each; no row where nothing
is.';
