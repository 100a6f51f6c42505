-- Before insert, each row: the entry point that reads the clock and the settings for a new fact.
--
-- A correction arrives at the instant at which the other was voided, and takes its place: at any time, one of the two
-- counts.
create function book.tg_agent_transactions__complete()
returns trigger
language plpgsql
volatile
as $$
declare
    s public.settings;
    arrived_at timestamptz := clock_timestamp();
begin
    if new.corrects is not null then
        if not book.is_the_book() then
            perform book.refuse(
                'fact_is_final', 'corrects', 'a correction voids and books in one step: book.correct_transaction does it'
            );
        end if;
        select
            k.voided_at,
            k.ledger_order
        into arrived_at, new.ledger_order
        from public.agent_transactions as k
        where k.id = new.corrects;
    end if;
    select into s settings.* from public.settings;
    return book.complete_transaction(new, arrived_at, s.price_source, s.price_max_age);
end
$$;

comment on function book.tg_agent_transactions__complete() is
'Fills user, arrival, symbols and values of a new fact: book.complete_transaction. Raises fact_is_final (TB013) for
corrects.';
