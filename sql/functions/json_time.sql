-- An instant of a request, by its name, ISO 8601 with its zone; NULL where it is absent or null.
create function book.json_time(request jsonb, field_name text)
returns timestamptz
language plpgsql
stable
as $$
declare
    content constant text := book.json_text(request, field_name, 40);
begin
    if content !~ '^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)$' then
        perform book.refuse('field_not_valid', field_name, 'it has to be an ISO 8601 time with its zone');
    elsif content < '1970' then
        perform book.refuse('field_not_valid', field_name, 'it is before 1970');
    end if;
    return content::timestamptz;
exception
    when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        perform book.refuse('field_not_valid', field_name, 'there is no such time');
end
$$;

comment on function book.json_time(jsonb, text) is
'An instant of a request, by its name, ISO 8601 with zone; NULL where absent. Raises field_not_valid (TB011).';
