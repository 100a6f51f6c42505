-- Before update, each row: a fact stays as it is. What only describes it may be changed; the book marks it.
create function book.tg_agent_transactions__no_edit()
returns trigger
language plpgsql
volatile
as $$
declare
    edited constant public.agent_transactions := new;
begin
    if
        (new.is_dca, new.voided_at, new.void_reason, new.voided_by, new.corrects)
        is distinct from (old.is_dca, old.voided_at, old.void_reason, old.voided_by, old.corrects)
    then
        if not book.is_the_book() then
            perform book.refuse('fact_is_final', null, format(
                'transaction %s is a fact: call book.void_transaction or book.correct_transaction', old.id
            ));
        elsif old.voided_at is not null and new.voided_at is distinct from old.voided_at then
            perform book.refuse('fact_is_final', null, format('transaction %s is void, and stays so', old.id));
        end if;
    end if;
    -- The one way to compare all other columns, those of later migrations included.
    new.is_dca := old.is_dca;
    new.voided_at := old.voided_at;
    new.void_reason := old.void_reason;
    new.voided_by := old.voided_by;
    new.corrects := old.corrects;
    new.routes := old.routes;
    new.swap_payload := old.swap_payload;
    new.slippage := old.slippage;
    new.price_impact := old.price_impact;
    new.updated_at := old.updated_at;
    if old.transaction_hash is null then
        new.transaction_hash := null;
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
'Refuses a change of a fact''s columns (fact_is_final, TB013); what only describes it may be filled in, and the book
marks what is void.';
