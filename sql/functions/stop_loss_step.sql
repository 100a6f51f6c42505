-- The next rise of the peak, above one that a stop-loss has seen, from which on it may move the stop; percent of the
-- average cost, as in book.stop_loss_target. NULL: no rise does. That one itself: every rise may.
create function book.stop_loss_step(settings jsonb, rise numeric)
returns numeric
language plpgsql
immutable
parallel safe
as $$
begin
    if settings ->> 'mode' = 'custom' then
        return (
            select min((l.level ->> 'change')::numeric)
            from jsonb_array_elements(settings -> 'trailingLevels') as l (level)
            where (l.level ->> 'change')::numeric > rise
        );
    end if;
    -- Below 20 all others leave it where it began.
    return greatest(rise, 20);
end
$$;

comment on function book.stop_loss_step(jsonb, numeric) is
'The next rise of the peak (percent of the average cost) from which on the stop may move; NULL where none does.
settings: the stopLoss of a trading config.';
