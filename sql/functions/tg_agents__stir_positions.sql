-- After the rules of an agent have changed, each row: its positions are looked at anew when their next price comes.
create function book.tg_agents__stir_positions()
returns trigger
language plpgsql
volatile
-- What is derived is the book's alone.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Whoever holds the rules against them has the wallets first.
    perform book.lock_wallets(array(select w.wallet_address from public.agent_wallets as w where w.agent_id = new.id));
    update public.agent_positions as p
    set quiet_until = null
    where p.agent_id = new.id and p.quiet_until is not null;
    return null;
end
$$;

comment on function book.tg_agents__stir_positions() is
'Has the positions of an agent looked at anew, when its rules have changed.';
