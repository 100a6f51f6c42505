-- An amount of a request, by its name; NULL where it is absent or null.
--
-- A decimal string, or an integer: a JSON number with a fraction may have been through a float. Raises
-- amount_not_valid (no plain decimal, too many decimals, below the least) and amount_out_of_range.
create function book.json_amount(
    request jsonb, field_name text, least_allowed text default 'above 0', decimals int default 18
)
returns numeric
language plpgsql
immutable
as $$
declare
    field constant jsonb := request -> field_name;
    content constant text := field #>> '{}';
    amount numeric;
begin
    if content is null then
        return null;
    end if;
    if jsonb_typeof(field) not in ('string', 'number') then
        perform book.refuse('amount_not_valid', field_name, 'it has to be a decimal string');
    elsif jsonb_typeof(field) = 'number' and content !~ '^-?[0-9]+$' then
        perform book.refuse('amount_not_valid', field_name, 'a number with decimals has to be a string');
    elsif length(content) > 100 or content !~ '^-?[0-9]+(\.[0-9]+)?$' then
        perform book.refuse('amount_not_valid', field_name, format(
            '%L is no plain decimal number', left(content, 40)
        ));
    end if;
    amount := content::numeric;
    if scale(amount) > decimals then
        perform book.refuse('amount_not_valid', field_name, format(
            'it has %s decimals, %s are the limit', scale(amount), decimals
        ));
    elsif least_allowed = 'above 0' and amount <= 0 then
        perform book.refuse('amount_not_valid', field_name, 'it has to be above 0');
    elsif least_allowed = '0' and amount < 0 then
        perform book.refuse('amount_not_valid', field_name, 'it must not be negative');
    end if;
    return book.fit(amount, 20, field_name);
end
$$;

comment on function book.json_amount(jsonb, text, text, int) is
'An amount of a request, by its name, exact; NULL where absent. least_allowed: ''above 0'', ''0'' or ''any''.
Raises amount_not_valid (TB005), amount_out_of_range (TB004).';
