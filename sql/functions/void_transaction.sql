-- Voids a transaction: it stays, marked, and everything derived is as if it had never been.
--
-- reason: 1 to 500 characters. The same again changes nothing. Raises not_found, repeat_differs, and what the fold
-- raises where a later transaction needs it (insufficient_holding, insufficient_balance): correct_transaction replaces
-- one in a single step.
create function book.void_transaction(fact uuid, reason text)
returns json
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    t public.agent_transactions;
begin
    t := book.mark_void(fact, reason, '{}');
    if t.voided_at is null and t.wallet_address is not null then
        perform book.post_facts('{}', array[t.id]);
    elsif t.voided_at is null then
        perform book.announce_facts('{}', array[t.id], '{}', '{}');
    end if;
    return (select row_to_json(k) from api.transactions as k where k.id = fact);
end
$$;

comment on function book.void_transaction(uuid, text) is
'Voids a transaction for a reason (1 to 500 characters); it as a document. Raises not_found (TB007), repeat_differs
(TB008), insufficient_holding (TB003), insufficient_balance (TB002).';
