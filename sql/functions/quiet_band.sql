-- The prices, both included, and the time until which the rules of an agent neither do anything with a position nor
-- move its ladder: so that most positions need not be judged when a price comes. What a new peak or lowest price in
-- there changes, book.move_peaks knows.
--
-- p: the position; v: what the rules have just said of it, which is to do nothing. rise: of its peak, gain: of its
-- price, percent. dca_reason: why its price was not one to buy at. A band too narrow costs a look, one too wide a stop:
-- each bound that comes of a quotient is drawn in by a billionth.
create function book.quiet_band(
    p public.agent_positions,
    rules jsonb,
    v book.position_verdict,
    rise numeric,
    gain numeric,
    dca_reason text,
    at timestamptz,
    out from_price numeric,
    out to_price numeric,
    out until_time timestamptz
)
language plpgsql
immutable
parallel safe
as $$
declare
    least_step constant numeric := 0.000000000000000001;
    above constant numeric := 1.000000001;
    below constant numeric := 0.999999999;
    percent_of_cost constant numeric := p.cost_basis_sol / (p.remaining_amount * 100);
    stop constant jsonb := rules -> 'stopLoss';
    ladder constant jsonb := rules -> 'takeProfit';
    stale constant jsonb := rules -> 'staleTrade';
    dca constant jsonb := rules -> 'dca';
    target numeric;
    ripe_at timestamptz;
begin
    from_price := coalesce(v.stop_loss_price + least_step, 0);
    -- What its column can hold.
    to_price := 99999999999999999999.999999999999999999;
    -- Programs cannot read infinity.
    until_time := '9999-12-31T00:00:00Z';

    -- One that lies above the cost follows its peak, and no rule is asked: book.move_peaks.
    if (stop ->> 'enabled')::boolean and v.stop_percent <= 0 then
        target := book.stop_loss_step(stop, rise);
        to_price := least(
            to_price,
            case
                when target = rise then v.peak_price
                else trunc(percent_of_cost * (100 + target) * below, 18)
            end
        );
    end if;

    if (ladder ->> 'enabled')::boolean then
        target := least(
            (ladder -> 'levels' -> v.levels_done ->> 'targetPercent')::numeric,
            case
                when v.moon_bag is null and (ladder -> 'moonBag' ->> 'enabled')::boolean
                    then (ladder -> 'moonBag' ->> 'triggerPercent')::numeric
            end
        );
        to_price := least(to_price, trunc(percent_of_cost * (100 + target) * below, 18));
    end if;

    if (stale ->> 'enabled')::boolean then
        ripe_at := p.created_at + (stale ->> 'minHoldTimeMinutes')::int * interval '1 minute';
        if at < ripe_at then
            until_time := ripe_at;
        elsif gain > (stale ->> 'maxProfitPercent')::numeric then
            target := stale ->> 'maxProfitPercent';
            from_price := greatest(from_price, trunc(percent_of_cost * (100 + target) * above, 18) + least_step);
        else
            target := stale ->> 'minProfitPercent';
            to_price := least(to_price, trunc(percent_of_cost * (100 + target) * below, 18));
        end if;
    end if;

    if dca_reason = 'cooldown' then
        until_time := least(
            until_time,
            greatest(p.last_dca_time, p.dca_skipped_at) + (dca ->> 'cooldownSeconds')::int * interval '1 second'
        );
    elsif dca_reason = 'above_level' then
        target := (
            select (l.level ->> 'dropPercent')::numeric
            from jsonb_array_elements(dca -> 'levels') with ordinality as l (level, place)
            order by (l.level ->> 'dropPercent')::numeric desc, l.place
            offset p.dca_count
            limit 1
        );
        from_price := greatest(from_price, trunc(percent_of_cost * (100 + target) * above, 18) + least_step);
    end if;
end
$$;

comment on function book.quiet_band(
    public.agent_positions, jsonb, book.position_verdict, numeric, numeric, text, timestamptz
) is
'The prices (SOL per token, both included) and the time until which the rules do nothing with a position of which they
have just said so, and nothing of its state moves but what book.move_peaks knows: its peak, a stop above the cost, and
its lowest price.';
