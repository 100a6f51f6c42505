-- Triggers of one event fire in the order of their names.
create trigger agent_transactions_10_complete
before insert on public.agent_transactions
for each row execute function book.tg_agent_transactions__complete();

create trigger agent_transactions_20_post
after insert on public.agent_transactions
referencing new table as new_facts
for each statement execute function book.tg_agent_transactions__post();

create trigger agent_transactions_30_no_edit
before update on public.agent_transactions
for each row execute function book.tg_agent_transactions__no_edit();

create trigger agent_transactions_40_no_delete
before delete on public.agent_transactions
for each row execute function book.tg_agent_transactions__no_delete();

create trigger agent_transactions_41_no_truncate
before truncate on public.agent_transactions
for each statement execute function book.tg_agent_transactions__no_delete();
