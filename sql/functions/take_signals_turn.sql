-- Takes turns with whoever else makes signals of the same user (NULL: the operator's), so that of two alike at once the
-- second one finds the first. Other users do not wait.
create function book.take_signals_turn(owner uuid)
returns void
language plpgsql
volatile
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('tradebook signals ' || coalesce(owner::text, 'for everyone'), 0));
end
$$;

comment on function book.take_signals_turn(uuid) is
'Waits for whoever else makes signals of that user, NULL the operator''s, until the end of its transaction.';
