-- Holds one field of a request against its rule.
create function book.check_field(given jsonb, field text, kind text, lowest bigint, highest bigint, choices text[])
returns void
language plpgsql
stable
as $$
declare
    content constant text := given ->> field;
begin
    case kind
        when 'uuid' then
            perform book.json_uuid(given, field);
        when 'time' then
            perform book.json_time(given, field);
        when 'boolean' then
            perform book.json_boolean(given, field);
        when 'json' then
            perform book.json_object(given, field);
        when 'amount' then
            perform book.json_amount(given, field, 'any');
        when 'unsigned' then
            perform book.json_amount(given, field, '0');
        when 'positive' then
            perform book.json_amount(given, field, 'above 0');
        when 'integer' then
            perform book.json_integer(given, field, lowest, highest);
        when 'text' then
            perform book.json_text(given, field, highest::int);
            if length(content) < lowest then
                perform book.refuse('field_not_valid', field, format(
                    'it has to be a text of %s to %s characters', lowest, highest
                ));
            end if;
        when 'choice' then
            perform book.json_text(given, field, 255);
            if content <> all (choices) then
                perform book.refuse('field_not_valid', field, format(
                    'it has to be one of %s', array_to_string(choices, ', ')
                ));
            end if;
        when 'cursor' then
            perform book.json_text(given, field, 2000);
    end case;
end
$$;

comment on function book.check_field(jsonb, text, text, bigint, bigint, text[]) is
'Refuses a field of a request that breaks its rule. Raises field_not_valid (TB011), amount_not_valid (TB005),
amount_out_of_range (TB004).';
