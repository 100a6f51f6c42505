-- Before delete, each row, and before truncate: facts go with their wallet, agent or user alone.
create function book.tg_agent_transactions__no_delete()
returns trigger
language plpgsql
volatile
-- A cascade runs with the rights of the tables' owner, on the path of whoever deletes.
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A cascade comes from inside the trigger of a foreign key.
    if tg_op = 'TRUNCATE' or pg_trigger_depth() = 1 then
        perform book.refuse(
            'fact_is_final', null, 'a transaction is a fact: it can be deleted only with its wallet, agent or user'
        );
    end if;
    return old;
end
$$;

comment on function book.tg_agent_transactions__no_delete() is
'Refuses to delete or truncate facts (fact_is_final, TB013), but with their wallet, agent or user.';
