-- Before update and delete, each row: a signal that an agent acted on stays what it was when he did. Agents that left
-- it did not act on it: what they said goes with it.
create function book.tg_trading_signals__no_edit()
returns trigger
language plpgsql
volatile
-- What agents did is the book's, and a cascade runs with the rights of the tables' owner.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A cascade comes from inside the trigger of a foreign key: the user goes, and all of his with him.
    if pg_trigger_depth() = 1 and (
        exists (select from public.signal_executions as e where e.signal_id = old.id and e.status <> 'skipped')
        or exists (select from public.agent_transactions as t where t.signal_id = old.id)
    ) then
        perform book.refuse('signal_was_acted_on', null, format('an agent has acted on signal %s', old.id));
    end if;
    if tg_op = 'DELETE' then
        delete from public.signal_executions as e where e.signal_id = old.id and e.status = 'skipped';
        return old;
    end if;
    return new;
end
$$;

comment on function book.tg_trading_signals__no_edit() is
'Refuses to change or delete a signal that an agent acted on (signal_was_acted_on, TB036), but with its user; with one
that is deleted go the executions that were skipped.';
