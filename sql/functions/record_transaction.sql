-- Books one transaction that a program states, or answers with the one that it repeats.
--
-- Raises what book.transaction_from_json, book.booked_already and the triggers of agent_transactions raise; not_found
-- where the agent is not the user's.
create function book.record_transaction(owner uuid, request jsonb, idempotency_key uuid)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
as $$
declare
    t public.agent_transactions := book.transaction_from_json(request);
    known uuid;
begin
    if t.id <> idempotency_key then
        perform book.refuse('field_not_valid', 'id', 'it has to be the Idempotency-Key where both are given');
    end if;
    t.id := coalesce(t.id, idempotency_key);
    if not exists (select from public.agents as a where a.id = t.agent_id and a.user_id = owner) then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    known := book.booked_already(t, owner);
    is_replayed := known is not null;
    if not is_replayed then
        t.id := coalesce(t.id, gen_random_uuid());
        t.origin := 'api';
        begin
            perform book.insert_transactions(array[t]);
            known := t.id;
        exception
            when unique_violation then
                -- Another session booked it after the look; any other clash is an error.
                known := book.booked_already(t, owner);
                is_replayed := true;
                if known is null then
                    raise;
                end if;
        end;
    end if;
    document := (select k.document from api.transactions as k where k.id = known);
    return next;
end
$$;

comment on function book.record_transaction(uuid, jsonb, uuid) is
'Books one transaction of a user: it as a document, and whether it had been booked before. The
request''s fields are the columns of agent_transactions in camel case.';
