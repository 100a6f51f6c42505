-- A fact as a program states it for its user, ready to be inserted; it has an id, its own where it stated one.
--
-- Raises what book.transaction_from_json raises, and not_found where the agent is not the user's.
create function book.fact_from_json(owner uuid, request jsonb, idempotency_key uuid)
returns public.agent_transactions
language plpgsql
volatile
as $$
declare
    t public.agent_transactions := book.transaction_from_json(request);
begin
    if t.id <> idempotency_key then
        perform book.refuse('field_not_valid', 'id', 'it has to be the Idempotency-Key where both are given');
    end if;
    if not exists (select from public.agents as a where a.id = t.agent_id and a.user_id = owner) then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent');
    end if;
    t.id := coalesce(t.id, idempotency_key, gen_random_uuid());
    t.origin := 'api';
    return t;
end
$$;

comment on function book.fact_from_json(uuid, jsonb, uuid) is
'A fact as a program states it for its user, with an id. Raises field_unknown (TB009), field_required (TB010),
field_not_valid (TB011), amount_not_valid (TB005), amount_out_of_range (TB004), not_found (TB007).';
