-- A trading config as it is stored: what differs from the defaults, amounts and percentages as decimal strings; NULL
-- where nothing does. Refuses one that is not valid, with everything that is wrong with it.
--
-- given: some settings, or all. pointer: where it stands in what was asked, for the errors.
create function book.stored_trading_config(given jsonb, pointer text default '')
returns jsonb
language plpgsql
stable
as $$
declare
    most_told constant int := 1000;
    config constant jsonb := book.merge_json(book.default_trading_config(), given);
    violations json;
    violation_count bigint;
    first_one text;
    kinds jsonb;
begin
    if given is null then
        return null;
    end if;
    select
        json_agg(json_build_object('pointer', stored_trading_config.pointer || v.pointer, 'detail', v.detail) order by v.place)
        filter (where v.place <= most_told),
        count(*),
        min(format('%s: %s', stored_trading_config.pointer || v.pointer, v.detail)) filter (where v.place = 1)
    into violations, violation_count, first_one
    from (
        select
            w.pointer,
            w.detail,
            row_number() over (order by w.pointer collate "C", w.detail collate "C") as place
        from book.trading_config_violations(config) as w
    ) as v;
    if violation_count > 0 then
        perform book.refuse(
            'config_not_valid',
            'trading_config',
            first_one
            || case when violation_count > 1 then format('; there are %s more', violation_count - 1) else '' end
            || case when violation_count > most_told then format(', the first %s are told', most_told) else '' end,
            json_build_object('errors', violations)::text
        );
    end if;
    kinds := (
        select jsonb_object_agg('.' || array_to_string(r.place, '.'), r.kind)
        from report.trading_config_rules as r
        where r.kind in ('number', 'integer')
    );
    return book.json_difference(book.plain_setting(config, '', kinds), book.default_trading_config());
end
$$;

comment on function book.stored_trading_config(jsonb, text) is
'A trading config (some settings, or all) as it is stored: what differs from the defaults; NULL where nothing does.
pointer is where it stands in a request. Raises config_not_valid (TB040), whose detail is {"errors": [{"pointer",
"detail"}, ...]}, one for each violation, at most 1,000.';
