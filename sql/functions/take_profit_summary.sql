-- How far the take-profit ladders of the open positions of a user's agent are.
create function book.take_profit_summary(owner uuid, agent uuid)
returns api.take_profit_summary
language plpgsql
stable
as $$
begin
    perform book.require_agent(owner, agent);
    return (
        select row(
            count(*),
            count(*) filter (where p.take_profit_levels_done > 0),
            coalesce(sum(p.take_profit_levels_done), 0),
            count(p.moon_bag_amount)
        )::api.take_profit_summary
        from public.agent_positions as p
        where p.agent_id = agent and p.managed and not p.is_dust
    );
end
$$;

comment on function book.take_profit_summary(uuid, uuid) is
'How many open positions of a user''s agent have reached levels of their take-profit ladders. Raises not_found
(TB007).';
