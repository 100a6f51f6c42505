-- Books one transaction that a program states, or answers with the one that it repeats.
--
-- Takes the wallet's turn before it looks for a repeat, so that of two at once the second one finds the first. Raises
-- what book.fact_from_json, book.booked_already and the triggers of agent_transactions raise.
create function book.record_transaction(owner uuid, request jsonb, idempotency_key uuid)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
-- By their keys alone rows are looked up below, and planning would take longer than that.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    t constant public.agent_transactions := book.fact_from_json(owner, request, idempotency_key);
    known uuid;
begin
    perform book.lock_wallets(array[t.wallet_address]);
    known := book.booked_already(t, owner);
    is_replayed := known is not null;
    if not is_replayed then
        begin
            perform book.insert_transactions(array[t]);
            known := t.id;
        exception
            when unique_violation then
                -- The same id in another wallet, or with none, at the same moment; any other clash is an error.
                known := book.booked_already(t, owner);
                is_replayed := true;
                if known is null then
                    raise;
                end if;
        end;
    end if;
    document := (select row_to_json(k) from api.transactions as k where k.id = known);
    return next;
end
$$;

comment on function book.record_transaction(uuid, jsonb, uuid) is
'Books one transaction of a user: it as a document, and whether it had been booked before. The
request''s fields are the columns of agent_transactions in camel case.';
