-- The parameters of a URL, which all arrive as texts, as a request of that name says them: integers and booleans as
-- JSON has them.
create function book.read_parameters(given jsonb, request_name text)
returns jsonb
language plpgsql
stable
as $$
declare
    f api.request_fields;
    content text;
    read jsonb := given;
begin
    for f in select r.* from api.request_fields as r where r.request = request_name and given ? r.field loop
        content := given ->> f.field;
        if
            (f.kind = 'integer' and content ~ '^-?[0-9]{1,18}$')
            or (f.kind = 'boolean' and content in ('true', 'false'))
        then
            read := jsonb_set(read, array[f.field], content::jsonb);
        elsif f.kind = 'time' then
            -- A + that was not escaped arrives as a space.
            read := jsonb_set(read, array[f.field], to_jsonb(regexp_replace(content, ' (?=\d\d:?\d\d$)', '+')));
        end if;
    end loop;
    perform book.check_request(read, request_name);
    return read;
end
$$;

comment on function book.read_parameters(jsonb, text) is
'The parameters of a URL by name, checked, with integers and booleans as such. Raises what book.check_request raises.';
