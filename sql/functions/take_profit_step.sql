-- What a take-profit ladder does at a gain: which levels are then done, what is set aside, and how much is sold.
--
-- settings: the takeProfit of the rules in force. gain: percent. base: what the ladder began with; held: what there is
-- now, whole tokens. done, moon_bag: so far (moon_bag NULL where nothing is set aside yet).
-- Reached levels sell all at once, but never of what is set aside; a level with nothing left to sell is done too.
create function book.take_profit_step(
    settings jsonb,
    gain numeric,
    base numeric,
    held numeric,
    inout done int,
    inout moon_bag numeric,
    out sells numeric,
    out percent numeric
)
language plpgsql
immutable
parallel safe
as $$
declare
    levels constant jsonb := settings -> 'levels';
    moon constant jsonb := settings -> 'moonBag';
    reached int;
begin
    select
        count(*) filter (where (l.level ->> 'targetPercent')::numeric <= gain),
        coalesce(sum((l.level ->> 'sellPercent')::numeric) filter (
            where (l.level ->> 'targetPercent')::numeric <= gain and l.place > done
        ), 0)
    into reached, percent
    from jsonb_array_elements(levels) with ordinality as l (level, place);

    if
        moon_bag is null
        and (moon ->> 'enabled')::boolean
        and (
            gain >= (moon ->> 'triggerPercent')::numeric
            or (reached = jsonb_array_length(levels) and reached > done)
        )
    then
        moon_bag := round(base * (moon ->> 'retainPercent')::numeric * 0.01, 18);
    end if;
    done := greatest(done, reached);
    sells := greatest(least(round(base * percent * 0.01, 18), held - coalesce(moon_bag, 0)), 0);
end
$$;

comment on function book.take_profit_step(jsonb, numeric, numeric, numeric, int, numeric) is
'What a take-profit ladder does at a gain (percent): the levels then done, the tokens set aside, the tokens sold, and
the percent of the base that the newly reached levels are of. settings: the takeProfit of the rules in force.';
