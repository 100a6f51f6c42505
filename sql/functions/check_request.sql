-- Holds what a request says against api.request_fields: unknown fields, missing ones, and the type of each.
--
-- A field that is null counts as absent. Parameters of a URL arrive as texts: read them with book.read_parameters.
create function book.check_request(given jsonb, request_name text)
returns void
language plpgsql
stable
as $$
declare
    f api.request_fields;
    content jsonb;
begin
    perform book.check_fields(
        given,
        coalesce(array_agg(r.field), '{}'),
        coalesce(array_agg(r.field) filter (where r.is_required), '{}')
    )
    from api.request_fields as r
    where r.request = request_name;
    for f in
        select r.*
        from api.request_fields as r
        where r.request = request_name and coalesce(given -> r.field, 'null') <> 'null'
    loop
        if not f.is_array then
            perform book.check_field(given, f.field, f.kind, f.lowest, f.highest, f.choices);
            continue;
        elsif jsonb_typeof(given -> f.field) <> 'array' then
            perform book.refuse('field_not_valid', f.field, 'it has to be an array');
        end if;
        for content in select e.value from jsonb_array_elements(given -> f.field) as e loop
            if content = 'null' then
                perform book.refuse('field_not_valid', f.field, 'it holds null');
            end if;
            perform book.check_field(
                jsonb_build_object(f.field, content), f.field, f.kind, f.lowest, f.highest, f.choices
            );
        end loop;
    end loop;
end
$$;

comment on function book.check_request(jsonb, text) is
'Refuses a request that holds what api.request_fields does not have for it. Raises field_unknown (TB009), field_required
(TB010), field_not_valid (TB011), amount_not_valid (TB005), amount_out_of_range (TB004).';
