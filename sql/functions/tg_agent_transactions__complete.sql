-- Before insert, each row: the entry point that reads the clock and the settings for a new fact.
create function book.tg_agent_transactions__complete()
returns trigger
language plpgsql
volatile
as $$
declare
    s public.settings;
begin
    select into s settings.* from public.settings;
    return book.complete_transaction(new, clock_timestamp(), s.price_source, s.price_max_age);
end
$$;

comment on function book.tg_agent_transactions__complete() is
'Fills user, arrival, symbols and values of a new fact: book.complete_transaction.';
