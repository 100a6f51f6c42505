-- What the user's agents did with a signal that he sees.
--
-- asked: parameters that book.read_parameters has read, with owner.
create function book.executions_of_signal(asked jsonb)
returns setof public.signal_executions
language plpgsql
stable
as $$
declare
    owner constant uuid := asked ->> 'owner';
    signal constant int := asked ->> 'signalId';
begin
    if not exists (
        select from public.trading_signals as s
        where s.id = signal and (s.user_id is null or s.user_id = owner)
    ) then
        perform book.refuse('not_found', 'signal_id', 'there is no such signal');
    end if;
    return query
    select e.*
    from public.signal_executions as e
    where
        e.signal_id = signal
        and e.agent_id = any (array(select a.id from public.agents as a where a.user_id = owner));
end
$$;

comment on function book.executions_of_signal(jsonb) is
'What the user''s agents did with a signal, for a list of api.lists. Raises not_found (TB007) where he sees no such
signal.';
