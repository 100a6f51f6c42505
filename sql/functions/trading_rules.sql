-- What the rules of an agent go by: every setting, with the levels and the moon bag of presets where a mode is one.
--
-- stored: agents.trading_config; NULL is all defaults.
create function book.trading_rules(stored jsonb)
returns jsonb
language plpgsql
stable
as $$
declare
    effective constant jsonb := book.merge_json(book.default_trading_config(), coalesce(stored, '{}'));
begin
    return book.merge_json(effective, (
        select coalesce(jsonb_object_agg(p.section, p.settings), '{}')
        from report.mode_presets as p
        where p.mode = effective -> p.section ->> 'mode'
    ));
end
$$;

comment on function book.trading_rules(jsonb) is
'What the rules of an agent go by: its trading config over the defaults, presets filled in. NULL is all defaults.';
