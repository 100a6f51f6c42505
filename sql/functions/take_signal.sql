-- Locks a signal of a user, so that it can be changed.
create function book.take_signal(owner uuid, signal int)
returns void
language plpgsql
volatile
as $$
declare
    whose public.trading_signals;
begin
    select s.* into whose from public.trading_signals as s where s.id = signal;
    if whose.id is null or whose.user_id <> owner then
        perform book.refuse('not_found', 'id', 'there is no such signal');
    elsif whose.user_id is null then
        perform book.refuse('signal_is_for_everyone', 'id', format(
            'signal %s is for everyone: only the operator changes it', signal
        ));
    end if;
    perform from public.trading_signals as s where s.id = signal for update;
end
$$;

comment on function book.take_signal(uuid, int) is
'Locks a signal of a user until the end of the transaction. Raises not_found (TB007), signal_is_for_everyone (TB037).';
