-- Before an agent gets a trading config, whoever writes it: valid, and as it is stored; and what the rules go by.
create function book.tg_agents__trading_config()
returns trigger
language plpgsql
volatile
as $$
begin
    -- What is no object is refused by the table.
    if jsonb_typeof(new.trading_config) = 'object' then
        new.trading_config := book.stored_trading_config(new.trading_config);
    end if;
    new.trading_rules := case
        when jsonb_typeof(new.trading_config) = 'object' then book.trading_rules(new.trading_config)
    end;
    return new;
end
$$;

comment on function book.tg_agents__trading_config() is
'Refuses a trading config that is not valid, keeps what differs from the defaults, and what the rules go by. Raises
config_not_valid (TB040).';
