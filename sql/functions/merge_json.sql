-- One JSON document over another: objects are merged, all else is replaced; null is a value like others.
create function book.merge_json(base jsonb, change jsonb)
returns jsonb
language plpgsql
immutable
strict
parallel safe
as $$
begin
    if jsonb_typeof(base) <> 'object' or jsonb_typeof(change) <> 'object' then
        return change;
    end if;
    return base || coalesce((
        select jsonb_object_agg(
            e.key,
            case when base ? e.key then book.merge_json(base -> e.key, e.value) else e.value end
        )
        from jsonb_each(change) as e
    ), '{}');
end
$$;

comment on function book.merge_json(jsonb, jsonb) is
'One JSON document over another: objects merged, all else replaced; a JSON null is a value. NULL where either is.';
