-- What a newer version keeps, made for books that an older one wrote.
do $$
begin
    perform book.fill_missing_totals();
    perform book.stir_all_positions();
    -- Defaults and presets may be others than before.
    update public.agents as a
    set trading_rules = null
    where a.trading_config is not null and a.trading_rules is distinct from book.trading_rules(a.trading_config);
end
$$;
