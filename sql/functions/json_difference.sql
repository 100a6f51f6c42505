-- What has to be merged over a JSON document to make another of it: book.merge_json the other way round.
--
-- NULL where they are equal. What the base alone has is not told.
create function book.json_difference(changed jsonb, base jsonb)
returns jsonb
language plpgsql
immutable
parallel safe
as $$
begin
    if changed = base then
        return null;
    elsif jsonb_typeof(changed) = 'object' and jsonb_typeof(base) = 'object' then
        return (
            select jsonb_object_agg(e.key, d.difference)
            from jsonb_each(changed) as e
            cross join lateral (select book.json_difference(e.value, base -> e.key) as difference) as d
            where d.difference is not null
        );
    end if;
    return changed;
end
$$;

comment on function book.json_difference(jsonb, jsonb) is
'The least that has to be merged over the second JSON document to get the first; NULL where they are equal.';
