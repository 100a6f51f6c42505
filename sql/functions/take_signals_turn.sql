-- Takes turns with whoever else makes signals of the same user (NULL: the operator's), so that of two alike at once the
-- second one finds the first. Other users do not wait.
--
-- By a lock that only this can take, on the user's row or that of the settings: an advisory one any login could hold.
create function book.take_signals_turn(owner uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if owner is null then
        perform from public.settings as s for no key update;
    elsif book.may_act_for(owner) then
        perform from public.users as u where u.id = owner for no key update;
    end if;
end
$$;

comment on function book.take_signals_turn(uuid) is
'Waits for whoever else makes signals of that user, NULL the operator''s, until the end of its transaction.';
