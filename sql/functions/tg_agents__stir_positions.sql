-- After update, each statement: the positions of agents whose rules have changed are looked at anew when their next
-- price comes.
create function book.tg_agents__stir_positions()
returns trigger
language plpgsql
volatile
-- What is derived is the book's alone.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    changed constant uuid[] := array(
        select n.id
        from new_agents as n
        inner join old_agents as o on o.id = n.id
        where
            n.trading_rules is distinct from o.trading_rules
            or n.automated_trading_simulation <> o.automated_trading_simulation
            or n.automated_trading_live <> o.automated_trading_live
    );
begin
    if cardinality(changed) > 0 then
        -- Whoever holds the rules against them has the wallets first.
        perform book.lock_wallets(array(
            select w.wallet_address from public.agent_wallets as w where w.agent_id = any (changed)
        ));
        update public.agent_positions as p
        set quiet_until = null
        where p.agent_id = any (changed) and p.quiet_until is not null;
    end if;
    return null;
end
$$;

comment on function book.tg_agents__stir_positions() is
'Has the positions of agents looked at anew whose rules have changed.';
