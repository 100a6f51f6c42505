-- A setting of a valid trading config, and all below it, as it is stored: numbers as decimal strings without trailing
-- zeros, integers without decimals.
--
-- place: where it is, names with a point before each, .* for elements. kinds: {place: "number" or "integer"}.
create function book.plain_setting(setting jsonb, place text, kinds jsonb)
returns jsonb
language plpgsql
immutable
strict
parallel safe
as $$
begin
    case jsonb_typeof(setting)
        when 'object' then
            return (
                select coalesce(
                    jsonb_object_agg(e.key, book.plain_setting(e.value, place || '.' || e.key, kinds)), '{}'
                )
                from jsonb_each(setting) as e
            );
        when 'array' then
            return (
                select coalesce(
                    jsonb_agg(book.plain_setting(e.value, place || '.*', kinds) order by e.number), '[]'
                )
                from jsonb_array_elements(setting) with ordinality as e (value, number)
            );
        when 'null' then
            return setting;
        else
            return case kinds ->> place
                when 'number' then to_jsonb(book.plain_number(book.setting_number(setting)))
                when 'integer' then to_jsonb(trim_scale(book.setting_number(setting)))
                else setting
            end;
    end case;
end
$$;

comment on function book.plain_setting(jsonb, text, jsonb) is
'A setting of a valid trading config, and all below it, as it is stored: numbers as plain decimal strings.';
