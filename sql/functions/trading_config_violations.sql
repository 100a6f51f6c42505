-- Everything that is wrong with a whole trading config: where, and in words.
--
-- Goes down from the top, each setting beside its rule, and no further where it is not of its kind.
create function book.trading_config_violations(config jsonb)
returns table (pointer text, detail text)
language plpgsql
stable
as $$
begin
    return query
    with recursive settings as (
        select
            '' as pointer,
            '{}'::text[] as place,
            config as setting
        union all
        select
            s.pointer || '/' || m.name,
            s.place || m.step,
            m.setting
        from settings as s
        inner join report.trading_config_rules as r
            on r.place = s.place and r.kind = case jsonb_typeof(s.setting) when 'array' then 'list' else jsonb_typeof(s.setting) end
        cross join lateral (
            -- Names are texts of whoever asks: cut, as an answer has one for each.
            select
                replace(replace(left(e.key, 60), '~', '~0'), '/', '~1') as name,
                e.key as step,
                e.value as setting
            from jsonb_each(case when r.kind = 'object' then s.setting else '{}' end) as e
            union all
            select
                (e.number - 1)::text,
                '*',
                e.value
            from jsonb_array_elements(case when r.kind = 'list' then s.setting else '[]' end) with ordinality as e (value, number)
        ) as m
        where r.kind in ('object', 'list')
    ),

    judged as (
        select
            s.pointer,
            s.setting,
            s.place,
            r.kind,
            book.setting_violation(s.setting, r.kind, r.allowed, r.choices, r.is_nullable) as detail
        from settings as s
        left join report.trading_config_rules as r on r.place = s.place
    )

    select
        j.pointer,
        j.detail
    from judged as j
    where j.detail is not null
    union all
    select
        j.pointer || '/' || r.place[cardinality(r.place)],
        'it is required'
    from judged as j
    inner join report.trading_config_rules as r
        on r.place[: cardinality(r.place) - 1] = j.place and r.place <> '{}' and r.place[cardinality(r.place)] <> '*'
    where j.kind = 'object' and j.detail is null and not j.setting ? r.place[cardinality(r.place)]
    union all
    select
        c.pointer,
        c.detail
    from book.trading_config_contradictions(config) as c;
end
$$;

comment on function book.trading_config_violations(jsonb) is
'Everything that is wrong with a whole trading config: a JSON pointer and words for each. None where it is valid.';
