-- What is wrong with a setting of a trading config by its rule of report.trading_config_rules; NULL where nothing is.
-- No kind says that there is no such setting.
create function book.setting_violation(setting jsonb, kind text, allowed numrange, choices text[], is_nullable boolean)
returns text
language plpgsql
immutable
as $$
declare
    kind_of_json constant text := jsonb_typeof(setting);
    content text;
    measured numeric;
    unit text := '';
begin
    if kind is null then
        return 'there is no such setting';
    elsif kind_of_json = 'null' then
        return case when not is_nullable then 'it cannot be null' end;
    end if;
    case kind
        when 'object' then
            return case when kind_of_json <> 'object' then 'it has to be an object' end;
        when 'boolean' then
            return case when kind_of_json <> 'boolean' then 'it has to be true or false' end;
        when 'choice' then
            if kind_of_json <> 'string' or setting #>> '{}' <> all (choices) then
                return format('it has to be one of %s', array_to_string(choices, ', '));
            end if;
            return null;
        when 'list' then
            if kind_of_json <> 'array' then
                return 'it has to be an array';
            end if;
            measured := jsonb_array_length(setting);
            unit := ' elements';
        when 'text' then
            if kind_of_json <> 'string' then
                return 'it has to be a string';
            end if;
            content := setting #>> '{}';
            if content ~ '[[:cntrl:]]' then
                return 'it holds a control character';
            end if;
            measured := length(content);
            unit := ' characters';
        else
            measured := book.setting_number(setting);
            if kind = 'integer' and (kind_of_json <> 'number' or measured is null or measured <> trunc(measured)) then
                return 'it has to be an integer';
            elsif measured is null then
                return 'it has to be a decimal string of at most 20 digits before the point and 18 after it';
            end if;
    end case;
    if allowed is null or measured <@ allowed then
        return null;
    end if;
    return 'it has to be ' || concat_ws(
        ' and ',
        case when lower_inc(allowed) then 'at least ' else 'above ' end || lower(allowed)::text,
        'at most ' || upper(allowed)::text
    ) || unit;
end
$$;

comment on function book.setting_violation(jsonb, text, numrange, text[], boolean) is
'What is wrong with a setting of a trading config by its own rule, as report.trading_config_rules
has it, in words; NULL where nothing is. No kind says that there is no such setting.';
