-- Removes rows of position_actions that were to be looked at, and have been; those that were put off anew meanwhile
-- stay.
create function book.forget_reviews(due public.position_actions[])
returns void
language plpgsql
volatile
as $$
begin
    delete from public.position_actions as d
    using unnest(due) as k
    where d.id = k.id and d.status = 'pending' and d.decided_at = k.decided_at;
end
$$;

comment on function book.forget_reviews(public.position_actions[]) is
'Removes pending rows of position_actions, but those that were put off anew since they were read.';
