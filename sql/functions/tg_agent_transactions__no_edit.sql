-- Before update, each row: a fact stays as it is. What only describes it may be changed.
create function book.tg_agent_transactions__no_edit()
returns trigger
language plpgsql
volatile
as $$
declare
    edited constant public.agent_transactions := new;
begin
    -- The one way to compare all other columns, those of later migrations included.
    new.is_dca := old.is_dca;
    new.routes := old.routes;
    new.swap_payload := old.swap_payload;
    new.slippage := old.slippage;
    new.price_impact := old.price_impact;
    new.updated_at := old.updated_at;
    if old.transaction_hash is null then
        new.transaction_hash := null;
    end if;
    -- The book marks a fact as void, once.
    if old.voided_at is null and new.voided_at is not null and current_user = (
        select pg_get_userbyid(p.proowner) from pg_proc as p
        where p.oid = 'book.void_transaction(uuid, text)'::regprocedure
    ) then
        new.voided_at := null;
        new.void_reason := null;
        new.voided_by := null;
    end if;
    if new is distinct from old then
        perform book.refuse(
            'fact_is_final', null, format(
                'transaction %s is a fact: its columns cannot be changed; book.void_transaction voids it,'
                ' book.correct_transaction replaces it', old.id
            )
        );
    end if;
    return edited;
end
$$;

comment on function book.tg_agent_transactions__no_edit() is
'Refuses a change of a fact''s columns (fact_is_final, TB013); what only describes it may be filled in.';
