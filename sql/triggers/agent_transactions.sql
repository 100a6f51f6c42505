-- Triggers of one event fire in the order of their names.
create trigger agent_transactions_10_complete
before insert on public.agent_transactions
for each row execute function book.tg_agent_transactions__complete();

create trigger agent_transactions_20_post
after insert on public.agent_transactions
referencing new table as new_facts
for each statement execute function book.tg_agent_transactions__post();
