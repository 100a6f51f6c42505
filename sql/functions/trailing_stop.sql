-- The price at which a stop-loss sells when the peak has risen so many percent above the average cost. It never falls:
-- known is where it lies already, NULL where nowhere.
create function book.trailing_stop(settings jsonb, rise numeric, held numeric, cost numeric, known numeric)
returns numeric
language plpgsql
immutable
parallel safe
as $$
declare
    -- By itself, so that the quotient becomes a part of the expression that asks.
    target constant numeric := book.stop_loss_target(settings, rise);
begin
    return greatest(
        known,
        -- What its column can hold.
        least(book.round_quotient(cost * (100 + target), 100 * held), 99999999999999999999.999999999999999999)
    );
end
$$;

comment on function book.trailing_stop(jsonb, numeric, numeric, numeric, numeric) is
'The price (SOL per token) at which a stop-loss sells when the peak is so many percent above the average cost of what is
held; known: where it lies already. settings: the stopLoss of a trading config.';
