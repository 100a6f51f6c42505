-- After insert or update, each row: the same token, type and strength of one user within 60 seconds is one signal that
-- was told twice.
--
-- By its own time rather than the clock, so that a history can be brought in. After, so that whose signals one may
-- write is asked first.
create function book.tg_trading_signals__no_duplicate()
returns trigger
language plpgsql
volatile
as $$
declare
    apart constant interval := '60 seconds';
    known int;
begin
    perform book.take_signals_turn(new.user_id);
    known := (
        select min(s.id)
        from public.trading_signals as s
        where
            s.token_address = new.token_address
            and s.created_at > new.created_at - apart
            and s.created_at < new.created_at + apart
            and s.signal_type = new.signal_type
            and s.signal_strength = new.signal_strength
            and s.user_id is not distinct from new.user_id
            and s.id <> new.id
    );
    if known is not null then
        perform book.refuse('signal_duplicate', null, format('signal %s is the same, less than %s before', known, apart));
    end if;
    return null;
end
$$;

comment on function book.tg_trading_signals__no_duplicate() is
'Refuses a signal whose like of the same user is less than 60 seconds away (signal_duplicate, TB035).';
