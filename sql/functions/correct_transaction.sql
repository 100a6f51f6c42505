-- Replaces a transaction by another in one step, judged at the end: the new one takes its place in the order of the
-- book.
--
-- request: all fields of the new transaction, as record_transaction takes them; agentId has to be the same, and an id,
-- where it is stated, another. reason: 1 to 500 characters. The same again answers the first result and changes
-- nothing.
create function book.correct_transaction(fact uuid, request jsonb, reason text)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    t public.agent_transactions := book.transaction_from_json(request);
    old public.agent_transactions;
    known uuid;
begin
    old := book.mark_void(fact, reason, array[t.wallet_address]);
    if t.agent_id is distinct from old.agent_id then
        perform book.refuse('field_not_valid', 'agent_id', 'a correction stays with its agent');
    end if;
    select k.id into known
    from public.agent_transactions as k
    where k.corrects = fact;
    is_replayed := known is not null;
    if is_replayed then
        if t.id <> known then
            perform book.refuse('repeat_differs', 'id', format('%s was corrected by %s', fact, known));
        end if;
        t.id := known;
        known := book.booked_already(t, old.user_id);
    elsif old.voided_at is not null then
        perform book.refuse('repeat_differs', 'id', format('%s was voided, not corrected', fact));
    else
        t.id := coalesce(t.id, gen_random_uuid());
        t.corrects := fact;
        t.origin := 'api';
        perform book.insert_transactions(array[t]);
        known := t.id;
    end if;
    document := (select row_to_json(k) from api.transactions as k where k.id = known);
    return next;
end
$$;

comment on function book.correct_transaction(uuid, jsonb, text) is
'Voids a transaction and books another in its place, in one step: the new one as a document, and whether that had been
done before. Raises not_found (TB007), repeat_differs (TB008), and what record_transaction raises.';
