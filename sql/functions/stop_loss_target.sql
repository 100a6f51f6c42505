-- Where the stop belongs when the highest price is `rise` percent above the average cost; both in percent of that cost.
--
-- settings: the stopLoss of a trading config. exp() is rounded at 4 decimals of percent, which it carries surely.
create function book.stop_loss_target(settings jsonb, rise numeric)
returns numeric
language plpgsql
immutable
parallel safe
as $$
declare
    start constant numeric := settings ->> 'defaultPercentage';
    x constant numeric := rise - 20;
    k numeric;
    target numeric;
begin
    if rise < 0 then
        return start;
    end if;
    case settings ->> 'mode'
        when 'fixed' then
            target := case when rise >= 20 then greatest(0, rise - 10) end;
        when 'zones' then
            target := rise * case
                when rise < 20 then null
                when rise <= 25 then 0.50
                when rise <= 50 then 0.60
                when rise <= 100 then 0.70
                when rise <= 200 then 0.80
                else 0.85
            end;
        when 'exponential' then
            -- Beyond this, k is at its limit.
            if x > 1000 then
                target := round(rise * 0.90, 4);
            elsif x > 0 then
                -- A minus sign binds stronger than ^: hence the parentheses.
                k := 1 - exp(-x * 3.2 / 100) - 0.12 * exp(-(((x - 55) / 8) ^ 2) / 2);
                k := least(greatest(k, 0), 0.90);
                if x > 65 then
                    k := least(0.90, k + 0.30 * (1 - exp(-(x - 65) / 80)));
                end if;
                target := round(rise * k, 4);
            end if;
        when 'custom' then
            target := (
                select (l.level ->> 'stopLoss')::numeric
                from jsonb_array_elements(settings -> 'trailingLevels') as l (level)
                where (l.level ->> 'change')::numeric <= rise
                order by (l.level ->> 'change')::numeric desc
                limit 1
            );
    end case;
    return case when target > 0 then target else start end;
end
$$;

comment on function book.stop_loss_target(jsonb, numeric) is
'Where the stop belongs, percent of the average cost, when the highest price is so many percent above it. settings: the
stopLoss of a trading config.';
