-- What a user is told after an event, in order: at most so many, and then a row without a kind that says how far this
-- goes, so that what does not concern him is not looked at again.
--
-- kinds: those of event_outbox.kind. An agent narrows transactions, positions and orders to its own, and prices to what
-- it holds; signals are of no agent. Prices are told of SOL and of what the user holds now.
create function book.events_after(owner uuid, agent uuid, kinds text[], after bigint, most int)
returns table (sequence bigint, kind text, document json)
language plpgsql
stable
-- Rows are looked up by their keys, and in their order: a session that came here when the tables were small would go on
-- reading them whole, and one that has a limit would read all that comes after.
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    numbering public.event_numbering;
    page bigint[];
begin
    if agent is not null and not exists (select from public.agents as a where a.id = agent and a.user_id = owner) then
        perform book.refuse('not_found', 'agentId', 'there is no such agent');
    end if;
    -- A stable function sees one moment: the events up to last_sequence are all there.
    select k.* into numbering from public.event_numbering as k;
    if after not between numbering.pruned_sequence and numbering.last_sequence then
        perform book.refuse('events_gone', null, format(
            'the events after %s cannot be told: those from %s on are there, and the newest is %s',
            after,
            numbering.pruned_sequence + 1,
            numbering.last_sequence
        ));
    end if;
    page := array(
        select e.sequence
        from (
            (
                select k.sequence
                from public.events as k
                where
                    -- As rows, which the index of a user's events alone has in this order: where most events are one
                    -- user's, the planner would rather go through everyone's.
                    (k.user_id, k.sequence) > (owner, after)
                    and (k.user_id, k.sequence) <= (owner, numbering.last_sequence)
                    and k.kind = any (kinds)
                    and (agent is null or k.agent_id is null or k.agent_id = agent)
                order by k.user_id, k.sequence
                limit most
            )
            union all
            (
                select k.sequence
                from public.events as k
                where
                    k.user_id is null
                    and k.sequence > after
                    and k.kind = any (kinds)
                    and (
                        k.kind <> 'prices'
                        or k.token_address = book.sol_mint()
                        or exists (
                            select
                            from public.agent_positions as p
                            where
                                p.token_address = k.token_address
                                and p.user_id = owner
                                and (agent is null or p.agent_id = agent)
                        )
                    )
                order by k.sequence
                limit most
            )
        ) as e
        order by e.sequence
        limit most
    );
    return query
    select
        d.id,
        d.kind,
        row_to_json(d)
    from unnest(page) with ordinality as p (number, place)
    -- One by one: a join would be planned for the table as it was, and read all that is the user's.
    cross join lateral (
        select e.* -- noqa: AM04
        from api.events as e
        where e.id = p.number
        offset 0
    ) as d
    order by p.place;
    return query
    select
        case when cardinality(page) = most then page[most] else numbering.last_sequence end,
        null,
        null::json;
end
$$;

comment on function book.events_after(uuid, uuid, text[], bigint, int) is
'A user''s events after one, at most so many, as documents; the last row, without a kind, says how far that goes. Raises
events_gone (TB030) where that one has been removed or never was, not_found (TB007) for an agent that is not his.';
