-- The number that a setting of a trading config is, a JSON number or a decimal string; NULL where it is none.
--
-- A JSON number is as exact as a string here, and people write configs in SQL. One that is beyond the limits of
-- amounts is none: written out, it could have as many digits as its exponent says.
create function book.setting_number(setting jsonb)
returns numeric
language plpgsql
immutable
strict
parallel safe
as $$
declare
    amount numeric;
begin
    if jsonb_typeof(setting) = 'number' then
        amount := setting::numeric;
    elsif jsonb_typeof(setting) = 'string' and setting #>> '{}' ~ '^-?[0-9]{1,20}(\.[0-9]{1,18})?$' then
        amount := (setting #>> '{}')::numeric;
    end if;
    return case when abs(amount) < 1e20 and scale(amount) <= 18 then amount end;
end
$$;

comment on function book.setting_number(jsonb) is
'The number that a setting of a trading config is: a JSON number or a decimal string, of at most 20 digits before the
point and 18 after it; NULL where it is none.';
