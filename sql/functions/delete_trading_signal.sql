-- Deletes a signal of a user that no agent acted on.
create function book.delete_trading_signal(owner uuid, signal int)
returns void
language plpgsql
volatile
as $$
begin
    perform book.take_signal(owner, signal);
    delete from public.trading_signals as s where s.id = signal;
end
$$;

comment on function book.delete_trading_signal(uuid, int) is
'Deletes a signal of a user. Raises signal_was_acted_on (TB036), and what book.take_signal raises.';
