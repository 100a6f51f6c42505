-- Refuses a time zone that PostgreSQL does not know by name; NULL is none.
create function book.require_time_zone(zone text)
returns void
language plpgsql
stable
as $$
begin
    -- Other spellings, such as XYZ+3, are taken for zones of their own.
    if zone !~ '^[A-Za-z][A-Za-z_]*(/[A-Za-z0-9_+-]+)*$' or length(zone) > 64 then
        perform book.refuse('field_not_valid', 'timezone', 'it has to be a time zone''s name, such as Europe/Madrid');
    end if;
    perform now() at time zone zone;
exception
    when invalid_parameter_value then
        perform book.refuse('field_not_valid', 'timezone', 'it has to be a time zone''s name, such as Europe/Madrid');
end
$$;

comment on function book.require_time_zone(text) is
'Raises field_not_valid (TB011) where there is no time zone of that name.';
