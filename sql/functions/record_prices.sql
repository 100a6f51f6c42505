-- Records 1 to 10,000 observed prices at once, all or none: the one way in for prices as they come.
--
-- prices: an array of {"tokenAddress", "source", "observedAt", "priceSol", "priceUsd"}; without a source they are of
-- the one in force. Prices are decimal strings; one of the two is enough, but for SOL, of which it is priceUsd. A price
-- in USD alone is turned into SOL (book.store_prices), by a SOL/USD price not older than settings.price_max_age.
-- All agents' rules are held against the positions in those tokens at once (book.apply_rules).
-- The same again changes nothing. In what order prices arrive is of no matter: the latest is the one observed last.
-- An error's column is the number of the item, from 0, and the field. Returns how many were new.
create function book.record_prices(prices jsonb)
returns int
language plpgsql
volatile
as $$
declare
    s public.settings;
    latest constant timestamptz := clock_timestamp() + interval '5 minutes';
    since jsonb;
    observed public.token_prices[] := '{}';
    outcome record;
    item int;
    code text;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    if jsonb_typeof(prices) is distinct from 'array' then
        perform book.refuse('field_not_valid', null, 'the prices have to be an array');
    elsif jsonb_array_length(prices) not between 1 and 10000 then
        perform book.refuse('field_not_valid', null, format(
            'the array may hold 1 to 10000 prices, not %s', jsonb_array_length(prices)
        ));
    end if;
    select settings.* into s from public.settings;
    begin
        for n in 1..jsonb_array_length(prices) loop
            item := n - 1;
            observed[n] := book.price_from_json(prices -> item, s.price_source, latest);
        end loop;
    exception
        when others then
            get stacked diagnostics
                code = returned_sqlstate,
                hint = pg_exception_hint,
                message = message_text,
                broken_constraint = constraint_name,
                broken_column = column_name;
            if not book.is_refusal(code) then
                raise;
            end if;
            select
                f.error,
                concat_ws('/', item, f.subject)
            into hint, broken_column
            from book.refusal_of(code, hint, message, broken_constraint, broken_column) as f;
            raise exception using
                errcode = code, message = message, hint = concat_ws(': ', hint, broken_column), column = broken_column;
    end;

    -- Of those that come several at once, the ones that are not late.
    since := (
        select coalesce(jsonb_object_agg(n.token_address, n.since), '{}')
        from (
            select
                p.token_address,
                min(p.observed_at) filter (where p.observed_at > coalesce(known.observed_at, '-infinity')) as since
            from unnest(observed) as p
            inner join (
                select k.token_address
                from unnest(observed) as k
                where k.source = s.price_source and k.token_address <> book.sol_mint()
                group by k.token_address
                having count(*) > 1
            ) as several on several.token_address = p.token_address
            left join lateral book.latest_price(p.token_address, 'infinity') as known on true
            where p.source = s.price_source
            group by p.token_address
        ) as n
        where n.since is not null
    );
    select
        p.stored,
        p.not_converted
    into outcome
    from book.store_prices(observed, s.price_max_age) as p;
    if cardinality(outcome.not_converted) > 0 then
        item := array_position(observed, outcome.not_converted[1]) - 1;
        perform book.refuse('sol_price_required', item || '/priceUsd', format(
            'source %L has no SOL/USD price within %s before %s, or it makes a price below 10^-18 or above 10^20',
            observed[item + 1].source,
            s.price_max_age,
            book.plain_time(observed[item + 1].observed_at)
        ));
    end if;
    -- What is late, or of another source, is not the latest.
    perform book.apply_rules(
        array(
            select distinct p.token_address from unnest(observed) as p
            where p.source = s.price_source and p.token_address <> book.sol_mint()
        ),
        -- A feed whose clock is ahead is believed.
        greatest(clock_timestamp(), (select max(p.observed_at) from unnest(observed) as p where p.source = s.price_source)),
        since => since
    );
    return outcome.stored;
end
$$;

comment on function book.record_prices(jsonb) is
'Records 1 to 10,000 prices, all or none; how many were new. Raises repeat_differs (TB008) where another price is known
for a token, source and instant, sol_price_required (TB019), and what book.price_from_json raises.';
