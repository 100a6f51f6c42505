-- Puts into the outbox what was done: facts that were booked or voided, and what became of the positions that they
-- touch. In the order of the book, so that clients are told in it.
create function book.announce_facts(
    added uuid[], removed uuid[], histories book.token_history[], steps book.position_step[]
)
returns void
language plpgsql
volatile
as $$
begin
    insert into public.event_outbox (user_id, agent_id, wallet_address, token_address, kind, change, subject_id)
    select
        e.user_id,
        e.agent_id,
        e.wallet_address,
        e.token_address,
        e.kind,
        e.change,
        e.subject_id
    from (
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            null as token_address,
            'transactions' as kind,
            case
                when t.voided_at is null then 'booked'
                when cardinality(added) = 0 then 'voided'
                else 'corrected'
            end as change,
            t.id as subject_id,
            t.voided_at is null as is_after,
            t.ledger_order as place
        from public.agent_transactions as t
        where t.id = any (removed || added)
        union all
        select
            h.user_id,
            h.agent_id,
            h.wallet_address,
            h.token_address,
            'positions',
            c.change,
            c.position_id,
            true,
            9223372036854775807
        from unnest(histories) as h
        left join unnest(steps) as s
            on s.wallet_address = h.wallet_address and s.token_address = h.token_address and s.is_last
        cross join lateral (
            select case when s.wallet_address is null then h.start else s.state end as state
        ) as f
        cross join lateral (
            select
                case when (f.state).remaining_amount > 0 then (f.state).position_id end as position_id,
                coalesce((f.state).remaining_amount > 0 and not (f.state).is_closed, false) as is_open,
                coalesce(not h.stored_is_dust, false) as was_open
        ) as p
        cross join lateral (
            select
                'closed' as change,
                h.stored_id as position_id
            where p.was_open and (not p.is_open or p.position_id <> h.stored_id)
            union all
            select
                'opened',
                p.position_id
            where p.is_open and (not p.was_open or p.position_id <> h.stored_id)
            union all
            -- Of dust too.
            select
                'changed',
                coalesce(p.position_id, h.stored_id)
            where
                case when p.is_open and p.was_open then p.position_id = h.stored_id else p.is_open = p.was_open end
                and coalesce(p.position_id, h.stored_id) is not null
        ) as c
    ) as e
    order by e.is_after, e.place;
end
$$;

comment on function book.announce_facts(uuid[], uuid[], book.token_history[], book.position_step[]) is
'Puts into event_outbox that facts were booked (added) or voided (removed), and what became of their positions.';
