-- Marks a fact as void and answers it as it was; the books are not changed yet. Takes turns with every other writer to
-- its wallet, and to the other wallets named, where they are its agent's: nobody waits for another user.
--
-- Raises not_found, repeat_differs where it has been voided for another reason; a fact that has been voided for the
-- same reason comes back with voided_at set.
create function book.mark_void(fact uuid, reason text, other_wallets text[])
returns public.agent_transactions
language plpgsql
volatile
as $$
declare
    t public.agent_transactions;
begin
    select k.* into t from public.agent_transactions as k where k.id = fact;
    if t.id is null or not book.may_act_for(t.user_id) then
        perform book.refuse('not_found', 'id', 'there is no such transaction');
    end if;
    perform book.lock_wallets(array(
        select w.wallet_address from public.agent_wallets as w
        where w.agent_id = t.agent_id and w.wallet_address = any (t.wallet_address || other_wallets)
    ));
    -- A record that moves nothing has no wallet to take turns on.
    select k.* into t from public.agent_transactions as k where k.id = fact for no key update;
    if t.voided_at is not null then
        if t.void_reason is distinct from reason then
            perform book.refuse('repeat_differs', 'void_reason', format(
                '%s was voided at %s for another reason: %s', t.id, book.plain_time(t.voided_at), t.void_reason
            ));
        end if;
        return t;
    end if;
    update public.agent_transactions as k
    set
        -- Read after the wait for the turn, so that the books as known at an instant before it are what they were.
        voided_at = clock_timestamp(),
        void_reason = reason,
        voided_by = book.recorder(),
        is_dca = false
    where k.agent_id = t.agent_id and k.id = t.id;
    return t;
end
$$;

comment on function book.mark_void(uuid, text, text[]) is
'Marks a fact as void, without posting it; the fact as it was. Raises not_found (TB007), repeat_differs (TB008).';
