-- How the gain of a historical swap came about, as the HTTP service shows it: report.explain_swap.
--
-- asked: parameters that book.read_parameters has read, with owner.
create function book.explanation_of(asked jsonb)
returns setof api.explanation_lines
language plpgsql
stable
as $$
begin
    if not exists (
        select from public.agent_historical_swaps as s
        where s.id = (asked ->> 'swapId')::uuid and s.user_id = (asked ->> 'owner')::uuid
    ) then
        perform book.refuse('not_found', 'swap_id', 'there is no such historical swap');
    end if;
    return query
    select
        e.line,
        e.section,
        e.what,
        e.transaction_id,
        book.plain_time(e.transaction_time),
        book.plain_number(e.amount),
        book.plain_number(e.value_sol),
        book.plain_number(e.value_usd),
        book.plain_number(e.held_amount),
        book.plain_number(e.held_cost_sol),
        book.plain_number(e.held_cost_usd)
    from report.explain_swap((asked ->> 'swapId')::uuid) as e;
end
$$;

comment on function book.explanation_of(jsonb) is
'How the gain of a historical swap came about: report.explain_swap, for a list of api.lists. Raises not_found (TB007).';
