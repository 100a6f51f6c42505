-- Before update and delete, each row: a signal that an agent acted on stays what it was when he did.
create function book.tg_trading_signals__no_edit()
returns trigger
language plpgsql
volatile
-- A cascade runs with the rights of the tables' owner, on the path of whoever deletes.
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A cascade comes from inside the trigger of a foreign key: the user goes, and all of his with him.
    if pg_trigger_depth() = 1 and (
        exists (select from public.signal_executions as e where e.signal_id = old.id)
        or exists (select from public.agent_transactions as t where t.signal_id = old.id)
    ) then
        perform book.refuse('signal_was_acted_on', null, format('an agent has acted on signal %s', old.id));
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end
$$;

comment on function book.tg_trading_signals__no_edit() is
'Refuses to change or delete a signal that an agent acted on (signal_was_acted_on, TB036), but with its user.';
