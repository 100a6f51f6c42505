-- Gives an executor orders of its user, which nobody else gets until its lease ends: sales first, then the oldest.
--
-- request: {"executor", "agentId"?, "limit"?, "leaseSeconds"?}. The same Idempotency-Key again answers the orders of
-- the first time. at: now.
create function book.claim_orders(owner uuid, request jsonb, idempotency_key uuid, at timestamptz)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claimed uuid[];
begin
    perform book.check_request(request, 'claim_orders');
    if not book.may_act_for(owner) then
        perform book.refuse('not_found', 'owner', 'there is no such user');
    end if;
    if request ->> 'agentId' is not null then
        perform book.require_agent(owner, (request ->> 'agentId')::uuid);
    end if;
    if idempotency_key is not null then
        -- So that of two alike at once the second one finds what the first one got.
        perform book.take_signals_turn(owner);
        claimed := (
            select array_agg(o.id) from public.trade_orders as o
            where o.claim_key = idempotency_key and o.user_id = owner
        );
    end if;
    is_replayed := claimed is not null;
    if exists (
        select from public.trade_orders as o
        where o.id = any (claimed) and o.claimed_by <> request ->> 'executor'
    ) then
        perform book.refuse('repeat_differs', 'executor', 'another executor has claimed with that key');
    elsif not is_replayed then
        with taken as (
            select o.id
            from public.trade_orders as o
            where
                o.user_id = owner
                and o.status in ('pending', 'claimed')
                and o.agent_id = coalesce((request ->> 'agentId')::uuid, o.agent_id)
                and o.expires_at > at
                and coalesce(o.claimed_until <= at, true)
                -- What nobody would decide any more waits until it expires.
                and case o.side
                    when 'sell' then exists (
                        select from public.agent_positions as p
                        where p.agent_id = o.agent_id and p.id = o.position_id
                    )
                    else exists (
                        select from public.agents as a
                        where a.id = o.agent_id and (a.automated_trading_live or o.reason = 'manual')
                    ) and not exists (
                        select from public.dead_tokens as d
                        where d.token_address = o.token_address and (d.user_id is null or d.user_id = owner)
                    )
                end
            order by o.side desc, o.created_at, o.id
            limit coalesce((request ->> 'limit')::int, 10)
            for no key update skip locked
        ),

        marked as (
            update public.trade_orders as o
            set
                status = 'claimed',
                claimed_by = request ->> 'executor',
                claimed_until = at + coalesce((request ->> 'leaseSeconds')::int, 30) * interval '1 second',
                claim_key = idempotency_key,
                attempts = o.attempts + 1,
                updated_at = at
            from taken as t
            where o.id = t.id
            returning o.id
        )

        select coalesce(array_agg(m.id), '{}') into claimed from marked as m;
    end if;
    document := (
        select coalesce(json_agg(row_to_json(k) order by k.side desc, k."createdAt", k.id), '[]')
        from api.trade_orders as k
        where k.id = any (claimed)
    );
    return next;
end
$$;

comment on function book.claim_orders(uuid, jsonb, uuid, timestamptz) is
'Gives an executor up to limit orders of a user for leaseSeconds: they as documents, and whether they had been given
before. at: now. Raises not_found (TB007), repeat_differs (TB008) and what book.check_request raises.';
