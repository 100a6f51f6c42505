-- Before delete, each row: what an open order came of ends with it, when its wallet goes.
create function book.tg_trade_orders__end()
returns trigger
language plpgsql
volatile
-- A cascade runs with the rights of the tables' owner.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.signal_executions as e
    set
        status = 'failed',
        reason = 'order_gone',
        error = 'its order went with its wallet'
    where e.agent_id = old.agent_id and e.order_id = old.id and e.status = 'pending';
    update public.position_actions as a
    set
        status = 'failed',
        reason = 'order_gone',
        error = 'its order went with its wallet'
    where a.agent_id = old.agent_id and a.order_id = old.id and a.status = 'ordered';
    return old;
end
$$;

comment on function book.tg_trade_orders__end() is
'Ends the execution of a signal, or the action of a rule, whose open order is deleted.';
