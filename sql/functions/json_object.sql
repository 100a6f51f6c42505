-- A nested document of a request, by its name, as it is; NULL where it is absent or null.
create function book.json_object(request jsonb, field_name text)
returns jsonb
language plpgsql
immutable
as $$
declare
    field constant jsonb := nullif(request -> field_name, 'null');
begin
    if jsonb_typeof(field) not in ('object', 'array') then
        perform book.refuse('field_not_valid', field_name, 'it has to be an object or an array');
    elsif jsonb_path_exists(field, '$.**{64 to last}') then
        perform book.refuse('field_not_valid', field_name, 'it is nested more than 64 deep');
    elsif jsonb_path_exists(
        field, '$.** ? (@.type() == "number" && (@ > 1e60 || @ < -1e60 || (@ != 0 && @ < 1e-60 && @ > -1e-60)))'
    ) then
        -- Written out, such a number has as many digits as its exponent says.
        perform book.refuse('field_not_valid', field_name, 'it holds a number beyond 10^60 or below 10^-60');
    elsif exists (
        select from jsonb_path_query(field, '$.** ? (@ == 0)') as zero (number) where scale(zero.number::numeric) > 60
    ) then
        -- 0e-16383 has 16,383 of them.
        perform book.refuse('field_not_valid', field_name, 'it holds a zero of more than 60 decimals');
    end if;
    return field;
end
$$;

comment on function book.json_object(jsonb, text) is
'A nested document of a request, by its name; NULL where absent. Raises field_not_valid (TB011).';
