-- Before insert or update, each row: whose the wallet is follows from its agent, whatever was given.
create function book.tg_agent_wallets__user()
returns trigger
language plpgsql
volatile
as $$
begin
    new.user_id := (select a.user_id from public.agents as a where a.id = new.agent_id);
    if new.user_id is null then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    return new;
end
$$;

comment on function book.tg_agent_wallets__user() is
'Fills the user of a wallet from its agent. Raises not_found (TB007) where there is no such agent.';
